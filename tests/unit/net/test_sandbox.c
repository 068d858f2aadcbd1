/* The sandbox holds: what was given up is gone, what was kept works. Each case in a process of its own. */
#include "net/sandbox.h"
#include "tests/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/postern-sandbox-XXXXXX";

enum act { CONNECT, ACCEPT, OPEN_OUTSIDE, OPEN_INSIDE, WRITE_OUTSIDE, SOCKET, EXECUTE, MEMORY, PIPE, LOOK, LOOK_OUTSIDE };

static int given, listening; /* sockets from before */
static struct sockaddr_in there;

static bool can(enum act act)
{
	char path[64];
	struct stat is;
	int fd = -1;
	switch (act) {
	/* by a socket that was there before: nothing it was given leads out either */
	case CONNECT: return connect(given, (struct sockaddr *)&there, sizeof there) == 0 || errno != EPERM;
	case ACCEPT: return accept4(listening, NULL, NULL, SOCK_NONBLOCK) >= 0 || errno == EAGAIN;
	case OPEN_OUTSIDE: fd = open("/etc/passwd", O_RDONLY); break;
	case WRITE_OUTSIDE: fd = open("/tmp/postern-sandbox-outside", O_RDWR | O_CREAT, 0600); break;
	case OPEN_INSIDE:
		snprintf(path, sizeof path, "%s/file", folder);
		fd = open(path, O_RDWR | O_CREAT, 0600);
		break;
	case SOCKET: fd = socket(AF_INET, SOCK_DGRAM, 0); break;
	case EXECUTE: execl("/bin/true", "true", (char *)NULL); break;
	case MEMORY: return malloc(8 * 1024 * 1024) != NULL;
	case LOOK: return fstat(STDERR_FILENO, &is) == 0;
	case LOOK_OUTSIDE: return stat("/etc/passwd", &is) == 0;
	case PIPE: return write(STDERR_FILENO, "", 0) == 0;
	}
	return fd >= 0;
}

/* 0: could not, 1: could, 2: no sandbox here, -1: died of it. */
static int tried(unsigned rights, enum act act)
{
	pid_t child = fork();
	if (child == 0) {
		char why[SANDBOX_WHY_MAX];
		int err = sandbox_enter(rights, rights & SANDBOX_FILES ? folder : NULL, why);
		if (err == ERR_UNSUPPORTED)
			_exit(2);
		_exit(err != 0 ? 3 : can(act));
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? -1 : WEXITSTATUS(status);
}

static void what_was_given_up_is_gone(void **state)
{
	static const struct {
		unsigned rights;
		enum act act;
		int want;
	} cases[] = {
		{ 0, OPEN_OUTSIDE, 0 },
		{ 0, OPEN_INSIDE, 0 },
		{ 0, SOCKET, 0 },
		{ 0, EXECUTE, -1 },
		{ 0, MEMORY, 1 },
		{ 0, PIPE, 1 },
		{ 0, LOOK, 1 },
		{ 0, LOOK_OUTSIDE, 0 },
		{ SANDBOX_NETWORK, LOOK, 1 }, /* a list of addresses came by descriptor: how long is it? */
		{ SANDBOX_NETWORK, LOOK_OUTSIDE, 0 },
		{ SANDBOX_NETWORK, SOCKET, 1 },
		{ SANDBOX_NETWORK, OPEN_OUTSIDE, 0 },
		{ SANDBOX_NETWORK, EXECUTE, -1 },
		{ SANDBOX_NETWORK, CONNECT, 1 },
		{ SANDBOX_ACCEPT, ACCEPT, 1 }, /* the trap lets clients in, */
		{ SANDBOX_ACCEPT, SOCKET, 0 }, /* and nothing of it gets out */
		{ SANDBOX_ACCEPT, CONNECT, 0 },
		{ SANDBOX_ACCEPT, OPEN_OUTSIDE, 0 },
		{ SANDBOX_ACCEPT, WRITE_OUTSIDE, 0 },
		{ SANDBOX_ACCEPT, LOOK_OUTSIDE, 0 },
		{ SANDBOX_ACCEPT, EXECUTE, -1 },
		{ SANDBOX_FILES, OPEN_INSIDE, 1 },
		{ SANDBOX_FILES, OPEN_OUTSIDE, 0 },
		{ SANDBOX_FILES, WRITE_OUTSIDE, 0 },
		{ SANDBOX_FILES, SOCKET, 0 },
	};
	(void)state;
	if (tried(0, PIPE) == 2)
		skip();
	for (size_t i = 0; i < COUNT(cases); i++) {
		int got = tried(cases[i].rights, cases[i].act);
		if (got != cases[i].want)
			print_error("case %zu: got %d, want %d\n", i, got, cases[i].want);
		assert_int_equal(got, cases[i].want);
	}
}

static void says_what_is_left(void **state)
{
	struct arena arena;
	struct buf out;
	(void)state;
	arena_init(&arena);
	buf_init(&out, &arena, SIZE_MAX);
	sandbox_explain(0, &out);
	assert_true(span_has(buf_span(&out), SPAN("no sockets")));
	assert_true(span_has(buf_span(&out), SPAN("no files (Landlock")));
	assert_false(span_has(buf_span(&out), SPAN("openat")));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_given_up_is_gone),
		cmocka_unit_test(says_what_is_left),
	};
	if (!mkdtemp(folder))
		return 1;
	socklen_t n = sizeof there;
	there = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	given = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (given < 0 || listening < 0 || bind(listening, (struct sockaddr *)&there, sizeof there) != 0 || listen(listening, 8) != 0 ||
	    getsockname(listening, (struct sockaddr *)&there, &n) != 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	char path[64];
	snprintf(path, sizeof path, "%s/file", folder);
	unlink(path);
	rmdir(folder);
	return failed;
}
