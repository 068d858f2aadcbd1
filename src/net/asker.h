/* net/asker.h - puts the questions of a round to whoever can answer, all at once, and says when the round is over.
 *
 * DNS questions go to a zone file (--dns) or to the resolver (net/resolver.h); lists and networks to what the owner gives for them. One
 * asker serves one thread and any number of messages at a time, on one event loop. Promises: every question gets an answer by the deadline,
 * if only ANSWER_TIMEOUT; the same question of two messages is sent once; a name that no DNS can hold (empty or long labels) is
 * ANSWER_NXDOMAIN without asking; a resolver that does not answer at all is given up for a while (ANSWER_UNAVAILABLE), so that a dead
 * network costs one deadline and not one a message. Not thread-safe.
 * Owner: the caller; rounds live in the arena they were begun with and must be over before it is reset. */
#ifndef NET_ASKER_H
#define NET_ASKER_H

#include "facts/zone.h"

struct event_base;
struct asker;

/* Answers one kind of question on the spot: fills status, records (in arena) and ttl. */
struct answerer {
	void (*answer)(const void *context, struct arena *arena, struct answer *answer);
	const void *context;
};

enum resolver_kind {
	RESOLVER_NONE,      /* nobody: ANSWER_UNAVAILABLE */
	RESOLVER_SYSTEM,    /* those of /etc/resolv.conf */
	RESOLVER_SERVERS,   /* those of servers */
	RESOLVER_RECURSIVE, /* the root servers and down, with DNSSEC */
};

struct asker_options {
	const struct zone *zone; /* NULL: the resolver */
	enum resolver_kind resolver;
	const struct span *servers; /* RESOLVER_SERVERS: "192.0.2.53", "192.0.2.53@5353" */
	size_t n_servers;
	struct answerer answerers[QUESTION_TYPES]; /* answer NULL: DNS types as above, others UNAVAILABLE */
	uint32_t deadline;                         /* milliseconds from the first question of a message, all its rounds together */
};

struct asker_round {
	struct answers *answers;
	uint32_t from;    /* answers->list.v[from..] were put in this round */
	uint32_t waiting; /* answers still to come */
	void *context;    /* the caller's */
};

/* ERR_IO, ERR_USAGE; then *ret_error (in arena) says what and what to do. base NULL: a loop of its own. */
int asker_new(const struct asker_options *options, struct event_base *base, struct arena *arena, struct asker **ret_asker,
	      struct span *ret_error);
void asker_free(struct asker *asker); /* NULL allowed; no round may be open */

/* Puts every question of questions that has no answer yet into answers (at most LIMIT_QUESTIONS a message; what is beyond is answered
 * UNAVAILABLE) and asks them. NULL: all are answered already, go on. Else a round, in the arena: it will come out of asker_wait. began is
 * clock_microseconds() when the message put its first question. */
struct asker_round *asker_ask(struct asker *asker, const struct questions *questions, struct answers *answers, struct arena *arena,
			      uint64_t began, void *context);
/* The next round that is over; runs the event loop until there is one. NULL when no round is open. */
struct asker_round *asker_wait(struct asker *asker);

#endif
