/* app/pool.h - the front's side of the workers: who gets which message, what they want to know, and what becomes of one on which a worker
 * dies.
 *
 * A job goes to the worker with the least to do, at most POOL_TURNS records ahead of it, so that the first unanswered one is always that at
 * which it works. Questions of a job are put to the asker, on the front's event loop; the answers go back to the same worker.
 * A worker that dies, or works at one message longer than POOL_PATIENCE says, loses it: that job is answered as failed and its message
 * handed to be set aside. Other jobs of that worker begin anew elsewhere. A message that failed twice is not tried again.
 * Workers of an older generation (before a reload) finish what they have and get nothing new once one of the newer is ready.
 * Nothing waits without bound: too many jobs, or one too old, is answered as unavailable.
 * Owner: the front. One thread. */
#ifndef APP_POOL_H
#define APP_POOL_H

#include "action/outcome.h"
#include "app/wire.h"
#include "net/asker.h"
#include "net/channel.h"

struct event_base;
struct pool;

enum { POOL_TURNS = 3 };

struct pool_events {
	void *context;
	/* The worker's last word on a job: WIRE_JUDGED or WIRE_LESSON and its payload, good for the call; the job is over when it
	 * returns. */
	void (*over)(void *context, struct session_request *request, struct spool *message, uint8_t type, struct span payload);
	void (*failed)(void *context, struct session_request *request, enum outcome_unjudged failure, struct span why);
	void (*aside)(void *context, struct spool *message, struct span why); /* a worker died of it */
	void (*hung)(void *context, uint64_t pid);                            /* it must be killed; its channel will end then */
	void (*trouble)(void *context, struct span what);                     /* for the log */
	void (*up)(void *context, uint64_t generation, struct span sandbox);  /* a worker is ready */
};

struct pool_settings {
	uint64_t deadline; /* microseconds a job may take in all */
};

struct pool_status {
	uint32_t workers, ready; /* of the newest generation */
	uint32_t jobs, queued;
	uint64_t died, hung;
};

struct pool *pool_new(struct event_base *base, const struct pool_events *events);
void pool_free(struct pool *pool); /* no job is answered any more */
void pool_configure(struct pool *pool, const struct pool_settings *settings);
/* Who answers the workers' questions from now on, on the same event loop and without zone delays; owned. Before the first job. */
void pool_ask_by(struct pool *pool, struct asker *asker);
void pool_ask_within(struct pool *pool, uint32_t milliseconds);
/* Takes fd over. */
void pool_add(struct pool *pool, int fd, uint64_t pid, uint64_t generation);
/* The request's message and everything it points to must live until over, or pool_cancel. */
void pool_submit(struct pool *pool, struct session_request *request, struct spool *message);
/* Nobody waits for it any more; a worker that has it may finish. */
void pool_cancel(struct pool *pool, struct session_request *request);
/* After every turn of the event loop: sends what was answered. */
void pool_turn(struct pool *pool);
void pool_status(const struct pool *pool, struct pool_status *ret_status);

#endif
