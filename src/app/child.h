/* app/child.h - one process of the service as the master sees it: started, told its settings, waited for, and not started again too soon.
 *
 * Promises: a child has no descriptor but its channel (ROLE_CHANNEL), is gone when the master is, and runs as struct owner says. One that
 * keeps dying is started again at once the first time, then after 1, 2, 4 ... seconds. Owner: the master; one thread. */
#ifndef APP_CHILD_H
#define APP_CHILD_H

#include "app/master.h"
#include "app/owner.h"
#include "app/wire.h"
#include "net/channel.h"

#include <sys/types.h>

struct child {
	const struct role *role;
	pid_t pid;               /* 0: it is not running */
	uint64_t generation;     /* of a worker */
	struct channel *channel; /* of front, keeper and trap; NULL: it has been let go, or is a worker */
	int64_t since, again;    /* when it was started, when it may be again; clock_now() */
	unsigned deaths;         /* one soon after the other */
};

/* Starts it and sends settings, a record WIRE_SETTINGS. The channel, which the caller owns; NULL: nothing was started, or it took none. */
struct channel *child_start(struct child *child, const struct role *role, const struct owner *owner, struct span settings);
/* Whether it is missing and may be started by now. */
bool child_may_start(const struct child *child, int64_t now);
/* A record on its channel, if it has one; fd: passed on as a copy, -1: none. */
void child_tell(struct child *child, enum wire_type type, struct span payload, int fd);
/* Its end of the channel is closed: it ends by itself when it has done what it was told. */
void child_let_go(struct child *child);
/* It ended with status, of waitpid. expected: nobody need be told. */
void child_died(struct child *child, int status, bool expected);

#endif
