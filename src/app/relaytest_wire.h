/* app/relaytest_wire.h - how `postern relaytest` finds, checks and reaches the server it tests.
 *
 * Promises: every wait has an end; nothing but this host's own addresses is reached unless the user says that the other is theirs. */
#ifndef APP_RELAYTEST_WIRE_H
#define APP_RELAYTEST_WIRE_H

#include "base/buf.h"
#include "base/ip.h"

#include <sys/types.h>

struct relaytest_peer {
	struct ip ip;
	uint16_t port;
	uint32_t scope; /* of a link-local IPv6 address: the interface */
};

/* "host", "host:25", "192.0.2.1:25", "[2001:db8::1]:25". port: where none is named; 0: one must be. What is wrong is said in *ret_why. */
bool relaytest_find(const char *text, uint16_t port, bool any_host, struct arena *arena, struct relaytest_peer *ret_peer,
		    struct span *ret_why);
bool relaytest_is_own(const struct ip *ip);

/* Milliseconds of a clock that never goes back. */
int64_t relaytest_clock(void);
/* A non-blocking socket, or -1 with errno (ETIMEDOUT when until came first). */
int relaytest_connect(const struct relaytest_peer *peer, int64_t until);
/* One that listens on our end of a connection, at a port that the system chooses; -1 with errno. */
int relaytest_listen(int connection, struct relaytest_peer *ret_at);
/* False with errno; 0: it hung up. */
bool relaytest_send(int socket, struct span bytes, int64_t until);
/* Appends what came. -1 with errno (ETIMEDOUT, or ENOBUFS: more than the buffer may hold), 0: it hung up. */
ssize_t relaytest_receive(int socket, struct buf *in, int64_t until);

#endif
