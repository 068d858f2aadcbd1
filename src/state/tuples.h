/* state/tuples.h - hot state: small records found by kind and key, shared by all processes: reputation, greylist, correspondents, releases.
 *
 * One record has one shape for all kinds: when it was first and last seen, and two counters; a table says what they count, how fast they
 * fade (half-life) and how long a record lives. So a shared engine (Redis: HINCRBY, EXPIRE) can take this interface over; here it is LMDB.
 *
 * Promises: time is passed in, counters fade in integers: the same calls give the same numbers on every machine. Readers never wait and,
 * once open, open no file and need no call beyond memory: a sandbox may close behind them. What was committed survives kill -9; loss of
 * power may take the last commits back, whole. Over the bound the records nearest their end go first. On a full disk writing fails softly:
 * what was not committed is lost and counted, and reading goes on.
 * Does not: look at the clock, print, or say what a number means for a message.
 *
 * Owner: the caller owns the handle; one handle, one thread, opened after fork. One process should hold only one handle of a folder
 * (LMDB). Writers of several processes wait for each other from the first change to tuples_commit: commit often. */
#ifndef STATE_TUPLES_H
#define STATE_TUPLES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/ip.h"

struct tuples;

/* New ones at the end: they are part of the keys that are kept. */
enum tuple_kind {
	TUPLE_ADDRESS,       /* key: 16 bytes of struct ip; counters: good, spam */
	TUPLE_NETWORK,       /* tuples_network: the /24 or /64; the same */
	TUPLE_AS,            /* decimal digits; the same */
	TUPLE_DOMAIN,        /* of the sender, in lower case; the same */
	TUPLE_DKIM_DOMAIN,   /* that signed; the same */
	TUPLE_GREYLIST,      /* whoever is responsible has come again (gate/greylist.h); counter: messages that did */
	TUPLE_CORRESPONDENT, /* tuples_key of own user and outside address, in lower case; counter: messages to it */
	TUPLE_RELEASED,      /* tuples_released_key; counter: how often it may pass */
	TUPLE_TRIED,         /* greylist_tried_key; counter: how often it was put off */
	TUPLE_SERVER,        /* 16 bytes of struct ip: it brings mail of people whom one's own users write to; counter: messages */
	TUPLE_PROBE,         /* a collecting address, in lower case: one of its probes was let go; counter: how often */
	TUPLE_KINDS
};

enum { TUPLE_GOOD, TUPLE_SPAM, TUPLE_COUNTERS, TUPLE_ONE = 1000 }; /* counters are thousandths, so that they can fade */

struct tuple {
	int64_t first, last;              /* Unix seconds */
	uint64_t counter[TUPLE_COUNTERS]; /* as of last */
};

enum tuples_mode {
	TUPLES_READ,
	TUPLES_WRITE, /* makes it; a damaged one is set aside */
};

enum { TUPLES_WHY_MAX = 1024, TUPLES_KEY_MAX = 480 };

/* folder/tuples. bytes: the bound, at least 1 MB, the same for all who open it; now: for the name of what is set aside. ERR_NOT_FOUND:
 * nothing is there yet (READ). ERR_SYNTAX: damaged (READ). ERR_IO. ret_why is written on failure, and when one was set aside; else it is
 * empty. */
int tuples_open(const char *folder, enum tuples_mode mode, uint64_t bytes, int64_t now, char ret_why[TUPLES_WHY_MAX],
		struct tuples **ret_tuples);
void tuples_close(struct tuples *tuples); /* NULL allowed; commits */

/* As faded until now. ERR_NOT_FOUND: never seen, or its life is over. Sees what this handle changed, committed or not. */
int tuples_get(struct tuples *tuples, enum tuple_kind kind, struct span key, int64_t now, struct tuple *ret_tuple);
/* Adds to the counters, faded first; makes it when there is none. ret_tuple may be NULL. ERR_IO; ERR_LIMIT: the key is too
 * long, or there is no room for another record until some are expired. */
int tuples_add(struct tuples *tuples, enum tuple_kind kind, struct span key, int64_t now, const uint64_t by[TUPLE_COUNTERS],
	       struct tuple *ret_tuple);
/* As it is, in place of what was there. */
int tuples_put(struct tuples *tuples, enum tuple_kind kind, struct span key, const struct tuple *tuple);
/* ERR_NOT_FOUND */
int tuples_drop(struct tuples *tuples, enum tuple_kind kind, struct span key);
/* Others see what was changed. ERR_IO: the changes since the last commit are lost, and counted. */
int tuples_commit(struct tuples *tuples);
/* Drops some records whose life is over, and of what is over the bound; again while *ret_more. Commits. */
int tuples_expire(struct tuples *tuples, int64_t now, bool *ret_more);

struct tuples_status {
	uint64_t records, bytes; /* in use; bound is what tuples_open was told */
	uint64_t bound;
	uint64_t lost;             /* changes of this handle that could not be written */
	uint64_t expired, evicted; /* by this handle: at the end of their life; before it, for room */
	uint64_t set_aside;
};
void tuples_status(struct tuples *tuples, struct tuples_status *ret_status);
const char *tuples_why(const struct tuples *tuples);

/* keys */
struct span tuples_network(const struct ip *ip, struct arena *arena);
/* Parts of a key, put together so that no two lists of parts give the same; in lower case. */
struct span tuples_key(struct arena *arena, const struct span *parts, size_t n);
/* Of TUPLE_RELEASED. */
struct span tuples_released_key(struct arena *arena, struct span fingerprint, struct span recipient);

#endif
