/* app/child.c - see child.h */
#include "app/child.h"
#include "app/say.h"
#include "base/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CHANNEL_QUEUE = 16 * 1024 * 1024,
	SEND_MS = 5000,  /* a child that does not take its settings in that time is not alive */
	PAUSE_MOST = 30, /* seconds before a child that keeps dying is started again */
	STEADY = 10,     /* seconds after which a child is no longer one that keeps dying */
};

static void become(const struct role *role, const struct owner *owner, int fd)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody is left behind without a master */
	if (fd != ROLE_CHANNEL && dup2(fd, ROLE_CHANNEL) < 0)
		_exit(EXIT_TROUBLE);
	fcntl(ROLE_CHANNEL, F_SETFD, 0);
	close_range(ROLE_CHANNEL + 1, ~0u, 0);
	if (!owner_become(owner))
		_exit(EXIT_TROUBLE);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of user took it back */
	execl("/proc/self/exe", "postern", "serve", "--role", role->name, (char *)NULL);
	_exit(EXIT_TROUBLE);
}

struct channel *child_start(struct child *child, const struct role *role, const struct owner *owner, struct span settings)
{
	int fds[2];
	child->since = clock_now();
	child->role = role;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return NULL;
	pid_t pid = fork();
	if (pid == 0)
		become(role, owner, fds[1]);
	close(fds[1]);
	struct channel *channel = channel_new(fds[0], CHANNEL_QUEUE);
	if (pid < 0 || channel_send(channel, WIRE_SETTINGS, 0, settings, NULL, -1) != 0) {
		channel_free(channel);
		return NULL;
	}
	while (channel_flush(channel) == 1 && poll(&(struct pollfd){ fds[0], POLLOUT, 0 }, 1, SEND_MS) > 0)
		;
	child->pid = pid;
	return channel;
}

bool child_may_start(const struct child *child, int64_t now) { return !child->pid && now >= child->again; }

void child_tell(struct child *child, enum wire_type type, struct span payload, int fd)
{
	if (child->channel)
		channel_send(child->channel, (uint8_t)type, 0, payload, NULL, fd);
}

void child_let_go(struct child *child)
{
	channel_free(child->channel);
	child->channel = NULL;
}

void child_died(struct child *child, int status, bool expected)
{
	int64_t now = clock_now(), lived = now - child->since;
	bool asked = WIFEXITED(status) && WEXITSTATUS(status) == 0; /* the other end of its channel went first */
	child->deaths = lived > STEADY || expected || asked ? 0 : child->deaths + 1;
	int64_t pause = child->deaths < 2 ? 0 : child->deaths > 6 ? PAUSE_MOST : 1 << (child->deaths - 2);
	child->again = now + pause;
	if (!expected && !asked)
		say(LOG_WARNING, "child", "%s %d ended with %s %d%s", child->role->name, (int)child->pid,
		    WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
		    pause ? "; it is started again in a while" : "");
	child->pid = 0;
	child_let_go(child);
}
