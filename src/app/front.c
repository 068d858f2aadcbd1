/* app/front.c - see front.h */
#include "app/front.h"
#include "app/keeping.h"
#include "app/pool.h"
#include "app/service.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/record.h"
#include "net/sandbox.h"
#include "net/spool.h"
#include "session/door.h"

#include <event2/event.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	CHANNEL_QUEUE = 16 * 1024 * 1024,
	HEADER_BYTES = 64 * 1024,
	IDLE_SECONDS = 600,
	CONNECTIONS = 10000,
	DRAIN_SECONDS = 30,
	CONFIGURATION_SECONDS = 120, /* longer than any look-up takes: askers point into their settings */
};
#define SPOOLS (2048ull * 1024 * 1024) /* of all messages under way */

/* Settings, and what is made of them; lives as long as somebody uses it. */
struct configuration {
	struct service service;
	struct session_settings session;
	struct configuration *older;
	int64_t replaced; /* when another took its place */
};

struct front {
	struct event_base *base;
	struct channel *master;
	struct event *master_readable, *master_writable, *second;
	struct configuration *now;
	struct doors *doors;
	struct pool *pool;
	struct keeping *keeping;
	bool ready, stop;
	int64_t draining; /* when it began; 0 */
};

/* A request that waits for the keeper: what it is answered when the keeper has spoken. */
struct holding {
	struct front *front;
	struct session_request *request;
	struct outcome outcome;
	struct arena arena;
};

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("postern: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

static void answer(struct session_request *request, enum session_answer as, const struct outcome *outcome, struct span reply)
{
	request->answer = as;
	request->outcome = outcome;
	request->reply = reply;
	request->done(request);
}

/* What is held but not safe cannot be taken: the sender keeps it and comes again. */
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
	struct holding *h = context;
	if (kept != ANSWERED) {
		say("a message could not be held: %.*s", SPAN_ARG(reply));
		put_off(&h->outcome);
	}
	h->request->handler = NULL;
	answer(h->request, ANSWERED, &h->outcome, span_none);
	arena_release(&h->arena);
	free(h);
}

static void send_case(struct front *f, const struct wire_judged *judged, struct spool *message, bool hold, struct holding *holding)
{
	struct arena arena;
	struct buf out;
	struct wire_keep keep = { .hold = hold, .answer = hold, .casefile = judged->casefile };
	keep.correspondents.v = judged->correspondents.v;
	keep.correspondents.n = judged->correspondents.n;
	arena_init(&arena);
	buf_init(&out, &arena, LIMIT_CHANNEL_PAYLOAD);
	wire_put_keep(&keep, &out);
	struct spool *content = hold || f->now->service.settings.content_days ? message : NULL;
	if (holding)
		keeping_ask(f->keeping, WIRE_KEEP, buf_span(&out), content, on_held, holding);
	else
		keeping_tell(f->keeping, WIRE_KEEP, buf_span(&out), content);
	arena_release(&arena);
}

/* Kept first, then told to the door; what is not held is not waited for. */
static void judged(struct front *f, struct session_request *request, struct spool *message, struct span payload)
{
	struct holding *h = calloc(1, sizeof *h);
	struct wire_judged wire;
	if (!h)
		abort();
	h->front = f;
	h->request = request;
	arena_init(&h->arena);
	payload = arena_dup(&h->arena, payload);
	if (wire_judged(payload, &h->arena, &wire) != 0 || outcome_read(wire.outcome, &h->arena, &h->outcome) != 0) {
		answer(request, ANSWERED_UNAVAILABLE, NULL, SPAN("the worker answered what is no outcome"));
	} else if (request->wish == WISH_WHY) {
		answer(request, ANSWERED, &h->outcome, wire.story);
	} else if (h->outcome.disposition == DISPOSITION_STORE || h->outcome.withhold.n) {
		request->handler = h;
		send_case(f, &wire, message, true, h);
		return;
	} else {
		if (wire.casefile.n)
			send_case(f, &wire, message, false, NULL);
		answer(request, ANSWERED, &h->outcome, span_none);
	}
	arena_release(&h->arena);
	free(h);
}

static void on_told(void *context, enum session_answer told, struct span reply) { answer(context, told, NULL, reply); }

static void taught(struct front *f, struct session_request *request, struct span lesson)
{
	struct arena arena;
	struct buf out;
	arena_init(&arena);
	buf_init(&out, &arena, LIMIT_CHANNEL_PAYLOAD);
	record_put_number(&out, request->wish);
	record_put_text(&out, lesson);
	keeping_ask(f->keeping, WIRE_TEACH, buf_span(&out), NULL, on_told, request);
	arena_release(&arena);
}

static void on_over(void *context, struct session_request *request, struct spool *message, uint8_t type, struct span payload)
{
	struct front *f = context;
	spool_drop(request->message);
	request->message = NULL;
	if (type == WIRE_JUDGED)
		judged(f, request, message, payload);
	else if (type == WIRE_LESSON)
		taught(f, request, payload);
	else {
		say("a message was not judged: %.*s", SPAN_ARG(payload));
		answer(request, ANSWERED_UNAVAILABLE, NULL, payload);
	}
}

static void on_aside(void *context, struct spool *message, struct span why)
{
	struct front *f = context;
	struct arena arena;
	struct buf out;
	say("%.*s; the message is set aside", SPAN_ARG(why));
	arena_init(&arena);
	buf_init(&out, &arena, SIZE_MAX);
	record_put_text(&out, why);
	keeping_tell(f->keeping, WIRE_ASIDE, buf_span(&out), message);
	arena_release(&arena);
}

static void tell_master(struct front *f, enum wire_type type, struct span payload)
{
	if (channel_send(f->master, (uint8_t)type, 0, payload, NULL, -1) != 0)
		f->stop = true;
	else if (channel_queued(f->master))
		event_add(f->master_writable, NULL);
}

static void on_hung(void *context, uint64_t pid)
{
	struct arena arena;
	struct buf out;
	arena_init(&arena);
	buf_init(&out, &arena, SIZE_MAX);
	record_put_number(&out, pid);
	tell_master(context, WIRE_HUNG, buf_span(&out));
	arena_release(&arena);
}

static void on_trouble(void *context, struct span what)
{
	(void)context;
	say("%.*s", SPAN_ARG(what));
}

static void on_up(void *context, uint64_t generation, struct span sandbox)
{
	struct front *f = context;
	say("a worker of generation %llu is ready (%.*s)", (unsigned long long)generation, SPAN_ARG(sandbox));
	if (!f->ready)
		tell_master(f, WIRE_READY, span_none);
	f->ready = true;
}

/* Handlers of the sessions. */

static void submit(void *context, struct session_request *request)
{
	struct front *f = context;
	struct arena arena;
	struct buf out;
	request->handler = NULL;
	if (request->message) {
		spool_seal(request->message);
		pool_submit(f->pool, request, request->message);
		return;
	}
	arena_init(&arena);
	buf_init(&out, &arena, LIMIT_CHANNEL_PAYLOAD);
	record_put_number(&out, request->wish);
	record_put_text(&out, request->text);
	keeping_ask(f->keeping, WIRE_READ, buf_span(&out), NULL, on_told, request);
	arena_release(&arena);
}

static void cancel(void *context, struct session_request *request)
{
	struct front *f = context;
	struct holding *h = request->handler;
	pool_cancel(f->pool, request);
	keeping_forget(f->keeping, request);
	spool_drop(request->message);
	request->message = NULL;
	if (!h)
		return;
	keeping_forget(f->keeping, h);
	arena_release(&h->arena);
	free(h);
}

static void on_session_trouble(void *context, enum session_door door, struct span what)
{
	static const char *const names[DOORS] = { [DOOR_MILTER] = "milter", [DOOR_SPAMD] = "spamd", [DOOR_HTTP] = "http" };
	(void)context;
	say("%s: %.*s", names[door], SPAN_ARG(what));
}

/* Settings. */

static struct asker *make_asker(struct front *f, struct configuration *c)
{
	const struct settings *s = &c->service.settings;
	struct asker_options options = { .resolver = s->resolver.kind,
					 .servers = s->resolver.servers,
					 .n_servers = s->resolver.n,
					 .deadline = (uint32_t)s->dns_deadline };
	struct asker *asker;
	struct span error;
	if (asker_new(&options, f->base, &c->service.arena, &asker, &error) == 0)
		return asker;
	say("nobody is asked over the network: %.*s", SPAN_ARG(error));
	options.resolver = RESOLVER_NONE;
	if (asker_new(&options, f->base, &c->service.arena, &asker, &error) != 0)
		abort();
	return asker;
}

static void free_configuration(struct configuration *c)
{
	if (!c)
		return;
	service_close(&c->service);
	free(c);
}

static void free_old_configurations(struct front *f)
{
	for (struct configuration **at = &f->now->older; *at;) {
		struct configuration *c = *at;
		if (clock_now() - c->replaced < CONFIGURATION_SECONDS) {
			at = &c->older;
			continue;
		}
		*at = c->older;
		free_configuration(c);
	}
}

static bool configure(struct front *f, struct span payload)
{
	struct configuration *c = calloc(1, sizeof *c);
	struct span error;
	if (!c)
		abort();
	if (service_settings(payload, &c->service, &error) != 0) {
		say("%.*s", SPAN_ARG(error));
		free_configuration(c);
		return false;
	}
	const struct settings *s = &c->service.settings;
	c->session = (struct session_settings){
		.message_bytes = (uint32_t)s->message_bytes,
		.header_bytes = HEADER_BYTES,
		.idle_seconds = IDLE_SECONDS,
		.read_seconds = (uint32_t)(s->message_deadline / 1000) * 5,
		.connections = CONNECTIONS,
		.accept_on_failure = s->on_failure == ON_FAILURE_ACCEPT,
		.password = s->password,
		.hostname = settings_authserv_id(s),
	};
	struct pool_settings pool = { .deadline = (uint64_t)s->message_deadline * 1000 };
	if (f->now)
		f->now->replaced = clock_now();
	c->older = f->now;
	f->now = c;
	pool_configure(f->pool, &pool, make_asker(f, c));
	if (f->doors)
		doors_configure(f->doors, &c->session);
	return true;
}

/* Master. */

static void take_listener(struct front *f, const struct channel_record *record)
{
	struct cursor c = cursor_of(record->payload);
	uint64_t door = record_number(&c);
	if (c.overrun || door >= DOORS || doors_open(f->doors, (enum session_door)door, record->fd) != 0)
		say("a door could not be opened");
}

static void take_worker(struct front *f, const struct channel_record *record)
{
	struct cursor c = cursor_of(record->payload);
	uint64_t pid = record_number(&c), generation = record_number(&c);
	pool_add(f->pool, record->fd, pid, generation);
}

static bool heard(struct front *f, const struct channel_record *record)
{
	switch (record->type) {
	case WIRE_SETTINGS:
		if (configure(f, record->payload))
			doors_unlisten(f->doors); /* all of them are sent anew */
		return true;
	case WIRE_LISTENER: take_listener(f, record); return true;
	case WIRE_WORKER: take_worker(f, record); return true;
	case WIRE_PEER: keeping_attach(f->keeping, record->fd); return true;
	case WIRE_DRAIN:
		doors_shut(f->doors);
		f->draining = clock_now();
		return true;
	default: return false;
	}
}

static void on_master(evutil_socket_t fd, short what, void *context)
{
	struct front *f = context;
	struct channel_record record;
	int err;
	(void)fd;
	(void)what;
	while ((err = channel_receive(f->master, &record)) == 1)
		if (!heard(f, &record))
			f->stop = true;
	if (err < 0)
		f->stop = true;
}

static void on_master_writable(evutil_socket_t fd, short what, void *context)
{
	struct front *f = context;
	(void)fd;
	(void)what;
	if (channel_flush(f->master) == 1)
		event_add(f->master_writable, NULL);
}

static void on_second(evutil_socket_t none, short what, void *context)
{
	struct front *f = context;
	struct pool_status status;
	(void)none;
	(void)what;
	tell_master(f, WIRE_ALIVE, span_none);
	free_old_configurations(f);
	pool_status(f->pool, &status);
	if (f->draining && ((status.jobs == 0 && keeping_queued(f->keeping) == 0) || clock_now() - f->draining > DRAIN_SECONDS))
		f->stop = true;
}

static bool begin(struct front *f)
{
	struct channel_record record;
	char sandbox[SANDBOX_WHY_MAX];
	int err;
	while ((err = channel_receive(f->master, &record)) == 0)
		poll(&(struct pollfd){ channel_fd(f->master), POLLIN, 0 }, 1, -1);
	if (err != 1 || record.type != WIRE_SETTINGS || !configure(f, record.payload))
		return false;
	err = sandbox_enter(SANDBOX_NETWORK, NULL, sandbox);
	if (err != 0)
		say("front: %s", sandbox);
	return err == 0 || err == ERR_UNSUPPORTED;
}

int front_main(int fd)
{
	static const struct timeval second = { 1, 0 };
	struct front f = { .base = event_base_new() };
	if (!f.base)
		return EXIT_FAILURE;
	struct pool_events events = { &f, on_over, on_aside, on_hung, on_trouble, on_up };
	struct session_handlers handlers = { &f, submit, cancel, on_session_trouble };
	spool_limit(SPOOLS);
	f.master = channel_new(fd, CHANNEL_QUEUE);
	f.pool = pool_new(f.base, &events);
	f.keeping = keeping_new(f.base);
	f.master_writable = event_new(f.base, fd, EV_WRITE, on_master_writable, &f);
	f.second = event_new(f.base, -1, EV_PERSIST, on_second, &f);
	if (!f.master_writable || !f.second || !begin(&f))
		return EXIT_FAILURE;
	f.doors = doors_new(f.base, &handlers, &f.now->session);
	f.master_readable = event_new(f.base, fd, EV_READ | EV_PERSIST, on_master, &f);
	if (!f.master_readable || event_add(f.master_readable, NULL) != 0 || event_add(f.second, &second) != 0)
		return EXIT_FAILURE;
	on_master(fd, EV_READ, &f); /* what came with the settings */
	while (!f.stop) {
		event_base_loop(f.base, EVLOOP_ONCE);
		pool_turn(f.pool);
	}
	doors_free(f.doors);
	pool_free(f.pool);
	keeping_free(f.keeping);
	channel_free(f.master);
	return EXIT_SUCCESS;
}
