/* app/listen.c - see listen.h */
#include "app/listen.h"
#include "base/buf.h"
#include "base/err.h"
#include "net/socket_address.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024, SYSTEMD_FIRST = 3 };

/* A socket file that a killed process left behind is in the way; one that somebody listens to is not ours to take. */
static void remove_stale(const struct settings_address *at, const struct sockaddr_storage *address, socklen_t n)
{
	const char *path = (const char *)at->path.p;
	struct stat st;
	if (!path || lstat(path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)address, n) != 0 && errno == ECONNREFUSED)
		unlink(path);
	if (fd >= 0)
		close(fd);
}

/* The descriptor, or -1 and errno. */
static int bind_one(const struct settings_address *to, int type)
{
	struct sockaddr_storage address;
	socklen_t n = socket_address(to, &address);
	if (n == 0) {
		errno = ENAMETOOLONG;
		return -1;
	}
	remove_stale(to, &address, n);
	int fd = socket(address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	if (fd < 0)
		return -1;
	if (type == SOCK_STREAM) /* else another process could take our questions */
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (address.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(fd, (const struct sockaddr *)&address, n) != 0 || (type == SOCK_STREAM && listen(fd, BACKLOG) != 0)) {
		int saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	/* a mail server runs as another user; whoever may reach the folder may talk */
	if (to->path.p)
		chmod((const char *)to->path.p, 0666);
	return fd;
}

static bool same(const struct settings_address *a, const struct settings_address *b)
{
	return span_eq(a->path, b->path) && (a->path.p || (ip_eq(&a->ip, &b->ip) && a->port == b->port));
}

static const struct listener *find(const struct listeners *in, const struct listener *one)
{
	for (size_t i = 0; in && i < in->n; i++)
		if (in->v[i].door == one->door && in->v[i].type == one->type && in->v[i].fd >= 0 && same(&in->v[i].address, &one->address))
			return &in->v[i];
	return NULL;
}

/* sd_listen_fds(3): LISTEN_PID is us, LISTEN_FDS many from 3 on, LISTEN_FDNAMES with colons between. */
static unsigned from_systemd(enum session_door door, struct listeners *ret)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
	uint64_t n_pid, n;
	unsigned found = 0;
	if (!pid || !count || !names || !span_to_uint(span_cstr(pid), INT32_MAX, &n_pid) || (pid_t)n_pid != getpid() ||
	    !span_to_uint(span_cstr(count), 64, &n))
		return 0;
	struct span left = span_cstr(names), name;
	for (int fd = SYSTEMD_FIRST; fd < SYSTEMD_FIRST + (int)n && span_split(&left, ':', &name); fd++) {
		if (!span_eq(name, span_cstr(session_door_name(door))) || found == LIMIT_LISTEN)
			continue;
		int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (own >= 0)
			ret->v[ret->n++] = (struct listener){ .door = door, .fd = own };
		found += own >= 0;
	}
	return found;
}

static int open_all(enum session_door door, int type, const struct settings_listen *where, const struct listeners *before,
		    struct arena *arena, struct listeners *ret, struct span *ret_error)
{
	for (size_t i = 0; i < where->n; i++) {
		struct listener one = { .door = door, .type = type, .address = where->v[i] };
		const struct listener *old = find(before, &one);
		if (type == SOCK_DGRAM && one.address.path.p)
			continue;
		one.fd = old ? fcntl(old->fd, F_DUPFD_CLOEXEC, 0) : bind_one(&one.address, type);
		if (one.fd < 0) {
			int saved = errno;
			struct span says = listen_says(&one, arena);
			*ret_error = arena_printf(arena, "cannot listen for %.*s: %s", SPAN_ARG(says), strerror(saved));
			return ERR_IO;
		}
		ret->v[ret->n++] = one;
	}
	return ERR_OK;
}

static int open_door(enum session_door door, const struct settings_listen *where, const struct listeners *before, struct arena *arena,
		     struct listeners *ret, struct span *ret_error)
{
	if (from_systemd(door, ret))
		return ERR_OK;
	int err = open_all(door, SOCK_STREAM, where, before, arena, ret, ret_error);
	return err == 0 && door == DOOR_DNS ? open_all(door, SOCK_DGRAM, where, before, arena, ret, ret_error) : err;
}

int listen_open(const struct settings *settings, const struct listeners *before, struct arena *arena, struct listeners *ret,
		struct span *ret_error)
{
	const struct settings_listen *where[DOORS] = {
		[DOOR_MILTER] = &settings->listen_milter, [DOOR_SPAMD] = &settings->listen_spamd, [DOOR_HTTP] = &settings->listen_http,
		[DOOR_POLICY] = &settings->listen_policy, [DOOR_SMTP] = &settings->listen_smtp,   [DOOR_LMTP] = &settings->listen_lmtp,
		[DOOR_TRAP] = &settings->listen_trap,     [DOOR_DNS] = &settings->listen_dns
	};
	struct listeners opened = { .n = 0 };
	for (unsigned door = 0; door < DOORS; door++) {
		int err = open_door((enum session_door)door, where[door], before, arena, &opened, ret_error);
		if (err != 0) {
			listen_close(&opened);
			return err;
		}
	}
	*ret = opened;
	return ERR_OK;
}

void listen_close(struct listeners *listeners)
{
	for (size_t i = 0; i < listeners->n; i++)
		close(listeners->v[i].fd);
	listeners->n = 0;
}

struct span listen_says(const struct listener *listener, struct arena *arena)
{
	struct sockaddr_storage address;
	socklen_t n = sizeof address;
	struct ip ip;
	struct settings_address shown = listener->address;
	struct buf out;
	if (!shown.path.p && shown.port == 0 && listener->fd >= 0 && getsockname(listener->fd, (struct sockaddr *)&address, &n) == 0)
		socket_address_ip(&address, &ip, &shown.port);
	buf_init(&out, arena, SIZE_MAX);
	buf_cstr(&out, session_door_name(listener->door));
	buf_cstr(&out, listener->type == SOCK_DGRAM ? " (UDP) on " : " on ");
	settings_address_put(&shown, &out);
	return buf_span(&out);
}
