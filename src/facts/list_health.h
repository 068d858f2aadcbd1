/* facts/list_health.h - is a list to be believed? A state machine over what it answered, told the time by its caller.
 *
 * A list is muted when it fails a control question (RFC 5782 section 5), refuses to serve us, answers what no list answers, lists nearly
 * everything, or does not answer. It comes back by itself: after a while (longer each time in a row) its control questions are put again
 * beside a message's own, and when they are right it is heard again, in that very message. A list without control questions comes back by
 * time alone. Known cases: ORDB (2006) and others listed the whole world once their operators had gone; Spamhaus answers 127.255.255.254
 * to large public resolvers; dnswl.org gives everybody the best note beyond a number of questions.
 * Promises: pure; same events, same state. Not thread-safe: facts/list_book.h is. */
#ifndef FACTS_LIST_HEALTH_H
#define FACTS_LIST_HEALTH_H

#include "base/span.h"

enum list_trouble {
	LIST_WELL,
	LIST_LISTS_INNOCENT, /* a control that must not be listed is */
	LIST_MISSES_TEST,    /* one that must be listed is not */
	LIST_REFUSES,
	LIST_LISTS_ALL,
	LIST_SILENT, /* time-outs and failures */
	LIST_SPENT,  /* its budget of the day */
};

enum list_event {
	LIST_HIT,
	LIST_MISS,
	LIST_REFUSAL,
	LIST_FAILURE,
	LIST_CONTROL_RIGHT,  /* all control questions of one message were answered as they must */
	LIST_CONTROL_LISTED, /* must_not_list was listed */
	LIST_CONTROL_MISSED, /* must_list was not */
};

enum list_leave {
	LIST_ASK,
	LIST_ASK_CONTROLLED, /* with its control questions; without the right answers to them nothing it says counts */
	LIST_MUTED,
};

/* The last different keys, failures in a row; seconds. */
enum { LIST_WINDOW = 256, LIST_FAILURES = 8, LIST_CONTROL_EVERY = 3600, LIST_MUTED_FIRST = 300, LIST_MUTED_LONGEST = 86400 };

struct list_health {
	enum list_trouble trouble;
	int64_t control_at; /* when control questions are due; 0: never asked */
	int64_t muted_for;  /* seconds, last time; 0 when it is well */
	uint32_t failures;  /* in a row */
	uint32_t hits, n;   /* in the window */
	uint64_t keys[LIST_WINDOW];
	bool hit[LIST_WINDOW];
	uint32_t next;
	int64_t day; /* days since 1970 */
	uint32_t asked_today;
};

/* May it be asked at this time? per_day: its budget. has_controls: control questions are declared. ret_trouble: why it is muted. */
enum list_leave list_health_leave(struct list_health *health, uint32_t per_day, bool has_controls, int64_t now,
				  enum list_trouble *ret_trouble);
/* Something happened. key: a hash of what was asked, so that the same question many times is not taken for a list that lists everything. */
void list_health_take(struct list_health *health, enum list_event event, uint64_t key, int64_t now);
const char *list_trouble_says(enum list_trouble trouble); /* "it lists addresses that must not be listed" */

#endif
