/* app/front_requests.c - what sessions ask of the front, from the question to the answer.
 *
 * Each request has a ticket. A message goes to a worker, what the worker says to the keeper, and then the door is answered; only what is to
 * be held waits for the keeper's word. Each answered message leaves a line in the log and its counts. */
#include "action/outcome_log.h"
#include "action/plan.h"
#include "app/front_parts.h"
#include "app/say.h"
#include "app/symbols.h"
#include "app/trap_look.h"
#include "base/clock.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "base/record.h"
#include "net/spool.h"
#include "state/tuples.h"
#include "verdict/casefile.h"

#include <stdlib.h>

enum { TICKETS_KEPT = 64 };

struct ticket {
	struct front *front;
	struct session_request *request;
	struct ticket *next;
	struct arena arena;
	struct outcome outcome;
	uint64_t began, bytes; /* clock_microseconds(); of the message */
};

static struct ticket *ticket_new(struct front *f, struct session_request *request)
{
	struct ticket *t = f->idle;
	if (t) {
		f->idle = t->next;
		f->n_idle--;
		arena_reset(&t->arena);
	} else {
		t = calloc(1, sizeof *t);
		if (!t)
			abort();
		arena_init(&t->arena);
	}
	t->front = f;
	t->request = request;
	t->began = clock_microseconds();
	t->bytes = request->message ? spool_bytes(request->message) : 0;
	request->handler = t;
	return t;
}

static void ticket_free(struct ticket *t)
{
	struct front *f = t->front;
	if (f->n_idle < TICKETS_KEPT) {
		t->next = f->idle;
		f->idle = t;
		f->n_idle++;
		return;
	}
	arena_release(&t->arena);
	free(t);
}

void front_free_tickets(struct front *f)
{
	while (f->idle) {
		struct ticket *t = f->idle;
		f->idle = t->next;
		arena_release(&t->arena);
		free(t);
	}
}

/* One line in the log for each message. */
static void log_message(const struct ticket *t, const struct outcome *outcome, uint64_t took)
{
	const struct session_request *request = t->request;
	struct log_line line;
	struct outcome_told told = {
		.door = session_door_name(request->door),
		.connection = &request->connection,
		.queue_id = request->queue_id,
		.bytes = t->bytes,
		.took = took,
	};
	log_begin(&line, say_log(), LOG_INFO, "message");
	outcome_log(outcome, &told, &line);
	log_end(say_log(), &line);
}

/* The log line and the counts of a judged message. */
static void note_judged(const struct ticket *t, const struct outcome *outcome)
{
	struct metrics *metrics = &t->front->metrics;
	const struct session_request *request = t->request;
	uint64_t took = clock_microseconds() - t->began;
	struct metrics_at at_door = { request->door, 0, 0 };
	metrics_add(metrics, METRIC_MESSAGES, 1, (struct metrics_at){ request->door, outcome->verdict, outcome->disposition });
	metrics_add(metrics, METRIC_MESSAGE_BYTES, t->bytes, at_door);
	metrics_observe(metrics, METRIC_JUDGE_SECONDS, outcome->microseconds, METRICS_PLAIN);
	metrics_observe(metrics, METRIC_WAIT_SECONDS, outcome->waited, METRICS_PLAIN);
	metrics_observe(metrics, METRIC_ANSWER_SECONDS, took, at_door);
	log_message(t, outcome, took);
}

static void answer(struct ticket *t, enum session_answer as, const struct outcome *outcome, struct span reply)
{
	struct session_request *request = t->request;
	if (outcome && as == ANSWERED && request->wish == WISH_JUDGE) /* who asks why has not received it */
		note_judged(t, outcome);
	if (request->wish == WISH_JUDGE)
		t->front->stages.n[as == ANSWERED && outcome && !outcome->unjudged ? STAGE_ACCEPTED + outcome->verdict : STAGE_UNJUDGED]++;
	request->handler = NULL;
	request->answer = as;
	request->outcome = outcome;
	request->reply = reply;
	request->done(request);
	ticket_free(t);
}

/* What is to be held but is not safe cannot be taken: the sender keeps it and comes again. */
static void put_off(struct outcome *outcome)
{
	outcome->disposition = DISPOSITION_DEFER;
	outcome->reply_code = 451;
	outcome->reply_status = SPAN("4.3.0");
	outcome->reply_text = SPAN("The message could not be kept just now; please try again later");
	outcome->withhold.n = 0;
}

static void on_held(void *context, enum session_answer kept, struct span reply)
{
	struct ticket *t = context;
	if (kept == ANSWERED) {
		metrics_add(&t->front->metrics, METRIC_QUARANTINE_STORED, 1, METRICS_PLAIN);
	} else {
		say(LOG_ERR, "not_held", "a message could not be kept in quarantine and was put off: %.*s", SPAN_ARG(reply));
		put_off(&t->outcome);
	}
	answer(t, ANSWERED, &t->outcome, span_none);
}

/* Has the administrator released this very message to all of these (`postern quarantine release`)? Then it passes this time. */
static bool released(struct front *f, struct span record, struct arena *arena)
{
	struct casefile c;
	if (!f->tuples || casefile_read(record, arena, &c) != 0 || !c.recipients.n)
		return false;
	for (uint32_t i = 0; i < c.recipients.n; i++) {
		struct span key = tuples_released_key(arena, span_of(c.fingerprint, sizeof c.fingerprint), c.recipients.v[i].address);
		struct tuple tuple;
		if (tuples_get(f->tuples, TUPLE_RELEASED, key, clock_now(), &tuple) != 0)
			return false;
	}
	return true;
}

static void keep(struct ticket *t, const struct wire_judged *judged, struct spool *message, bool hold, bool passed)
{
	struct front *f = t->front;
	struct buf out;
	struct wire_keep keep = {
		.hold = hold, .answer = hold, .released = passed, .casefile = judged->casefile, .remembered = judged->remembered
	};
	buf_init(&out, &t->arena, LIMIT_CHANNEL_PAYLOAD);
	wire_put_keep(&keep, &out);
	struct spool *content = hold || f->now->service.settings.content_days ? message : NULL;
	if (hold)
		keeping_ask(f->keeping, WIRE_KEEP, buf_span(&out), content, on_held, t);
	else if (!keeping_tell(f->keeping, WIRE_KEEP, buf_span(&out), content))
		metrics_add(&f->metrics, METRIC_CASES_DROPPED, 1, METRICS_PLAIN);
}

/* Kept first, then told to the door. */
static void judged(struct ticket *t, struct spool *message, struct span payload)
{
	struct outcome *outcome = &t->outcome;
	struct wire_judged wire;
	if (wire_judged(arena_dup(&t->arena, payload), &t->arena, &wire) != 0 || outcome_read(wire.outcome, &t->arena, outcome) != 0) {
		answer(t, ANSWERED_UNAVAILABLE, NULL, SPAN("the worker answered what is no outcome"));
		return;
	}
	if (t->request->wish == WISH_WHY) {
		answer(t, ANSWERED, outcome, wire.story);
		return;
	}
	bool hold = outcome->disposition == DISPOSITION_STORE || outcome->withhold.n;
	bool passed = hold && released(t->front, wire.casefile, &t->arena);
	if (passed) {
		outcome->disposition = DISPOSITION_DELIVER;
		outcome->withhold.n = 0;
		hold = false;
	}
	if (wire.casefile.n)
		keep(t, &wire, message, hold, passed);
	else if (hold)
		put_off(outcome); /* no id could be made: it cannot be found again */
	if (!hold || !wire.casefile.n)
		answer(t, ANSWERED, outcome, span_none);
}

static void on_told(void *context, enum session_answer told, struct span reply)
{
	struct ticket *t = context;
	unsigned kind = t->request->wish - WISH_LEARN_SPAM;
	if (told == ANSWERED && t->request->wish >= WISH_LEARN_SPAM && t->request->wish <= WISH_FORGET)
		metrics_add(&t->front->metrics, METRIC_LEARNED, 1, (struct metrics_at){ kind, 0, 0 });
	answer(t, told, NULL, reply);
}

static void ask_keeper(struct ticket *t, enum wire_type type, struct span text)
{
	bool traps = type == WIRE_TEACH && t->request->door == DOOR_TRAP;
	struct buf out;
	buf_init(&out, &t->arena, LIMIT_CHANNEL_PAYLOAD);
	record_put_number(&out, t->request->wish);
	record_put_text(&out, text);
	if (type == WIRE_TEACH)
		record_put_text(&out, traps ? t->request->text : span_none);
	keeping_ask(t->front->keeping, type, buf_span(&out), NULL, on_told, t);
}

void front_over(void *context, struct session_request *request, struct spool *message, uint8_t type, struct span payload)
{
	struct ticket *t = request->handler;
	(void)context;
	spool_drop(request->message);
	request->message = NULL;
	if (type == WIRE_JUDGED)
		judged(t, message, payload);
	else
		ask_keeper(t, WIRE_TEACH, payload);
}

/* What the door does of itself when it is told that there is no judgement, for the log. */
static void note_unjudged(struct ticket *t, enum outcome_unjudged failure)
{
	const struct settings *settings = &t->front->now->service.settings;
	struct plan_source source = { .connection = &t->request->connection, .settings = settings, .hostname = settings->hostname };
	plan_unjudged(&source, failure, &t->arena, &t->outcome);
	log_message(t, &t->outcome, clock_microseconds() - t->began);
}

void front_failed(void *context, struct session_request *request, enum outcome_unjudged failure, struct span why)
{
	struct front *f = context;
	spool_drop(request->message);
	request->message = NULL;
	metrics_add(&f->metrics, METRIC_UNJUDGED, 1, (struct metrics_at){ failure, 0, 0 });
	say(LOG_WARNING, "not_judged", "a message was not judged: %.*s", SPAN_ARG(why));
	if (request->wish == WISH_JUDGE)
		note_unjudged(request->handler, failure);
	answer(request->handler, ANSWERED_UNAVAILABLE, NULL, why);
}

void front_submit(void *context, struct session_request *request)
{
	struct front *f = context;
	struct ticket *t = ticket_new(f, request);
	/* who came past the gate is counted there */
	bool past_gate = (request->door == DOOR_SMTP || request->door == DOOR_LMTP) && request->connection.has_ip;
	f->stages.n[STAGE_HANDED_IN] += request->wish == WISH_JUDGE && !past_gate;
	if (request->wish == WISH_JUDGE && !past_gate)
		trap_look_at_message(&f->now->service.settings, f->keeping, request);
	if (request->message) {
		spool_seal(request->message);
		pool_submit(f->pool, request, request->message);
	} else if (request->wish == WISH_STATUS || request->wish == WISH_METRICS || request->wish == WISH_SYMBOLS) {
		t->next = f->told;
		f->told = t;
	} else
		ask_keeper(t, WIRE_READ, request->text);
}

void front_cancel(void *context, struct session_request *request)
{
	struct front *f = context;
	struct ticket *t = request->handler;
	pool_cancel(f->pool, request);
	spool_drop(request->message);
	request->message = NULL;
	if (!t)
		return;
	f->stages.n[STAGE_ABANDONED] += request->wish == WISH_JUDGE;
	keeping_forget(f->keeping, t);
	for (struct ticket **at = &f->told; *at; at = &(*at)->next)
		if (*at == t) {
			*at = t->next;
			break;
		}
	ticket_free(t);
}

/* What a trap caught, on its way to the model. */
struct trap_lesson {
	struct session_request request; /* first */
	char id[CASEFILE_ID];
};

static void on_learned(struct session_request *request) { free(request); }

bool front_learn(struct front *f, const struct channel_record *record)
{
	struct cursor c = cursor_of(record->payload);
	struct span id = record_text(&c);
	if (c.overrun || cursor_left(&c) || id.n != CASEFILE_ID || !record->content)
		return false;
	struct trap_lesson *lesson = calloc(1, sizeof *lesson);
	if (!lesson)
		abort();
	memcpy(lesson->id, id.p, id.n);
	lesson->request = (struct session_request){ .door = DOOR_TRAP,
						    .wish = WISH_LEARN_SPAM,
						    .text = span_of(lesson->id, sizeof lesson->id),
						    .message = spool_hold(record->content),
						    .done = on_learned };
	front_submit(f, &lesson->request);
	return true;
}

static uint64_t messages_of(const struct metrics *metrics, unsigned verdict)
{
	uint64_t n = 0;
	for (unsigned door = 0; door < DOORS; door++)
		for (unsigned disposition = 0; disposition < DISPOSITIONS; disposition++)
			n += metrics_get(metrics, METRIC_MESSAGES, (struct metrics_at){ door, verdict, disposition });
	return n;
}

/* The members that rspamd's clients look for, and all figures under "metrics". */
static void put_status(const struct metrics *metrics, struct buf *out)
{
	struct json_out j;
	static const char *const actions[VERDICT_DEFER + 1] = { "no action", "add header", "quarantine", "reject", "soft reject" };
	uint64_t by_verdict[VERDICT_DEFER + 1], all = 0;
	for (unsigned v = 0; v <= VERDICT_DEFER; v++)
		all += by_verdict[v] = messages_of(metrics, v);
	uint64_t spam = by_verdict[VERDICT_MARK] + by_verdict[VERDICT_QUARANTINE] + by_verdict[VERDICT_REJECT];
	json_init(&j, out);
	json_object(&j, NULL);
	json_text(&j, "version", SPAN("postern " POSTERN_VERSION));
	json_int(&j, "uptime", (int64_t)metrics_get(metrics, METRIC_UPTIME_SECONDS, METRICS_PLAIN));
	json_int(&j, "scanned", (int64_t)all);
	json_int(&j, "spam_count", (int64_t)spam);
	json_int(&j, "ham_count", (int64_t)(all - spam));
	json_int(&j, "learned",
		 (int64_t)(metrics_get(metrics, METRIC_LEARNED, (struct metrics_at){ 0, 0, 0 }) +
			   metrics_get(metrics, METRIC_LEARNED, (struct metrics_at){ 1, 0, 0 })));
	json_object(&j, "actions");
	for (unsigned v = 0; v <= VERDICT_DEFER; v++)
		json_int(&j, actions[v], (int64_t)by_verdict[v]);
	json_close(&j);
	json_array(&j, "statfiles");
	json_close(&j);
	json_close(&j);
	out->n--; /* the last brace makes room for the figures */
	buf_cstr(out, ",\"metrics\":");
	metrics_put_json(metrics, out);
	buf_byte(out, '}');
}

static void put_symbols(const struct settings *s, struct buf *out)
{
	struct verdict_thresholds thresholds = { .mark = s->mark, .quarantine = s->quarantine, .reject = s->reject };
	symbols_put(&thresholds, out);
}

void front_turn(struct front *f)
{
	pool_turn(f->pool);
	while (f->told) {
		struct ticket *t = f->told;
		struct buf out;
		f->told = t->next;
		front_gauges(f);
		buf_init(&out, &t->arena, LIMIT_REPORT_BYTES);
		if (t->request->wish == WISH_METRICS)
			metrics_put_text(&f->metrics, &out);
		else if (t->request->wish == WISH_SYMBOLS)
			put_symbols(&f->now->service.settings, &out);
		else
			put_status(&f->metrics, &out);
		answer(t, ANSWERED, NULL, buf_span(&out));
	}
}
