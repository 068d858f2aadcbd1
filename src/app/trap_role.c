/* app/trap_role.c - see trap_role.h */
#include "app/trap_role.h"
#include "app/keeping.h"
#include "app/say.h"
#include "app/service.h"
#include "app/trap_tls.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/record.h"
#include "learn/fingerprint.h"
#include "message/content.h"
#include "net/sandbox.h"
#include "net/spool.h"
#include "net/tls.h"
#include "session/door.h"
#include "trap/reading.h"

#include <event2/event.h>
#include <stdlib.h>

enum {
	CHANNEL_QUEUE = 1024 * 1024,
	CONNECTIONS = 500, /* each may hold a message of 256 kB */
	HEADER_BYTES = 64 * 1024,
	IDLE_SECONDS = 300,
	OWN = 64, /* addresses of ours that clients came to */
};
#define SPOOLS (64ull * 1024 * 1024) /* of what waits for the keeper */

struct trap_role {
	struct event_base *base;
	struct channel *master;
	struct event *readable;
	struct keeping *keeping;
	struct doors *doors;
	struct service service;
	struct session_settings session;
	struct own_address own[OWN + 1]; /* what is sought in messages: the name is the first */
	size_t n_own;
	struct own_set *sought;
	struct arena seeking, arena;            /* of sought; of one catch */
	struct ssl_ctx_st *own_tls, *given_tls; /* one's own, for tls_name; the settings' */
	struct span tls_name;
	struct arena naming; /* of it */
	struct event *second;
	uint32_t came; /* since the keeper was told */
	bool stop;
};

static void build_sought(struct trap_role *t)
{
	arena_reset(&t->seeking);
	if (own_address_build(t->own, t->n_own, &t->seeking, &t->sought) != 0)
		abort(); /* there are fewer than that takes */
}

/* A socket on all addresses tells only with a client which of them are ours. */
static void note_own(struct trap_role *t, const struct ip *ip)
{
	for (size_t i = 1; i < t->n_own; i++)
		if (ip_eq(&t->own[i].ip, ip))
			return;
	if (t->n_own > OWN)
		return;
	t->own[t->n_own++] = (struct own_address){ .ip = *ip };
	build_sought(t);
}

/* What the keeper cannot take now is lost: a trap stops nobody's mail. */
static void on_caught(void *context, const struct trap_catch *caught, bool over)
{
	struct trap_role *t = context;
	struct wire_hit hit = { .over = over };
	struct reading reading;
	struct message message;
	struct spool *spool = NULL;
	struct buf record, out;
	arena_reset(&t->arena);
	note_own(t, &caught->own);
	reading_take(caught, t->sought, &t->arena, &reading);
	buf_init(&record, &t->arena, LIMIT_CHANNEL_PAYLOAD / 2);
	reading_write(&reading, &record);
	hit.reading = buf_span(&record);
	if (caught->message.p) {
		struct fingerprint fingerprint;
		message_parse(caught->message, &t->arena, &message);
		fingerprint_take(&message, &fingerprint);
		memcpy(hit.fingerprint, fingerprint.b, sizeof hit.fingerprint);
		spool = spool_new();
		if (spool_add(spool, caught->message) != 0 || spool_seal(spool) != 0) {
			spool_drop(spool);
			spool = NULL;
		}
	}
	buf_init(&out, &t->arena, LIMIT_CHANNEL_PAYLOAD);
	wire_put_hit(&hit, &out);
	if (!out.full)
		keeping_tell(t->keeping, WIRE_HIT, buf_span(&out), spool);
	spool_drop(spool);
}

static void count_later(struct trap_role *t)
{
	static const struct timeval second = { 1, 0 };
	event_add(t->second, &second);
}

static void on_came(void *context)
{
	struct trap_role *t = context;
	if (t->came++ == 0)
		count_later(t);
}

static void on_second(evutil_socket_t none, short what, void *context)
{
	struct trap_role *t = context;
	struct buf out;
	(void)none;
	(void)what;
	arena_reset(&t->arena);
	buf_init(&out, &t->arena, LIMIT_CHANNEL_PAYLOAD);
	record_put_number(&out, t->came);
	if (keeping_tell(t->keeping, WIRE_CAME, buf_span(&out), NULL))
		t->came = 0;
	else
		count_later(t);
}

static void on_trouble(void *context, enum session_door door, struct span what)
{
	(void)context;
	say(LOG_NOTICE, session_door_name(door), "%.*s", SPAN_ARG(what));
}

static const struct span personalities[] = {
	[TRAP_POSTFIX] = SPAN_INIT("postfix"),
	[TRAP_EXIM] = SPAN_INIT("exim"),
	[TRAP_EXCHANGE] = SPAN_INIT("exchange"),
};

static bool configure(struct trap_role *t, struct span payload)
{
	struct service service;
	struct span error;
	if (service_settings(payload, &service, &error) != 0) {
		say(LOG_ERR, "settings", "%.*s", SPAN_ARG(error));
		return false;
	}
	service_close(&t->service);
	t->service = service;
	const struct settings *s = &t->service.settings;
	say_open(s, "trap");
	t->session = (struct session_settings){
		.message_bytes = (uint32_t)s->message_bytes,
		.header_bytes = HEADER_BYTES,
		.idle_seconds = IDLE_SECONDS,
		.read_seconds = IDLE_SECONDS,
		.connections = CONNECTIONS,
		.hostname = s->hostname,
		.trap_hostname = s->trap_hostname.n ? s->trap_hostname : s->hostname,
		.trap_personality = personalities[s->trap_personality],
		.smtp = { .proxy_from = s->proxy_protocol_from.v,
			  .n_proxy_from = s->proxy_protocol_from.n,
			  .tls = t->given_tls ? t->given_tls : t->own_tls },
	};
	t->own[0] = (struct own_address){ .name = t->session.trap_hostname };
	t->n_own += t->n_own == 0;
	build_sought(t);
	if (t->doors)
		doors_configure(t->doors, &t->session);
	return true;
}

/* One of our own for the name at hand, unless the settings bring one. folder: NULL: the sandbox is closed, it cannot be kept. */
static void make_tls(struct trap_role *t, const char *folder)
{
	const struct settings *s = &t->service.settings;
	struct ssl_ctx_st *tls;
	struct span error;
	if (s->trap_certificate.n || span_eq(t->tls_name, t->session.trap_hostname))
		return;
	int err = trap_tls_own(folder, t->session.trap_hostname, &t->arena, &tls, &error);
	if (error.n)
		say(LOG_ERR, "tls", "%s: %.*s",
		    err == 0 ? "the trap's certificate will be another after a restart" : "the trap offers no STARTTLS", SPAN_ARG(error));
	if (err != 0)
		return;
	tls_free(t->own_tls);
	t->own_tls = tls;
	arena_reset(&t->naming);
	t->tls_name = arena_dup(&t->naming, t->session.trap_hostname);
}

static void take_tls(struct trap_role *t, struct span payload)
{
	struct cursor c = cursor_of(payload);
	struct span certificate = record_text(&c), key = record_text(&c), error;
	struct ssl_ctx_st *tls = NULL;
	if (c.overrun || (certificate.n && tls_server_new(certificate, key, &t->arena, &tls, &error) != 0))
		say(LOG_ERR, "tls", "the trap's own certificate is offered: trap_certificate did not come");
	tls_free(t->given_tls);
	t->given_tls = tls;
	make_tls(t, NULL);
	t->session.smtp.tls = tls ? tls : t->own_tls;
	doors_configure(t->doors, &t->session);
}

static bool heard(struct trap_role *t, const struct channel_record *record)
{
	struct cursor c = cursor_of(record->payload);
	switch (record->type) {
	case WIRE_SETTINGS:
		if (configure(t, record->payload))
			doors_unlisten(t->doors);
		return true;
	case WIRE_TLS: take_tls(t, record->payload); return true;
	case WIRE_LISTENER:
		if (record_number(&c) != DOOR_TRAP || c.overrun || doors_open(t->doors, DOOR_TRAP, record->fd) != 0)
			say(LOG_ERR, "door", "the trap could not be opened");
		return true;
	case WIRE_PEER: keeping_attach(t->keeping, record->fd); return true;
	default: return false;
	}
}

static void on_master(evutil_socket_t fd, short what, void *context)
{
	struct trap_role *t = context;
	struct channel_record record;
	int err;
	(void)fd;
	(void)what;
	while ((err = channel_receive(t->master, &record)) == 1) {
		spool_drop(record.content);
		if (!heard(t, &record))
			t->stop = true;
	}
	if (err < 0)
		t->stop = true;
	if (t->stop)
		event_base_loopbreak(t->base);
}

static bool begin(struct trap_role *t)
{
	struct channel_record record;
	char sandbox[SANDBOX_WHY_MAX];
	if (channel_wait(t->master, &record) != 1 || record.type != WIRE_SETTINGS || !configure(t, record.payload))
		return false;
	content_warm_up();
	tls_prepare();
	make_tls(t, (const char *)t->service.sent.data_directory.p);
	int err = sandbox_enter(SANDBOX_ACCEPT, NULL, sandbox);
	say(err == 0 ? LOG_INFO : LOG_WARNING, "sandbox", "%s", sandbox);
	return err == 0 || err == ERR_UNSUPPORTED;
}

int trap_main(int fd)
{
	struct trap_role t = { .base = event_base_new() };
	struct session_handlers handlers = { .context = &t, .caught = on_caught, .came = on_came, .trouble = on_trouble };
	if (!t.base)
		return EXIT_FAILURE;
	arena_init(&t.seeking);
	arena_init(&t.arena);
	arena_init(&t.service.arena);
	arena_init(&t.naming);
	spool_limit(SPOOLS);
	t.master = channel_new(fd, CHANNEL_QUEUE);
	t.keeping = keeping_new(t.base);
	t.readable = event_new(t.base, fd, EV_READ | EV_PERSIST, on_master, &t);
	t.second = event_new(t.base, -1, 0, on_second, &t);
	if (!t.second || !t.readable || event_add(t.readable, NULL) != 0 || !begin(&t))
		return EXIT_FAILURE;
	t.doors = doors_new(t.base, &handlers, &t.session);
	on_master(fd, EV_READ, &t); /* what came with the settings */
	while (!t.stop)
		event_base_loop(t.base, EVLOOP_ONCE);
	doors_free(t.doors);
	if (t.came)
		on_second(-1, 0, &t);
	keeping_free(t.keeping);
	event_free(t.readable);
	event_free(t.second);
	service_close(&t.service);
	arena_release(&t.seeking);
	arena_release(&t.arena);
	arena_release(&t.naming);
	tls_free(t.own_tls);
	tls_free(t.given_tls);
	channel_free(t.master);
	event_base_free(t.base);
	return EXIT_SUCCESS;
}
