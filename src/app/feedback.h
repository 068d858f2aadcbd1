/* app/feedback.h - when the label of a judged message is told to the learner: the feedback models of the TREC spam track.
 *
 *	immediate   before the next message is judged
 *	delay:N     after N further messages were judged; those of the last N messages never arrive. delay:0 is immediate
 *	first:N     immediately for the first N messages, then never
 *	none        never
 *
 * Promises: labels arrive in the order of their messages; at most N + 1 lessons wait.
 * Owner: the queue owns the lessons that wait in it; whoever takes one owns it. */
#ifndef APP_FEEDBACK_H
#define APP_FEEDBACK_H

#include "app/learner.h"

enum feedback_kind { FEEDBACK_IMMEDIATE, FEEDBACK_DELAY, FEEDBACK_FIRST, FEEDBACK_NONE };

struct feedback {
	enum feedback_kind kind;
	uint64_t n;
};

/* "delay:1000". False when it is none of the above, or the delay above LIMIT_FEEDBACK_DELAY. */
bool feedback_parse(struct span text, struct feedback *ret_feedback);
/* The same word again. */
struct span feedback_name(const struct feedback *feedback, struct arena *arena);

struct feedback_item {
	struct lesson *lesson;
	bool spam;
};

struct feedback_queue {
	struct feedback feedback;
	struct feedback_item *ring;
	uint64_t judged; /* messages so far */
	size_t n, cap, first;
};

void feedback_init(struct feedback_queue *queue, const struct feedback *feedback);
void feedback_release(struct feedback_queue *queue);
/* Will the label of the message that is judged next ever arrive? Else its lesson need not be kept. Once for each message, in order. */
bool feedback_wants(struct feedback_queue *queue);
/* The message that was wanted waits for its label. */
void feedback_put(struct feedback_queue *queue, struct lesson *lesson, bool spam);
/* The next lesson whose label has arrived, after feedback_put; false when there is none. */
bool feedback_take(struct feedback_queue *queue, struct feedback_item *ret_item);

#endif
