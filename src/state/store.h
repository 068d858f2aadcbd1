/* state/store.h - what is remembered of decisions: case files, the content ring, the quarantine; one interface for keeper and commands.
 *
 *	cases.sqlite   case files, found by id, address, words of the subject, verdict, evidence, time, client (cases.h)
 *	content/       messages of the last days, compressed and encrypted; the key is content.key (ring.h)
 *	quarantine/    messages held, a file each, with their case: whole even if all else is lost (quarantine.h)
 *
 * Promises: what is added is kept once store_commit has returned, whoever is killed then, its content too; what goes into quarantine is on
 *the disk when store_add returns, power lost or not. Many cases share a transaction, so that one costs little. Several processes may have
 *it open, to read and to write. A damaged database is set aside and a new one begun; what is held in quarantine is found anew. A full disk
 *loses case files, which is counted, and never blocks. Never shows one recipient's mail to another: with a recipient, only mail to that one
 *is found, and no other recipient is named. Does not: look at the clock, start threads, print.
 *
 * Owner: the caller owns the handle until store_close; one handle, one thread, opened after fork.
 * Failures: 0 or a negative enum err as each function says; store_why then gives a sentence for the user. */
#ifndef STATE_STORE_H
#define STATE_STORE_H

#include "base/err.h"
#include "verdict/casefile.h"

struct store;

enum store_mode {
	STORE_READ,
	STORE_WRITE, /* makes the folder and what belongs into it */
};

struct store_options {
	enum store_mode mode;
	int32_t history_days;   /* case files, and what is held, are older: store_expire drops them; 0: never */
	int32_t content_days;   /* the same of the ring; 0: there is none */
	uint64_t content_bytes; /* of the ring: the oldest goes first */
	int64_t now;            /* Unix seconds, for the names of what is set aside */
};

enum { STORE_WHY_MAX = 1024 };

/* ERR_NOT_FOUND: nothing was kept there yet (READ). ERR_UNSUPPORTED: of a newer build, or not ours. ERR_IO. ret_why is written on failure,
 * and when a damaged database was set aside; else it is empty. */
int store_open(const char *folder, const struct store_options *options, char ret_why[STORE_WHY_MAX], struct store **ret_store);
void store_close(struct store *store); /* NULL allowed; commits */
/* After a reload: days and bytes. */
void store_set_bounds(struct store *store, const struct store_options *options);

struct store_entry {
	struct span record;              /* casefile_write */
	struct span content;             /* the message; empty: not at hand, not kept */
	bool hold;                       /* in quarantine, for the recipients that the case says were withheld */
	const struct casefile *casefile; /* what record says, where that was read already; NULL: it is read here */
};
/* 0: it is taken (and of what is held: on the disk). ERR_SYNTAX: no case file. ERR_IO: it is lost, and counted; others added since the
 * last commit may be too. What cannot go into the ring is counted, and no failure. */
int store_add(struct store *store, const struct store_entry *entry);
/* Ends the transaction: others see what was added. Every few milliseconds, and when nothing else is to be done. */
int store_commit(struct store *store);

enum store_held { STORE_NOT_HELD, STORE_HELD, STORE_RELEASED, STORE_DELETED };
enum store_learned { STORE_NOT_LEARNED, STORE_LEARNED_HAM, STORE_LEARNED_SPAM };

struct store_case {
	struct casefile casefile;
	enum store_held held;
	int64_t held_time; /* Unix seconds: of the release or deletion */
	enum store_learned learned;
	int64_t learned_time;
};

/* recipient: only for their eyes; span_none: for the administrator's. The case lives in the arena. ERR_NOT_FOUND: no such case, or none of
 * that recipient's. ERR_SYNTAX, ERR_UNSUPPORTED: its record cannot be read. */
int store_find(struct store *store, struct span id, struct span recipient, struct arena *arena, struct store_case *ret_case);
/* The message, from the ring or from quarantine. ERR_NOT_FOUND: it is not kept any longer, or never was. */
int store_content(struct store *store, struct span id, struct arena *arena, struct span *ret_content);

/* All that is set must be so. */
struct store_query {
	struct span recipient; /* only their mail, only for their eyes; span_none: all */
	struct span address;   /* "a@example.org", or "example.org" of all its addresses: sender, author or recipient; span_none: any */
	struct span subject;   /* words, in any order; span_none: any */
	struct span evidence;  /* an id: "from.own_domain"; span_none: any */
	bool has_verdict, has_net;
	enum verdict_action verdict;
	struct ip_net net;    /* of the client or the origin */
	int64_t since, until; /* of arrival, Unix seconds, until not included; CLOCK_NONE: any */
	bool held;            /* in quarantine now */
	bool oldest_first;
	uint32_t limit; /* 0: all */
};
/* Calls each for every case, the newest first, until it returns false; a case is good until it returns. Records that cannot be read are
 * left out, and counted. ERR_IO, ERR_SYNTAX: the database. */
int store_search(struct store *store, const struct store_query *query, bool (*each)(void *context, const struct store_case *found),
		 void *context, uint64_t *ret_unreadable);

/* ERR_NOT_FOUND: no such case. Visible at once. */
int store_mark_learned(struct store *store, struct span id, enum store_learned learned, int64_t now);
/* The message leaves the quarantine: released (it was delivered) or deleted. ERR_NOT_FOUND: it is not held. */
int store_end_hold(struct store *store, struct span id, enum store_held as, int64_t now);

/* Drops some of what is too old; again while *ret_more. */
int store_expire(struct store *store, int64_t now, bool *ret_more);

struct store_status {
	uint64_t cases;
	int64_t oldest, newest; /* Unix seconds; CLOCK_NONE when there is none */
	uint64_t database_bytes;
	uint64_t content_bytes;    /* on the disk */
	uint64_t held, held_bytes; /* on the disk */
	uint64_t lost_cases;       /* by this handle: could not be written */
	uint64_t lost_content;
	uint64_t set_aside; /* by this handle: damaged databases */
};
void store_status(struct store *store, struct store_status *ret_status);
/* The sentence of the last failure of this handle. */
const char *store_why(const struct store *store);

#endif
