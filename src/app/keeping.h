/* app/keeping.h - the front's side of the keeper: what is kept, what is taught, and what is asked back.
 *
 * Mail never waits for the keeper. What has no hurry is gathered for some milliseconds. When it stalls, what does not fit into the queue to
 * it is dropped and counted; where its word is waited for (what is to be held, learning, history) the wait has a bound, and no word is
 * "unavailable". Owner: the front. One thread. */
#ifndef APP_KEEPING_H
#define APP_KEEPING_H

#include "app/wire.h"
#include "net/channel.h"

struct event_base;
struct keeping;

enum { KEEPING_QUEUE = 64 * 1024 * 1024, KEEPING_SECONDS = 10 };

typedef void keeping_done(void *context, enum session_answer answer, struct span reply);

struct keeping *keeping_new(struct event_base *base);
void keeping_free(struct keeping *keeping);
/* The keeper, or the one that replaced it; fd is taken over. What was sent to the last one and not answered is unavailable. */
void keeping_attach(struct keeping *keeping, int fd);
/* Without an answer, and not at once. False: dropped, and counted. */
bool keeping_tell(struct keeping *keeping, enum wire_type type, struct span payload, struct spool *content);
/* done is called once, later, from the event loop. context identifies it for keeping_forget. */
void keeping_ask(struct keeping *keeping, enum wire_type type, struct span payload, struct spool *content, keeping_done *done,
		 void *context);
/* What the keeper says of itself: heard is called with each such record; false: it is none, and the keeper is given up. */
void keeping_hear(struct keeping *keeping, bool (*heard)(void *context, const struct channel_record *record), void *context);
/* Nobody waits any more. */
void keeping_forget(struct keeping *keeping, const void *context);
uint64_t keeping_dropped(const struct keeping *keeping);
bool keeping_no_room(const struct keeping *keeping); /* the keeper says that nothing can be kept: the disk is full */
uint64_t keeping_queued(const struct keeping *keeping);

#endif
