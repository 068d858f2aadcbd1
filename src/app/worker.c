/* app/worker.c - see worker.h */
#include "app/worker.h"
#include "action/plan.h"
#include "app/case_of.h"
#include "app/say.h"
#include "app/service.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/record.h"
#include "facts/answers_record.h"
#include "net/channel.h"
#include "net/sandbox.h"
#include "report/story.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>

enum { FLIGHTS_KEPT = 16, CHANNEL_QUEUE = 256 * 1024 * 1024 };

/* One message. */
struct flight {
	struct pipeline pipeline; /* first: the way back from the asker */
	uint32_t id;
	struct wire_job job;
	struct arena arena; /* of the job */
	struct spool *message;
	struct asker_round *round; /* that waits for answers, or was the last to */
	uint64_t began;            /* clock_microseconds() */
	struct flight *next;
};

struct worker {
	struct channel *channel;
	struct service service;
	struct pipeline_options judge, learn;
	struct pipeline_thread judging, learning;
	struct casefile_generations generations;
	struct flight *flights, *idle;
	unsigned n_idle;
};

/* The one that waits under that number. */
static struct flight **flight_of(struct worker *w, uint32_t id)
{
	struct flight **at = &w->flights;
	while (*at && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

static struct flight *begin_flight(struct worker *w, struct pipeline_thread *thread)
{
	struct flight *flight = w->idle;
	if (flight && flight->pipeline.thread == thread) {
		w->idle = flight->next;
		w->n_idle--;
		return flight;
	}
	flight = calloc(1, sizeof *flight);
	if (!flight)
		abort();
	pipeline_init_in(&flight->pipeline, thread);
	arena_init(&flight->arena);
	return flight;
}

static void end_flight(struct worker *w, struct flight *flight)
{
	spool_drop(flight->message);
	flight->message = NULL;
	arena_reset(&flight->arena);
	if (w->n_idle < FLIGHTS_KEPT && flight->pipeline.thread == &w->judging) {
		flight->next = w->idle;
		w->idle = flight;
		w->n_idle++;
		return;
	}
	pipeline_release(&flight->pipeline);
	arena_release(&flight->arena);
	free(flight);
}

static void post(struct worker *w, const struct flight *flight, uint8_t type, const struct buf *payload)
{
	/* too long to be sent: then this message is one that a worker cannot come to an end with */
	if (payload->full || channel_send(w->channel, type, flight->id, buf_span(payload), NULL, -1) != 0)
		exit(EXIT_FAILURE);
}

/* What the message's check want to know, to the front. */
static void put_questions(void *context, struct asker_round *round, const struct questions *questions)
{
	struct flight *flight = round->context;
	struct buf out;
	buf_init(&out, &flight->arena, LIMIT_CHANNEL_PAYLOAD);
	flight->round = round;
	record_put_number(&out, questions->list.n);
	for (uint32_t i = 0; i < questions->list.n; i++) {
		record_put_number(&out, questions->list.v[i].type);
		record_put_text(&out, questions->list.v[i].name);
	}
	post(context, flight, WIRE_QUESTIONS, &out);
}

static void send_judged(struct worker *w, struct flight *flight, const struct judgement *judgement)
{
	struct arena *arena = &flight->pipeline.arena;
	struct outcome outcome;
	struct casefile casefile;
	struct buf record, story, out;
	char id[CASEFILE_ID];
	bool kept = flight->job.wish == WISH_JUDGE && case_new_id(id);
	struct wire_judged judged = { 0 };
	struct span case_id = kept ? span_of(id, sizeof id) : span_none;

	struct plan_source plan = {
		.message = judgement->message,
		.content = judgement->content,
		.path = judgement->path,
		.auth = &flight->pipeline.auth,
		.evidence = &judgement->evidence,
		.verdict = &judgement->verdict,
		.connection = &flight->job.connection,
		.settings = &w->service.settings,
		.hostname = w->service.settings.hostname,
		.id = case_id,
		.advises = flight->job.door == DOOR_SPAMD || flight->job.door == DOOR_HTTP,
		.names = flight->job.door == DOOR_HTTP,
		.microseconds = judgement->microseconds,
		.waited = flight->round ? clock_microseconds() - flight->began - judgement->microseconds : 0,
	};
	plan_outcome(&plan, arena, &outcome);
	buf_init(&record, arena, LIMIT_CHANNEL_PAYLOAD);
	outcome_write(&outcome, &record);
	judged.outcome = buf_span(&record);
	if (kept) {
		struct case_source source = {
			.judgement = judgement,
			.pipeline = &flight->pipeline,
			.id = case_id,
			.door = span_cstr(session_door_name(flight->job.door)),
			.queue_id = flight->job.queue_id,
			.disposition = outcome.disposition,
			.withheld = outcome.withhold.v,
			.n_withheld = outcome.withhold.n,
			.generations = w->generations,
		};
		case_of(&source, arena, &casefile);
		buf_init(&record, arena, LIMIT_CHANNEL_PAYLOAD);
		casefile_write(&casefile, &record);
		judged.casefile = buf_span(&record);
		remembered_of(judgement, &flight->pipeline, arena, &judged.remembered);
	}
	if (flight->job.wish == WISH_WHY) {
		static const struct style plain;
		buf_init(&story, arena, LIMIT_CHANNEL_PAYLOAD / 2);
		report_story(judgement, &plain, &story);
		judged.story = buf_span(&story);
	}
	buf_init(&out, arena, LIMIT_CHANNEL_PAYLOAD);
	wire_put_judged(&judged, &out);
	post(w, flight, WIRE_JUDGED, &out);
}

static void send_lesson(struct worker *w, struct flight *flight)
{
	struct buf out;
	buf_init(&out, &flight->arena, LIMIT_CHANNEL_PAYLOAD);
	struct lesson *lesson = learner_lesson(&flight->pipeline);
	lesson_write(lesson, &out);
	lesson_free(lesson);
	post(w, flight, WIRE_LESSON, &out);
}

static void finish(struct worker *w, struct flight *flight)
{
	struct judgement judgement;
	pipeline_finish(&flight->pipeline, &judgement);
	if (flight->pipeline.thread == &w->learning)
		send_lesson(w, flight);
	else
		send_judged(w, flight, &judgement);
	end_flight(w, flight);
}

static bool learns(enum session_wish wish) { return wish == WISH_LEARN_SPAM || wish == WISH_LEARN_HAM || wish == WISH_FORGET; }

static void go_on(struct worker *w, struct flight *flight, enum pipeline_step step)
{
	if (step == PIPELINE_DONE) {
		finish(w, flight);
		return;
	}
	flight->next = w->flights;
	w->flights = flight;
}

/* False: what came is no job. */
static bool take_job(struct worker *w, const struct channel_record *record)
{
	struct arena arena;
	struct wire_job job;
	arena_init(&arena);
	int err = wire_job(record->payload, &arena, &job);
	arena_release(&arena);
	if (err != 0)
		return false;
	struct flight *flight = begin_flight(w, learns(job.wish) ? &w->learning : &w->judging);
	if (wire_job(arena_dup(&flight->arena, record->payload), &flight->arena, &flight->job) != 0)
		return false;
	flight->id = record->job;
	flight->round = NULL;
	flight->began = clock_microseconds();
	flight->message = record->content ? spool_hold(record->content) : spool_new();
	flight->pipeline.connection = &flight->job.connection;
	flight->pipeline.now = flight->job.now;
	struct span raw = spool_span(flight->message);
	if (!raw.p)
		return false;
	go_on(w, flight, pipeline_begin(&flight->pipeline, raw));
	return true;
}

static bool take_answers(struct worker *w, const struct channel_record *record)
{
	struct flight **at = flight_of(w, record->job), *flight = *at;
	struct answers answers;
	if (!flight || answers_record_read(record->payload, &flight->arena, &answers) != 0)
		return false;
	*at = flight->next;
	asker_answered(flight->round, &answers);
	go_on(w, flight, pipeline_continue(&flight->pipeline));
	return true;
}

/* A small message with a bit of everything, so that what libraries load at their first use is loaded before the sandbox closes. */
static const char warm_up[] =
    "From: a@example.org\r\nTo: b@example.net\r\nSubject: =?iso-8859-2?q?=B1?=\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n"
    "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s; h=from; bh=AAAA; b=AAAA\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=koi8-r\r\n\r\n"
    "<a href=\"http://\xc1.example/\">http://x\xc1.example</a>\r\n--b\r\nContent-Type: text/plain; charset=gb18030\r\n\r\n"
    "\x81\x30\x81\x30 \xb2\xe2\r\n--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==\r\n--b--\r\n";

static void warm(struct worker *w)
{
	struct pipeline_options alone = w->judge;
	struct pipeline pipeline;
	struct judgement judgement;
	alone.network = false;
	alone.forward = (struct asker_forward){ 0 };
	pipeline_warm_up();
	pipeline_init(&pipeline, &alone);
	pipeline_judge(&pipeline, span_of(warm_up, sizeof warm_up - 1), &judgement);
	pipeline_release(&pipeline);
	clock_now();
}

/* The first record, and what it names. */
static bool begin(struct worker *w, char sandbox[SANDBOX_WHY_MAX])
{
	struct channel_record record;
	struct span error;
	int err;
	err = channel_wait(w->channel, &record);
	if (err != 1 || record.type != WIRE_SETTINGS)
		return false;
	if (service_settings(record.payload, &w->service, &error) != 0) {
		say(LOG_ERR, "settings", "%.*s", SPAN_ARG(error));
		return false;
	}
	say_open(&w->service.settings, "worker");
	service_open(&w->service);
	if (w->service.trouble.n)
		say(LOG_ERR, "settings", "%.*s", SPAN_ARG(w->service.trouble));
	service_pipeline(&w->service, false, &w->judge);
	service_pipeline(&w->service, true, &w->learn);
	w->judge.forward = (struct asker_forward){ put_questions, w };
	/* What is learned asks nobody: an asker of its own would need an event loop, which the sandbox forbids. */
	static const struct answers nobody = { .unused = SPAN_INIT("was not asked: a message that is learned is not looked up") };
	w->learn.kept = &nobody;
	w->generations = case_generations(&w->service.settings, &w->service.arena);
	pipeline_thread_init(&w->judging, &w->judge);
	pipeline_thread_init(&w->learning, &w->learn);
	warm(w);
	err = sandbox_enter(0, NULL, sandbox);
	if (err != 0 && err != ERR_UNSUPPORTED)
		say(LOG_ERR, "sandbox", "%s", sandbox);
	return err == 0 || err == ERR_UNSUPPORTED;
}

int worker_main(int fd)
{
	struct worker w = { .channel = channel_new(fd, CHANNEL_QUEUE) };
	struct channel_record record;
	char sandbox[SANDBOX_WHY_MAX];
	int err;
	setlocale(LC_ALL, "C.UTF-8");
	if (!begin(&w, sandbox))
		return EXIT_FAILURE;
	channel_send(w.channel, WIRE_UP, 0, span_cstr(sandbox), NULL, -1);
	for (;;) {
		while ((err = channel_receive(w.channel, &record)) == 1) {
			bool sane =
			    record.type == WIRE_JOB ? take_job(&w, &record) : record.type == WIRE_ANSWERS && take_answers(&w, &record);
			spool_drop(record.content);
			if (!sane)
				return EXIT_FAILURE;
		}
		if (err < 0)
			return EXIT_SUCCESS; /* nobody is there any more to judge for */
		int more = channel_flush(w.channel);
		if (more < 0)
			return EXIT_SUCCESS;
		struct pollfd wait = { fd, (short)(POLLIN | (more ? POLLOUT : 0)), 0 };
		if (poll(&wait, 1, -1) < 0 && errno != EINTR)
			return EXIT_FAILURE;
	}
}
