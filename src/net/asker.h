/* net/asker.h - puts the questions of a round to whoever can answer, all at once, and says when the round is over.
 *
 * DNS questions go to a zone file (--dns), to the resolver (net/resolver.h), or to another process that may ask where this one may not
 * (asker_forward); lists and networks to what the owner gives for them. One
 * asker serves one thread and any number of messages at a time, on one event loop. Promises: every question gets an answer by the deadline,
 * if only ANSWER_TIMEOUT; the same question of two messages is sent once (libunbound sees to that); what the DNS said before is not asked
 * while it holds (net/answer_cache.h); a name that no DNS can hold (empty or
 * long labels) is ANSWER_NXDOMAIN without asking; a resolver that does not answer at all is given up for a while (ANSWER_UNAVAILABLE), so
 * that a dead network costs one deadline and not one a message. What can be answered at once waits for nothing. Not thread-safe.
 * Owner: the caller; rounds live in the arena they were begun with and must be over before it is reset. */
#ifndef NET_ASKER_H
#define NET_ASKER_H

#include "facts/zone.h"
#include "net/resolver.h"

struct event_base;
struct asker;

/* Answers one kind of question on the spot: fills status, records (in arena) and ttl. */
struct answerer {
	void (*answer)(const void *context, struct arena *arena, struct answer *answer);
	const void *context;
};

struct asker_round;

/* Another process asks: put takes the questions of a round there, and asker_answered brings the answers. That process keeps the deadline.
 */
struct asker_forward {
	void (*put)(void *context, struct asker_round *round, const struct questions *questions);
	void *context;
};

struct asker_options {
	const struct zone *zone;       /* NULL: the resolver */
	struct asker_forward forward;  /* put NULL: this process asks */
	bool nobody;                   /* nobody is asked over the network */
	struct resolver_options where; /* else: whom, see net/resolver.h */
	struct answerer
	    answerers[QUESTION_TYPES]; /* answer NULL: DNS types as above; LIST and NETWORK from the zone, or else UNAVAILABLE */
	uint32_t deadline;             /* milliseconds from the first question of a message, all its rounds together */
};

struct asker_round {
	struct answers *answers;
	uint32_t from;    /* answers->list.v[from..] were put in this round */
	uint32_t waiting; /* answers still to come */
	void *context;    /* the caller's */
};

/* One message's wish to know. */
struct asker_call {
	struct answers *answers;
	struct arena *arena;
	uint64_t began;                          /* clock_microseconds() when the message put its first question */
	void (*over)(struct asker_round *round); /* called from asker_take instead of coming out of it; NULL: it comes out */
	struct span unused;                      /* words: nobody is asked over the network, and this is why; span_none: ask */
	void *context;
};

/* ERR_IO, ERR_USAGE; then *ret_error (in arena) says what and what to do. base NULL: a loop of its own. */
int asker_new(const struct asker_options *options, struct event_base *base, struct arena *arena, struct asker **ret_asker,
	      struct span *ret_error);
/* Opens now what would be opened at the first question, for a process that may open nothing later. */
void asker_start(struct asker *asker);
/* Of the messages that ask from now on. */
void asker_set_deadline(struct asker *asker, uint32_t milliseconds);
bool asker_is_idle(const struct asker *asker); /* no round is open */
void asker_free(struct asker *asker);          /* NULL allowed; no round may be open */

/* Puts every question of questions that has no answer yet into call->answers (what is beyond LIMIT_QUESTIONS is answered UNAVAILABLE) and
 * asks them. NULL: all are answered already, go on. Else a round, in the arena: it will come out of asker_wait. */
struct asker_round *asker_ask(struct asker *asker, const struct questions *questions, const struct asker_call *call);
/* Of a forwarded round: its answers; what is not among them is UNAVAILABLE, for the reason answers->unused. The round is over. */
void asker_answered(struct asker_round *round, const struct answers *answers);
/* The next round that is over; runs the event loop until there is one. NULL when no round is open. */
struct asker_round *asker_wait(struct asker *asker);
/* The same, but answers NULL at once when none is over yet. */
struct asker_round *asker_poll(struct asker *asker);
/* The same for whoever runs the event loop himself: only looks. */
struct asker_round *asker_take(struct asker *asker);

#endif
