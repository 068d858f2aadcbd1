/* net/asker.c - see asker.h. What can be answered on the spot never becomes a round; a round has one timer: its deadline or, where a zone
 * plays the network, the moment when its slowest answer would have come. */
#include "net/asker.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "net/answer_cache.h"
#include "net/dns_packet.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>

struct open_round;

/* A question on its way to the resolver. */
struct pending {
	struct open_round *open;
	struct lookup *lookup; /* NULL: answered */
	uint32_t at;           /* in answers->list */
};

struct open_round {
	struct asker_round round; /* first, for the way back */
	struct asker *asker;
	struct arena *arena;
	bool asking; /* still being put together: not over, though nothing may be waiting */
	struct event timer;
	uint64_t delay; /* microseconds the zone makes it wait */
	struct pending *pending;
	uint32_t n_pending;
	struct open_round *next; /* that is over */
	void (*over)(struct asker_round *round);
};

struct asker {
	struct asker_options options;
	struct event_base *base;
	bool own_base;
	struct resolver *resolver;  /* NULL: the zone, or nobody */
	struct answer_cache *cache; /* of what the resolver, or the process that asks, said */
	struct open_round *over, **over_tail;
	uint32_t n_open;
};

int asker_new(const struct asker_options *options, struct event_base *base, struct arena *arena, struct asker **ret_asker,
	      struct span *ret_error)
{
	struct asker *asker = calloc(1, sizeof *asker);
	if (!asker)
		abort();
	asker->options = *options;
	asker->cache = answer_cache_new();
	asker->over_tail = &asker->over;
	asker->own_base = !base && !options->forward.put;
	asker->base = asker->own_base ? event_base_new() : base;
	int err = ERR_OK;
	if (options->forward.put) {
		*ret_asker = asker;
		return ERR_OK;
	}
	if (!asker->base) {
		*ret_error = SPAN("the event loop could not be started: are too many files open?");
		err = ERR_IO;
	} else if (!options->zone && !options->nobody) {
		err = resolver_new(&options->where, asker->base, arena, &asker->resolver, ret_error);
	}
	if (err) {
		asker_free(asker);
		return err;
	}
	*ret_asker = asker;
	return ERR_OK;
}

void asker_start(struct asker *asker)
{
	if (asker->resolver)
		resolver_start(asker->resolver);
}

void asker_set_deadline(struct asker *asker, uint32_t milliseconds) { asker->options.deadline = milliseconds; }

bool asker_is_idle(const struct asker *asker) { return asker->n_open == 0; }

void asker_free(struct asker *asker)
{
	if (!asker)
		return;
	resolver_free(asker->resolver);
	answer_cache_free(asker->cache);
	if (asker->own_base && asker->base)
		event_base_free(asker->base);
	free(asker);
}

static void end_round(struct open_round *open)
{
	struct asker *asker = open->asker;
	event_del(&open->timer);
	open->next = NULL;
	*asker->over_tail = open;
	asker->over_tail = &open->next;
}

static void on_reply(void *context, const struct resolver_reply *reply)
{
	struct pending *pending = context;
	struct open_round *open = pending->open;
	struct answer *answer = &open->round.answers->list.v[pending->at];
	pending->lookup = NULL;
	answer->time = clock_now();
	answer->status = reply->status;
	answer->why = reply->why;
	if (reply->status == ANSWER_OK) {
		dns_packet_read(reply->packet, open->arena, answer);
		answer_cache_put(open->asker->cache, clock_microseconds(), answer);
	}
	if (--open->round.waiting == 0 && !open->asking)
		end_round(open);
}

/* The deadline; or the zone has made it wait long enough. */
static void on_timer(evutil_socket_t none, short what, void *context)
{
	struct open_round *open = context;
	(void)none;
	(void)what;
	for (uint32_t i = 0; i < open->n_pending; i++) {
		struct pending *pending = &open->pending[i];
		if (!pending->lookup)
			continue;
		struct answer *answer = &open->round.answers->list.v[pending->at];
		resolver_give_up(open->asker->resolver, pending->lookup);
		pending->lookup = NULL;
		answer->status = ANSWER_TIMEOUT;
		answer->time = clock_now();
	}
	open->round.waiting = 0;
	end_round(open);
}

static struct open_round *open_round(struct asker *asker, const struct asker_call *call, uint32_t from, uint32_t room)
{
	struct open_round *open = arena_new(call->arena, struct open_round);
	open->round = (struct asker_round){ .answers = call->answers, .from = from, .context = call->context };
	open->asker = asker;
	open->arena = call->arena;
	open->asking = true;
	open->over = call->over;
	open->pending = arena_alloc(call->arena, room * sizeof *open->pending);
	return open;
}

/* What one call of asker_ask is about. */
struct asking {
	struct asker *asker;
	const struct asker_call *call;
	struct open_round *open; /* NULL until something must be waited for */
	uint32_t from, room;     /* questions that may still come */
	uint64_t now, left;      /* microseconds: clock_microseconds(), to the deadline */
};

static struct open_round *opened(struct asking *asking)
{
	if (!asking->open)
		asking->open = open_round(asking->asker, asking->call, asking->from, asking->room);
	return asking->open;
}

/* The answer is there at once; it is told when the network would have brought it. */
static void ask_zone(struct asking *asking, struct answer *answer)
{
	uint64_t delay = zone_answer(asking->asker->options.zone, asking->call->arena, answer) * (uint64_t)1000;
	if (delay == 0)
		return;
	if (delay >= asking->left) {
		*answer = (struct answer){ .question = answer->question, .status = ANSWER_TIMEOUT, .time = answer->time };
		delay = asking->left;
	}
	struct open_round *open = opened(asking);
	if (delay > open->delay)
		open->delay = delay;
	open->round.waiting++;
}

static void ask_resolver(struct asking *asking, uint32_t at)
{
	struct open_round *open = opened(asking);
	struct pending *pending = &open->pending[open->n_pending++];
	*pending = (struct pending){ .open = open, .at = at };
	open->round.waiting++;
	struct question question = asking->call->answers->list.v[at].question;
	pending->lookup = resolver_ask(asking->asker->resolver, &question, on_reply, pending);
}

static void forward(struct asking *asking, uint32_t at)
{
	struct open_round *open = opened(asking);
	open->pending[open->n_pending++] = (struct pending){ .open = open, .at = at };
	open->round.waiting++;
}

/* The process that asks is spared a question that it could not put. */
static bool nobody_to_ask(const struct asker *asker) { return asker->options.forward.put ? asker->options.nobody : !asker->resolver; }

static void ask_one(struct asking *asking, uint32_t at)
{
	const struct asker_options *options = &asking->asker->options;
	struct answer *answer = &asking->call->answers->list.v[at];
	const struct answerer *answerer = &options->answerers[answer->question.type];
	bool dns = answer->question.type < QUESTION_LIST;
	if (at >= LIMIT_QUESTIONS)
		answer->why = SPAN("was not asked: the message asks more questions than one may");
	else if (answerer->answer)
		answerer->answer(answerer->context, asking->call->arena, answer);
	else if (dns && !resolver_can_ask(answer->question.name))
		answer->status = ANSWER_NXDOMAIN;
	else if (options->zone)
		ask_zone(asking, answer);
	else if (!dns || nobody_to_ask(asking->asker))
		answer->status = ANSWER_UNAVAILABLE;
	else if (asking->call->unused.n)
		answer->why = asking->call->unused;
	else if (answer_cache_find(asking->asker->cache, asking->now, asking->call->arena, answer))
		return;
	else if (options->forward.put)
		forward(asking, at);
	else if (asking->left == 0)
		answer->status = ANSWER_TIMEOUT;
	else
		ask_resolver(asking, at);
}

static uint64_t time_left(const struct asker *asker, uint64_t began, uint64_t now)
{
	uint64_t deadline = began + asker->options.deadline * (uint64_t)1000;
	return deadline > now ? deadline - now : 0;
}

static void start_timer(struct open_round *open, uint64_t left)
{
	uint64_t wait = open->delay ? open->delay : left;
	struct timeval after = { .tv_sec = (time_t)(wait / 1000000), .tv_usec = (suseconds_t)(wait % 1000000) };
	open->asking = false;
	open->asker->n_open++;
	evtimer_assign(&open->timer, open->asker->base, on_timer, open);
	evtimer_add(&open->timer, &after);
}

/* To the other process, which keeps the time. */
static void send_round(struct open_round *open)
{
	const struct asker_forward *forward = &open->asker->options.forward;
	struct questions questions = { .arena = open->arena };
	for (uint32_t i = 0; i < open->n_pending; i++)
		*(struct question *)vec_push(open->arena, &questions.list) = open->round.answers->list.v[open->pending[i].at].question;
	open->asking = false;
	open->asker->n_open++;
	forward->put(forward->context, &open->round, &questions);
}

static struct span kept(struct arena *arena, struct span text) { return text.n ? arena_dup(arena, text) : span_none; }

void asker_answered(struct asker_round *round, const struct answers *answers)
{
	struct open_round *open = (struct open_round *)round;
	for (uint32_t i = 0; i < open->n_pending; i++) {
		struct answer *answer = &round->answers->list.v[open->pending[i].at];
		const struct answer *told = answers_find(answers, answer->question.type, answer->question.name);
		answer->status = told ? told->status : ANSWER_UNAVAILABLE;
		answer->why = kept(open->arena, told ? told->why : answers->unused);
		answer->ttl = told ? told->ttl : 0;
		answer->time = told ? told->time : clock_now();
		for (uint32_t r = 0; told && r < told->records.n; r++)
			*(struct span *)vec_push(open->arena, &answer->records) = arena_dup(open->arena, told->records.v[r]);
		answer_cache_put(open->asker->cache, clock_microseconds(), answer);
	}
	round->waiting = 0;
	open->asker->n_open--;
}

struct asker_round *asker_ask(struct asker *asker, const struct questions *questions, const struct asker_call *call)
{
	struct answers *answers = call->answers;
	struct asking asking = { .asker = asker, .call = call, .from = answers->list.n, .now = clock_microseconds() };
	asking.left = time_left(asker, call->began, asking.now);
	int64_t now = clock_now();
	for (uint32_t i = 0; i < questions->list.n; i++) {
		const struct question *question = &questions->list.v[i];
		if (answers_find(answers, question->type, question->name))
			continue;
		answers_add(answers, call->arena, question)->time = now;
		asking.room = questions->list.n - i;
		ask_one(&asking, answers->list.n - 1);
	}
	if (!asking.open || asking.open->round.waiting == 0)
		return NULL;
	if (asker->options.forward.put)
		send_round(asking.open);
	else
		start_timer(asking.open, asking.left);
	return &asking.open->round;
}

static struct open_round *next_over(struct asker *asker)
{
	struct open_round *open = asker->over;
	if (!open)
		return NULL;
	asker->over = open->next;
	if (!asker->over)
		asker->over_tail = &asker->over;
	asker->n_open--;
	return open;
}

struct asker_round *asker_take(struct asker *asker)
{
	struct open_round *open;
	while ((open = next_over(asker)) && open->over)
		open->over(&open->round); /* whoever it is may ask again, and forget the round */
	return open ? &open->round : NULL;
}

struct asker_round *asker_poll(struct asker *asker)
{
	if (!asker->over && asker->n_open)
		event_base_loop(asker->base, EVLOOP_NONBLOCK);
	return asker_take(asker);
}

struct asker_round *asker_wait(struct asker *asker)
{
	while (!asker->over && asker->n_open)
		event_base_loop(asker->base, EVLOOP_ONCE);
	return asker_take(asker);
}
