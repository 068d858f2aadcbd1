/* app/pool.c - see pool.h */
#include "app/pool.h"
#include "app/askers.h"
#include "app/suspects.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/record.h"
#include "facts/answers_record.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	JOBS_KEPT = 64, /* idle ones that keep their memory */
	CHANNEL_QUEUE = 256 * 1024 * 1024,
};
/* How long a worker may be at one message, answers not waited for: two hundred times what the slowest of that size takes. */
#define POOL_PATIENCE(bytes) (10 * 1000000ull + (bytes)*10)

struct worker {
	struct pool *pool;
	struct worker *next;
	struct channel *channel;
	struct event *readable, *writable;
	uint64_t pid, generation;
	bool ready, told_hung;
	struct job *turns[POOL_TURNS]; /* sent and not replied to, the first is the one it works at */
	unsigned n_turns;
	uint64_t working_since;               /* clock_microseconds() when the first of turns began */
	struct job *answered, **answered_end; /* their answers are to be sent */
	unsigned flights;                     /* jobs it has */
};

enum job_state { JOB_QUEUED, JOB_WORKING, JOB_ASKING, JOB_ANSWERED, JOB_REFUSED };

struct job {
	uint32_t id;
	enum job_state state;
	struct session_request *request; /* NULL: cancelled */
	struct spool *message;           /* held; NULL */
	struct arena arena;              /* payload, and of one round its questions and answers */
	struct span payload;             /* REFUSED: why, in words */
	enum outcome_unjudged refusal;
	struct worker *worker;
	uint64_t submitted, asked; /* clock_microseconds(); asked: of its first question, 0 */
	struct answers answers;
	struct job *next;          /* in queue, among the answered, or idle */
	struct job *older, *newer; /* all that are under way */
};

struct pool {
	struct event_base *base;
	struct pool_events events;
	struct pool_settings settings;
	struct worker *workers;
	uint64_t generation; /* the newest with a worker that is ready */
	struct askers askers;
	struct job *queue, **queue_end;
	struct job *refused; /* answered by pool_turn: never from inside pool_submit */
	uint32_t queued, jobs;
	struct job *oldest, *newest, *idle;
	uint32_t n_idle, next_id;
	struct suspects suspects;
	uint64_t died, hung;
	struct event *second;
};

static void on_second(evutil_socket_t none, short what, void *context);
static void feed(struct worker *w);

struct pool *pool_new(struct event_base *base, const struct pool_events *events)
{
	static const struct timeval second = { 1, 0 };
	struct pool *pool = calloc(1, sizeof *pool);
	if (!pool)
		abort();
	pool->base = base;
	pool->events = *events;
	pool->queue_end = &pool->queue;
	pool->second = event_new(base, -1, EV_PERSIST, on_second, pool);
	if (!pool->second || event_add(pool->second, &second) != 0)
		abort();
	return pool;
}

void pool_configure(struct pool *pool, const struct pool_settings *settings) { pool->settings = *settings; }

void pool_ask_by(struct pool *pool, struct asker *asker) { askers_add(&pool->askers, asker); }

void pool_ask_within(struct pool *pool, uint32_t milliseconds) { askers_set_deadline(&pool->askers, milliseconds); }

/* Jobs. */

static struct job *job_new(struct pool *pool)
{
	struct job *job = pool->idle;
	if (job) {
		pool->idle = job->next;
		pool->n_idle--;
		struct arena arena = job->arena;
		arena_reset(&arena);
		*job = (struct job){ .arena = arena };
	} else {
		job = calloc(1, sizeof *job);
		if (!job)
			abort();
		arena_init(&job->arena);
	}
	job->id = pool->next_id++;
	job->older = pool->newest;
	*(pool->newest ? &pool->newest->newer : &pool->oldest) = job;
	pool->newest = job;
	pool->jobs++;
	return job;
}

static void job_free(struct pool *pool, struct job *job)
{
	*(job->older ? &job->older->newer : &pool->oldest) = job->newer;
	*(job->newer ? &job->newer->older : &pool->newest) = job->older;
	pool->jobs--;
	spool_drop(job->message);
	job->message = NULL;
	if (pool->n_idle < JOBS_KEPT) {
		job->next = pool->idle;
		pool->idle = job;
		pool->n_idle++;
		return;
	}
	arena_release(&job->arena);
	free(job);
}

/* Who is to be told, once; NULL: nobody waits any more. */
static struct session_request *take_request(struct job *job)
{
	struct session_request *request = job->request;
	job->request = NULL;
	return request;
}

static void job_over(struct pool *pool, struct job *job, uint8_t type, struct span payload)
{
	struct session_request *request = take_request(job);
	if (request)
		pool->events.over(pool->events.context, request, job->message, type, payload);
	job_free(pool, job);
}

static void tell_failed(struct pool *pool, struct job *job, enum outcome_unjudged failure, struct span why)
{
	struct session_request *request = take_request(job);
	if (request)
		pool->events.failed(pool->events.context, request, failure, why);
}

static void job_failed(struct pool *pool, struct job *job, enum outcome_unjudged failure, struct span why)
{
	tell_failed(pool, job, failure, why);
	job_free(pool, job);
}

static void enqueue(struct pool *pool, struct job *job)
{
	job->state = JOB_QUEUED;
	job->next = NULL;
	*pool->queue_end = job;
	pool->queue_end = &job->next;
	pool->queued++;
}

static struct job *dequeue(struct pool *pool)
{
	struct job *job = pool->queue;
	if (job) {
		pool->queue = job->next;
		if (!pool->queue)
			pool->queue_end = &pool->queue;
		pool->queued--;
	}
	return job;
}

/* A worker died of it. */
static void suspect(struct pool *pool, struct job *job, const char *how)
{
	char why[128];
	if (job->message) {
		unsigned deaths = suspects_add(&pool->suspects, spool_span(job->message));
		snprintf(why, sizeof why, "a worker %s with it (%u of %u tries)", how, deaths, (unsigned)SUSPECTS_TRIES);
		pool->events.aside(pool->events.context, job->message, span_cstr(why));
	}
	snprintf(why, sizeof why, "the worker %s with this message", how);
	job_failed(pool, job, UNJUDGED_CRASHED, span_cstr(why));
}

/* Workers. */

static void worker_free(struct worker *w)
{
	event_free(w->readable);
	event_free(w->writable);
	channel_free(w->channel);
	free(w);
}

static void worker_gone(struct worker *w, const char *how)
{
	struct pool *pool = w->pool;
	struct worker **at = &pool->workers;
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	struct job *first = w->n_turns ? w->turns[0] : NULL;
	bool failed = first || w->flights;
	if (w->told_hung)
		how = "did not come to an end";
	if (first)
		suspect(pool, first, how);
	/* What it had besides begins anew; the rounds of those that wait for answers are over in vain. */
	for (struct job *job = pool->oldest, *newer; job; job = newer) {
		newer = job->newer;
		if (job->worker != w)
			continue;
		job->worker = NULL;
		if (job->state == JOB_ASKING)
			continue; /* pool_turn enqueues it, once its round is over and its arena free */
		if (job->request)
			enqueue(pool, job);
		else
			job_free(pool, job);
	}
	if (failed || w->generation == pool->generation) {
		char text[128];
		pool->died++;
		snprintf(text, sizeof text, "worker %llu %s", (unsigned long long)w->pid, how);
		pool->events.trouble(pool->events.context, span_cstr(text));
	}
	worker_free(w);
	for (struct worker *other = pool->workers; other; other = other->next)
		feed(other);
}

static void flush(struct worker *w)
{
	if (channel_flush(w->channel) == 1)
		event_add(w->writable, NULL);
}

/* One more record for it to work at. False: it did not take it. */
static bool send_turn(struct worker *w, struct job *job, uint8_t type, struct span payload, struct spool *message)
{
	if (channel_send(w->channel, type, job->id, payload, message, -1) != 0)
		return false;
	if (w->n_turns == 0)
		w->working_since = clock_microseconds();
	w->turns[w->n_turns++] = job;
	job->state = JOB_WORKING;
	flush(w);
	return true;
}

static void send_answers(struct worker *w)
{
	struct job *job = w->answered;
	struct buf out;
	w->answered = job->next;
	if (!w->answered)
		w->answered_end = &w->answered;
	buf_init(&out, &job->arena, LIMIT_CHANNEL_PAYLOAD);
	answers_record_write(&job->answers, &out);
	send_turn(w, job, WIRE_ANSWERS, buf_span(&out), NULL); /* when it fails the channel is at its end, and that is seen by reading */
}

static void feed(struct worker *w)
{
	struct pool *pool = w->pool;
	while (w->ready && w->n_turns < POOL_TURNS) {
		if (w->answered) {
			send_answers(w);
			continue;
		}
		if (w->generation != pool->generation || w->flights >= LIMIT_FLIGHTS || !pool->queue)
			return;
		struct job *job = dequeue(pool);
		if (!job->request) {
			job_free(pool, job);
			continue;
		}
		if (!send_turn(w, job, WIRE_JOB, job->payload, job->message)) {
			job->next = pool->queue; /* back to its place */
			pool->queue = job;
			if (!job->next)
				pool->queue_end = &job->next;
			pool->queued++;
			return;
		}
		job->worker = w;
		w->flights++;
	}
}

static void feed_someone(struct pool *pool)
{
	while (pool->queue) {
		struct worker *best = NULL;
		for (struct worker *w = pool->workers; w; w = w->next)
			if (w->ready && w->generation == pool->generation && w->n_turns < POOL_TURNS && w->flights < LIMIT_FLIGHTS &&
			    (!best || w->n_turns < best->n_turns || (w->n_turns == best->n_turns && w->flights < best->flights)))
				best = w;
		uint32_t before = pool->queued;
		if (best)
			feed(best);
		if (pool->queued == before)
			return;
	}
}

static void put_answered(struct worker *w, struct job *job)
{
	job->next = NULL;
	job->state = JOB_ANSWERED;
	*w->answered_end = job;
	w->answered_end = &job->next;
}

static void put_questions(struct worker *w, struct job *job, struct span payload)
{
	struct pool *pool = w->pool;
	struct cursor c = cursor_of(payload);
	struct questions questions = { .arena = &job->arena };
	job->state = JOB_ASKING;
	job->answers = (struct answers){ 0 };
	for (uint64_t n = record_count(&c); n && !c.overrun && questions.list.n < LIMIT_QUESTIONS; n--) {
		uint64_t type = record_number(&c);
		struct span name = record_text(&c);
		if (c.overrun || type >= QUESTION_LIST)
			break;
		*(struct question *)vec_push(&job->arena, &questions.list) =
		    (struct question){ (enum question_type)type, arena_dup(&job->arena, name) };
	}
	if (!job->asked)
		job->asked = clock_microseconds();
	struct asker_call call = { .answers = &job->answers, .arena = &job->arena, .began = job->asked, .context = job };
	if (!askers_ask(&pool->askers, &questions, &call))
		put_answered(w, job);
}

static void generation_ready(struct pool *pool, struct worker *w, struct span sandbox)
{
	w->ready = true;
	if (w->generation > pool->generation)
		pool->generation = w->generation;
	pool->events.up(pool->events.context, w->generation, sandbox);
	/* The older ones get nothing more. Those that have nothing end with their channel. */
	feed(w);
}

/* What a worker says must be about the first of its turns: anything else is a worker that has lost its mind. */
static bool heard(struct worker *w, const struct channel_record *record)
{
	struct pool *pool = w->pool;
	if (record->type == WIRE_UP && !w->ready) {
		generation_ready(pool, w, record->payload);
		return true;
	}
	struct job *job = w->n_turns ? w->turns[0] : NULL;
	if (!job || job->id != record->job ||
	    (record->type != WIRE_QUESTIONS && record->type != WIRE_JUDGED && record->type != WIRE_LESSON))
		return false;
	memmove(w->turns, w->turns + 1, --w->n_turns * sizeof *w->turns);
	w->working_since = clock_microseconds();
	if (record->type == WIRE_QUESTIONS) {
		put_questions(w, job, record->payload);
		return true;
	}
	w->flights--;
	job->worker = NULL;
	job_over(pool, job, record->type, record->payload);
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct worker *w = context;
	struct channel_record record;
	int err;
	(void)fd;
	(void)what;
	while ((err = channel_receive(w->channel, &record)) == 1) {
		bool sane = heard(w, &record);
		spool_drop(record.content);
		if (!sane) {
			w->pool->events.hung(w->pool->events.context, w->pid);
			worker_gone(w, "spoke out of turn");
			return;
		}
	}
	if (err < 0)
		worker_gone(w, "died");
	else
		feed(w);
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	flush(context);
}

void pool_add(struct pool *pool, int fd, uint64_t pid, uint64_t generation)
{
	struct worker *w = calloc(1, sizeof *w);
	if (!w)
		abort();
	*w = (struct worker){ .pool = pool, .next = pool->workers, .pid = pid, .generation = generation };
	w->answered_end = &w->answered;
	w->channel = channel_new(fd, CHANNEL_QUEUE);
	w->readable = event_new(pool->base, fd, EV_READ | EV_PERSIST, on_readable, w);
	w->writable = event_new(pool->base, fd, EV_WRITE, on_writable, w);
	if (!w->readable || !w->writable || event_add(w->readable, NULL) != 0)
		abort();
	pool->workers = w;
}

static void refuse(struct pool *pool, struct job *job, enum outcome_unjudged failure, struct span why)
{
	job->refusal = failure;
	job->state = JOB_REFUSED;
	job->payload = why;
	job->next = pool->refused;
	pool->refused = job;
}

void pool_submit(struct pool *pool, struct session_request *request, struct spool *message)
{
	struct job *job = job_new(pool);
	struct buf out;
	job->request = request;
	job->message = message ? spool_hold(message) : NULL;
	job->submitted = clock_microseconds();
	if (message && suspects_tried_enough(&pool->suspects, spool_span(message))) {
		refuse(pool, job, UNJUDGED_CRASHED, SPAN("workers failed on this message before"));
		return;
	}
	struct wire_job wire = {
		.wish = request->wish,
		.door = request->door,
		.connection = request->connection,
		.queue_id = request->queue_id,
		.tls = request->tls,
		.now = clock_now(),
	};
	buf_init(&out, &job->arena, LIMIT_CHANNEL_PAYLOAD);
	wire_put_job(&wire, &out);
	job->payload = buf_span(&out);
	if (out.full || pool->jobs >= LIMIT_SERVE_JOBS) {
		refuse(pool, job, UNJUDGED_TOO_BUSY, SPAN("too many messages at once"));
		return;
	}
	enqueue(pool, job);
	feed_someone(pool);
}

void pool_cancel(struct pool *pool, struct session_request *request)
{
	for (struct job *job = pool->oldest; job; job = job->newer)
		if (job->request == request)
			job->request = NULL;
}

/* A round is over: to the worker, or, if that died meanwhile, from the start. */
static void answered(struct pool *pool, struct job *job)
{
	struct worker *w = job->worker;
	if (!w && !job->request) {
		job_free(pool, job);
	} else if (!w) {
		enqueue(pool, job);
		feed_someone(pool);
	} else {
		put_answered(w, job);
		feed(w);
	}
}

/* Workers of an older generation that have nothing left are let go. */
static void retire(struct pool *pool)
{
	for (struct worker **at = &pool->workers; *at;) {
		struct worker *w = *at;
		if (w->generation >= pool->generation || w->flights || w->n_turns) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		worker_free(w);
	}
}

void pool_turn(struct pool *pool)
{
	for (struct asker_round *round; (round = askers_take(&pool->askers));)
		answered(pool, round->context);
	while (pool->refused) {
		struct job *job = pool->refused;
		pool->refused = job->next;
		job_failed(pool, job, job->refusal, job->payload);
	}
}

static void on_second(evutil_socket_t none, short what, void *context)
{
	struct pool *pool = context;
	uint64_t now = clock_microseconds();
	(void)none;
	(void)what;
	retire(pool);
	for (struct worker *w = pool->workers; w; w = w->next) {
		uint64_t bytes = w->n_turns && w->turns[0]->message ? spool_bytes(w->turns[0]->message) : 0;
		if (w->n_turns == 0 || w->told_hung || now - w->working_since < POOL_PATIENCE(bytes))
			continue;
		w->told_hung = true;
		pool->hung++;
		pool->events.hung(pool->events.context, w->pid);
	}
	/* Whom nobody could serve in time. */
	for (struct job *job = pool->oldest, *newer; job && now - job->submitted > pool->settings.deadline; job = newer) {
		newer = job->newer;
		tell_failed(pool, job, UNJUDGED_TOO_LATE, SPAN("it took too long"));
	}
	while (pool->queue && !pool->queue->request)
		job_free(pool, dequeue(pool));
}

void pool_status(const struct pool *pool, struct pool_status *ret)
{
	struct pool_status status = { .jobs = pool->jobs, .queued = pool->queued, .died = pool->died, .hung = pool->hung };
	for (const struct worker *w = pool->workers; w; w = w->next)
		if (w->generation >= pool->generation) {
			status.workers++;
			status.ready += w->ready;
		}
	*ret = status;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	while (pool->workers) {
		struct worker *w = pool->workers;
		pool->workers = w->next;
		worker_free(w);
	}
	askers_free(&pool->askers); /* before the arenas below go */
	while (pool->oldest)
		job_free(pool, pool->oldest);
	while (pool->idle) {
		struct job *job = pool->idle;
		pool->idle = job->next;
		arena_release(&job->arena);
		free(job);
	}
	event_free(pool->second);
	free(pool);
}
