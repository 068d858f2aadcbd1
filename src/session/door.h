/* session/door.h - where clients come in: listens, counts, makes a session of each connection, and lets go of all of them at the end.
 *
 * The descriptors come bound from the master; nothing is bound here. A unix socket, and only that, is trusted: who may open it is a matter
 * of its file mode. When there are as many connections as the settings allow, or no descriptors are left, the next ones wait in the
 * kernel's queue until one ends; and the oldest that only waits for its client is given up, for somebody who holds connections and says
 * nothing must not keep all others out. Sockets of datagrams have no connections: those of the DNS zone are its session's
 * (dns_zone_session.h). Owner: the doors own their listeners and sessions. One event loop, one thread. */
#ifndef SESSION_DOOR_H
#define SESSION_DOOR_H

#include "base/err.h"
#include "session/handlers.h"

struct event_base;
struct doors;
struct session;

/* The process ignores SIGPIPE from now on. */
struct doors *doors_new(struct event_base *base, const struct session_handlers *handlers, const struct session_settings *settings);
/* After a reload. The settings are borrowed until others come; no session keeps a part of them from one call to the next. */
void doors_configure(struct doors *doors, const struct session_settings *settings);
/* Listens; fd is taken over. ERR_IO. */
int doors_open(struct doors *doors, enum session_door door, int fd);
/* A client that is there already; fd is taken over. */
void doors_enter(struct doors *doors, enum session_door door, int fd, bool trusted);
/* Gives its listeners back, before others are opened: who comes meanwhile waits in the kernel's queue of a socket that master keeps. */
void doors_unlisten(struct doors *doors);
/* Nobody comes in any more; those inside go on. */
void doors_shut(struct doors *doors);
uint64_t doors_given_up(const struct doors *doors); /* so far, because all places were taken */
uint32_t doors_connections(const struct doors *doors);
bool doors_crowded(const struct doors *doors); /* seven of eight places are taken: nobody may be waited for as long as usual */
uint32_t doors_connections_of(const struct doors *doors, enum session_door door); /* counts them: for who asks now and then */
/* Behind doors_shut, now and then until it is 0: says goodbye to who is in the middle of nothing. How many there are to whom that was said
 * now, or who are not to be disturbed yet. last: nobody will be waited for any more. */
uint32_t doors_part(struct doors *doors, bool last);
/* Every conversation ends where it is; what they had asked for is cancelled. */
void doors_free(struct doors *doors);

/* For the sessions. */

struct doors {
	struct event_base *base;
	const struct session_handlers *handlers;
	const struct session_settings *settings;
	struct listener *listeners;
	struct session *sessions, *oldest;
	uint32_t connections;
	uint64_t given_up;
	bool shut;
	struct event *again; /* a listener that met an error is tried again */
	struct message_memory *spare;
	struct dns_zone_clients *dns; /* NULL: nobody asked yet */
	struct session *seat;         /* one that is free, of seat_bytes: who is sent away at once costs no memory of its own */
	size_t seat_bytes;
	const struct sockaddr *caller; /* who is being let in, as accept told; NULL: nobody, or it did not */
	int caller_bytes;
};

/* Memory of a session, all zero. */
struct session *doors_seat(struct doors *doors, size_t bytes);
void doors_unseat(struct session *session);

/* One more connection that is in, one less. */
void doors_join(struct session *session);
void doors_leave(struct session *session);

/* Memory of one message, lent while it is under way: 5,000 idle connections need none, and a busy door asks the system for none. */
struct message_memory {
	struct arena arena;
	struct message_memory *next;
};
struct message_memory *doors_lend(struct doors *doors);
void doors_give_back(struct doors *doors, struct message_memory *memory); /* NULL allowed */

#endif
