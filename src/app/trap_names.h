/* app/trap_names.h - what is known of clients that used a trap: the keeper, which has no network, asks the front, and what cannot be
 * decided without the answer waits for it, but not long.
 *
 *	known = trap_names_find(names, &ip, now)           // NULL: not known; ask, and put what waits aside
 *	trap_names_wait(names, &ip, type, payload, message, now)
 *	trap_names_learn(names, &told, now)                // the answer
 *	while (trap_names_next(names, now, &waiting))      // all that need not wait any more, in the order they came
 *
 * Promises: nothing waits longer than TRAP_NAMES_WAIT; at most TRAP_NAMES_WAITING of them and TRAP_NAMES_BYTES wait, the rest goes on
 * without a name; an answer holds for an hour, "not known" for a minute. Times are clock_microseconds(). Owner: the keeper. */
#ifndef APP_TRAP_NAMES_H
#define APP_TRAP_NAMES_H

#include "app/wire.h"
#include "net/spool.h"

enum { TRAP_NAMES_WAIT = 1000000, TRAP_NAMES_WAITING = 512, TRAP_NAMES_BYTES = 16 * 1024 * 1024, TRAP_NAME_TEXT = 256 };

struct trap_known {
	struct ip ip;
	uint64_t until; /* 0: free */
	enum gate_name name;
	char text[TRAP_NAME_TEXT];
	bool listed, allowed;
};

/* One record that waits. */
struct trap_waiting {
	struct trap_waiting *next;
	struct ip ip;
	uint64_t since;
	enum wire_type type;
	struct spool *message; /* NULL: none */
	size_t n;
	uint8_t payload[];
};

struct trap_names;
struct trap_names *trap_names_new(void);
void trap_names_free(struct trap_names *names); /* NULL allowed */

/* Good until the next trap_names_learn. NULL: not known. */
const struct trap_known *trap_names_find(const struct trap_names *names, const struct ip *ip, uint64_t now);
/* Is something of it waiting, so that what comes now must wait behind it? */
bool trap_names_waits(const struct trap_names *names, const struct ip *ip);
/* False: too much waits already. */
bool trap_names_wait(struct trap_names *names, const struct ip *ip, enum wire_type type, struct span payload, struct spool *message,
		     uint64_t now);
void trap_names_learn(struct trap_names *names, const struct wire_known *known, uint64_t now);
/* Takes it out; the caller gives it to trap_names_done. Whose time is over is not known from then on. */
bool trap_names_next(struct trap_names *names, uint64_t now, struct trap_waiting **ret_waiting);
void trap_names_done(struct trap_waiting *waiting);
/* Does anything wait? */
bool trap_names_busy(const struct trap_names *names);

#endif
