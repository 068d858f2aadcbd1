/* net/sandbox.c - see sandbox.h. One table of system calls, by what they are for; the filter and the explanation read it. */
#include "net/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What newer kernels know and this header does not; the kernel is asked which of them it understands. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#define ACCESS_FS_TRUNCATE (1ULL << 14)
#define ACCESS_FS_IOCTL_DEV (1ULL << 15)
#define ACCESS_NET_TCP ((1ULL << 0) | (1ULL << 1))
#define SCOPE_ALL ((1ULL << 0) | (1ULL << 1))

struct call_group {
	unsigned rights; /* any of them grants it; 0: always */
	const char *says;
	const char *calls; /* blank-separated */
};

static const struct call_group groups[] = {
	{ 0, "use the descriptors it was given",
	  "read readv write writev recvmsg sendmsg recvfrom sendto close fcntl fstat lseek poll ppoll dup pread64 preadv" },
	{ 0, "use memory, without making any of it executable", "brk munmap mremap madvise futex" },
	{ 0, "read clocks, draw random numbers, sleep, end",
	  "clock_gettime clock_getres gettimeofday time nanosleep clock_nanosleep getrandom exit exit_group rt_sigreturn rt_sigaction "
	  "rt_sigprocmask sigaltstack restart_syscall getpid gettid getuid geteuid getgid getegid getppid tgkill sched_yield "
	  "sched_getaffinity sysinfo uname set_robust_list rseq membarrier getrusage" },
	{ SANDBOX_NETWORK, "make sockets and connect them", "socket socketpair connect bind sendmmsg recvmmsg" },
	{ SANDBOX_NETWORK | SANDBOX_ACCEPT, "let clients in, and wait for many peers at once",
	  "listen accept accept4 shutdown getsockname getpeername getsockopt setsockopt "
	  "epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd2 timerfd_create timerfd_settime select pselect6 pipe2 ioctl" },
	{ SANDBOX_NETWORK | SANDBOX_ACCEPT | SANDBOX_FILES, "keep messages in sealed memory", "memfd_create ftruncate" },
	{ SANDBOX_FILES, "read and write files below its own folder",
	  "open openat stat lstat newfstatat statx statfs fstatfs access faccessat faccessat2 mkdir mkdirat unlink unlinkat rename "
	  "renameat "
	  "renameat2 rmdir getdents64 pwrite64 pwritev fsync fdatasync sync_file_range fallocate flock ftruncate truncate fchmod chmod "
	  "msync readlink readlinkat getcwd umask fadvise64 epoll_create1 epoll_ctl epoll_wait link linkat fchown" },
};

/* Nobody honest among us ever calls these: whoever does has been taken over. */
static const char deadly[] = "execve execveat ptrace process_vm_readv process_vm_writev mount umount2 bpf kexec_load init_module "
			     "finit_module delete_module pivot_root chroot setuid setgid unshare setns keyctl perf_event_open userfaultfd";

static bool next_call(const char **list, char name[40])
{
	size_t n = strcspn(*list, " ");
	if (n == 0 || n >= 40)
		return false;
	memcpy(name, *list, n);
	name[n] = '\0';
	*list += n + ((*list)[n] == ' ');
	return true;
}

/* Names that this machine's architecture does not have are left out. */
static int add_calls(scmp_filter_ctx filter, uint32_t action, const char *list)
{
	char name[40];
	while (next_call(&list, name)) {
		int number = seccomp_syscall_resolve_name(name);
		if (number < 0)
			continue;
		int err = seccomp_rule_add(filter, action, number, 0);
		if (err != 0 && err != -EEXIST)
			return err;
	}
	return 0;
}

/* mmap and mprotect, but never for running what was written. */
static int add_memory(scmp_filter_ctx filter)
{
	int err = 0;
	for (int i = 0; i < 2 && err == 0; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, i ? SCMP_SYS(mprotect) : SCMP_SYS(mmap), 1,
				       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return err;
}

/* fstat, as the C library says it nowadays: newfstatat(fd, "", ..., AT_EMPTY_PATH). Who names a file after all learns that it exists. */
static int add_look(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1, SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH));
}

static int enter_seccomp(unsigned rights)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!filter)
		return -ENOMEM;
	int err = add_memory(filter);
	if (err == 0 && !(rights & SANDBOX_FILES)) /* which may stat anyway */
		err = add_look(filter);
	for (size_t i = 0; i < sizeof groups / sizeof *groups && err == 0; i++)
		if (groups[i].rights == 0 || groups[i].rights & rights)
			err = add_calls(filter, SCMP_ACT_ALLOW, groups[i].calls);
	if (err == 0)
		err = add_calls(filter, SCMP_ACT_KILL_PROCESS, deadly);
	if (err == 0)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

/* As newer headers have it. */
struct ruleset {
	uint64_t fs, net, scoped;
};

static uint64_t known_fs(long abi)
{
	uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
	return all | (abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0) | (abi >= 3 ? ACCESS_FS_TRUNCATE : 0) | (abi >= 5 ? ACCESS_FS_IOCTL_DEV : 0);
}

static bool allow_folder(int ruleset, const char *folder, long abi)
{
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = known_fs(abi) & ~(uint64_t)(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
							      LANDLOCK_ACCESS_FS_MAKE_BLOCK | ACCESS_FS_IOCTL_DEV),
		.parent_fd = open(folder, O_PATH | O_CLOEXEC),
	};
	if (beneath.parent_fd < 0)
		return false;
	long err = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	close(beneath.parent_fd);
	return err == 0;
}

/* 0: it holds; 1: this kernel has none; -1: errno. */
static int enter_landlock(unsigned rights, const char *folder)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1)
		return 1;
	struct ruleset rules = {
		.fs = known_fs(abi),
		.net = abi >= 4 && !(rights & SANDBOX_NETWORK) ? ACCESS_NET_TCP : 0,
		.scoped = abi >= 6 ? SCOPE_ALL : 0,
	};
	size_t size = abi >= 6 ? sizeof rules : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (ruleset < 0)
		return -1;
	bool ok = !(rights & SANDBOX_FILES) || allow_folder(ruleset, folder, abi);
	ok = ok && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	int saved = errno;
	close(ruleset);
	errno = saved;
	return ok ? 0 : -1;
}

static int say(char why[SANDBOX_WHY_MAX], int err, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int say(char why[SANDBOX_WHY_MAX], int err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(why, SANDBOX_WHY_MAX, format, args);
	va_end(args);
	return err;
}

/* What is forbidden, tried. */
static const char *gap(unsigned rights)
{
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
		return "a file could still be opened";
	}
	fd = rights & SANDBOX_NETWORK ? -1 : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		close(fd);
		return "a socket could still be made";
	}
	if (!(rights & SANDBOX_NETWORK) && (connect(-1, NULL, 0) == 0 || errno != EPERM))
		return "connect could still be called";
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page != MAP_FAILED) {
		munmap(page, 4096);
		return "memory could still be made executable";
	}
	return NULL;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

int sandbox_enter(unsigned rights, const char *folder, char why[SANDBOX_WHY_MAX])
{
	if (SANITIZED)
		return say(why, ERR_UNSUPPORTED, "no sandbox: this build has sanitizers, which open files of their own");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return say(why, ERR_IO, "no_new_privs failed: %s", strerror(errno));
	int landlock = enter_landlock(rights, folder);
	if (landlock < 0)
		return say(why, ERR_IO, "Landlock failed%s%s: %s", folder ? " for " : "", folder ? folder : "", strerror(errno));
	int err = enter_seccomp(rights);
	if (err == -ENOSYS || err == -EINVAL)
		return say(why, ERR_UNSUPPORTED, "no sandbox: this kernel has no seccomp filters");
	if (err != 0)
		return say(why, ERR_IO, "seccomp failed: %s", strerror(-err));
	const char *left = gap(rights);
	if (left)
		return say(why, ERR_IO, "the sandbox does not hold: %s", left);
	return say(why, ERR_OK, landlock == 0 ? "seccomp and Landlock" : "seccomp; this kernel has no Landlock");
}

void sandbox_explain(unsigned rights, struct buf *out)
{
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (groups[i].rights == 0 || groups[i].rights & rights)
			buf_printf(out, "  may %s\n    %s\n", groups[i].says, groups[i].calls);
	buf_cstr(out, "    mmap mprotect (but for PROT_EXEC)\n");
	if (!(rights & SANDBOX_NETWORK))
		buf_cstr(out, rights & SANDBOX_ACCEPT ? "  no sockets but those it was given, and no connect\n" : "  no sockets\n");
	buf_cstr(out, rights & SANDBOX_FILES ? "  no files but those below data_directory (Landlock)\n"
					     : "  no files (Landlock, and no open)\n");
	buf_printf(out, "  ends at once on: %s\n  everything else fails with EPERM\n", deadly);
}
