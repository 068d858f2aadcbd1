/* app/front.c - see front.h */
#include "app/front.h"
#include "app/asking.h"
#include "app/front_parts.h"
#include "app/say.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/record.h"
#include "net/sandbox.h"
#include "net/spool.h"
#include "net/tls.h"
#include "state/tuples.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	CHANNEL_QUEUE = 16 * 1024 * 1024,
	HEADER_BYTES = 64 * 1024,
	IDLE_SECONDS = 600,
	CONNECTIONS = 250000, /* or half as many as files may be open: a message under way has a file and a connection to the next hop */
	DRAIN_SECONDS = 30,
	MINUTE = 60000000, /* microseconds */
	RELOAD_GOOD = 0,   /* as base/metrics.def has them */
	RELOAD_BAD = 1,
	CONFIGURATION_SECONDS = 120, /* longer than any look-up takes: askers point into their settings */
};
#define SPOOLS (2048ull * 1024 * 1024) /* of all messages under way */

static void on_aside(void *context, struct spool *message, struct span why)
{
	struct front *f = context;
	struct arena arena;
	struct buf out;
	say(LOG_ERR, "set_aside", "%.*s; the message is set aside", SPAN_ARG(why));
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
	say(LOG_WARNING, "worker", "%.*s", SPAN_ARG(what));
}

static void on_up(void *context, uint64_t generation, struct span sandbox)
{
	struct front *f = context;
	say(LOG_INFO, "worker", "a worker of generation %llu is ready (%.*s)", (unsigned long long)generation, SPAN_ARG(sandbox));
	if (!f->ready)
		tell_master(f, WIRE_READY, span_none);
	f->ready = true;
}

static void on_session_trouble(void *context, enum session_door door, struct span what)
{
	(void)context;
	say(LOG_NOTICE, session_door_name(door), "%.*s", SPAN_ARG(what));
}

/* Settings. */

/* Are the same asked, and believed for the same reasons? */
static bool asks_the_same(const struct service *a, const struct service *b)
{
	return a->settings.resolver.kind == b->settings.resolver.kind && span_eq(a->sent.dns_files, b->sent.dns_files);
}

/* One of new settings: nobody is asked where that cannot be. */
static struct asker *make_asker(struct front *f, struct configuration *c, struct answerer lists)
{
	struct asker_options options = asking_options(&c->service.settings, &c->service.dns_files);
	struct asker *asker;
	struct span error;
	options.answerers[QUESTION_LIST] = lists;
	if (asker_new(&options, f->base, &c->service.arena, &asker, &error) != 0) {
		say(LOG_ERR, "resolver", "nobody is asked over the network: %.*s", SPAN_ARG(error));
		options.nobody = true;
		if (asker_new(&options, f->base, &c->service.arena, &asker, &error) != 0)
			abort();
	}
	asker_start(asker);
	return asker;
}

/* Those who ask for messages, and about clients. */
static void renew_askers(struct front *f, struct configuration *c)
{
	if (f->asking && asks_the_same(&c->service, &f->asking->service)) {
		pool_ask_within(f->pool, (uint32_t)c->service.settings.dns_deadline);
		gatekeeper_ask_within(f->gate, (uint32_t)c->service.settings.dns_deadline);
		return;
	}
	f->asking = c;
	pool_ask_by(f->pool, make_asker(f, c, (struct answerer){ 0 }));
	gatekeeper_ask_by(f->gate, make_asker(f, c, gatekeeper_lists(f->gate)));
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
		if (c == f->asking || clock_now() - c->replaced < CONFIGURATION_SECONDS) {
			at = &c->older;
			continue;
		}
		*at = c->older;
		free_configuration(c);
	}
}

/* As many files as the system lets the service have (LimitNOFILE= of systemd). */
static uint32_t connections(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return 256;
	return files.rlim_cur / 2 < CONNECTIONS ? (uint32_t)(files.rlim_cur / 2) : CONNECTIONS;
}

static void raise_files(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files); /* fewer then */
}

static void set_zone(struct front *f, struct configuration *c)
{
	const struct settings *s = &c->service.settings;
	if (!s->listen_dns.n)
		return;
	if (!s->dns_zone.n)
		say(LOG_ERR, "dns", "listen_dns answers nothing: dns_zone is not set");
	else if (!dns_zone_init(&c->zone, s->dns_zone, settings_authserv_id(s), address_book_lists(f->addresses)))
		say(LOG_ERR, "dns", "listen_dns answers nothing: %.*s is no name of a zone, or too long for addresses before it",
		    SPAN_ARG(s->dns_zone));
	else
		c->session.dns_zone = &c->zone;
	c->session.dns_zone_rate = (uint32_t)s->dns_zone_rate;
}

static bool configure(struct front *f, struct span payload)
{
	struct configuration *c = calloc(1, sizeof *c);
	struct span error;
	if (!c)
		abort();
	if (service_settings(payload, &c->service, &error) != 0) {
		say(LOG_ERR, "settings", "%.*s", SPAN_ARG(error));
		free_configuration(c);
		return false;
	}
	const struct settings *s = &c->service.settings;
	say_open(s, "front");
	c->session = (struct session_settings){
		.message_bytes = (uint32_t)s->message_bytes,
		.header_bytes = HEADER_BYTES,
		.idle_seconds = IDLE_SECONDS,
		.read_seconds = (uint32_t)(s->message_deadline / 1000) * 5,
		.connections = f->connections,
		.accept_on_failure = s->on_failure == ON_FAILURE_ACCEPT || !s->enforce, /* as plan_unjudged has it */
		.password = s->password,
		.hostname = settings_authserv_id(s),
		.smtp = { .next_hop = &s->next_hop,
			  .next_hop_lmtp = &s->next_hop_lmtp,
			  .proxy_from = s->proxy_protocol_from.v,
			  .n_proxy_from = s->proxy_protocol_from.n,
			  .introduced_by = s->xclient_from.v,
			  .n_introduced_by = s->xclient_from.n,
			  .tls = f->tls,
			  .auth = s->next_hop_auth,
			  .hop_tls = s->next_hop_tls,
			  .hop_client = f->hop_client,
			  .hop_name = s->next_hop_name },
	};
	set_zone(f, c);
	struct pool_settings pool = { .deadline = (uint64_t)s->message_deadline * 1000 };
	if (f->now)
		f->now->replaced = clock_now();
	c->older = f->now;
	f->now = c;
	pool_configure(f->pool, &pool);
	if (f->doors)
		doors_configure(f->doors, &c->session);
	if (f->gate) {
		gatekeeper_configure(f->gate, &c->service);
		renew_askers(f, c);
	}
	return true;
}

/* Master. */

static void take_listener(struct front *f, const struct channel_record *record)
{
	struct cursor c = cursor_of(record->payload);
	uint64_t door = record_number(&c);
	if (c.overrun || door >= DOORS || doors_open(f->doors, (enum session_door)door, record->fd) != 0)
		say(LOG_ERR, "door", "a door could not be opened");
}

/* Conversations that are secured hold what they need of the one before. */
static void take_tls(struct front *f, struct span payload)
{
	struct cursor c = cursor_of(payload);
	struct span certificate = record_text(&c), key = record_text(&c), authorities = record_text(&c), error;
	struct arena *arena = &f->now->service.arena;
	struct ssl_ctx_st *tls = NULL, *client = NULL;
	if (c.overrun || (certificate.n && tls_server_new(certificate, key, arena, &tls, &error) != 0))
		say(LOG_ERR, "tls", "STARTTLS is not offered: %.*s", SPAN_ARG(c.overrun ? SPAN("no certificate came") : error));
	if (c.overrun || tls_client_new(authorities, arena, &client, &error) != 0)
		say(LOG_ERR, "tls", "TLS is not spoken with the next hop: %.*s", SPAN_ARG(c.overrun ? SPAN("no certificate came") : error));
	tls_free(f->tls);
	tls_free(f->hop_client);
	f->tls = f->now->session.smtp.tls = tls;
	f->hop_client = f->now->session.smtp.hop_client = client;
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
		metrics_add(&f->metrics, METRIC_RELOADS, 1, (struct metrics_at){ RELOAD_GOOD, 0, 0 });
		return true;
	case WIRE_REFUSED: metrics_add(&f->metrics, METRIC_RELOADS, 1, (struct metrics_at){ RELOAD_BAD, 0, 0 }); return true;
	case WIRE_TLS: take_tls(f, record->payload); return true;
	case WIRE_ADDRESSES:
		if (!address_book_take(f->addresses, record->payload, record->fd))
			return false;
		if (record->fd >= 0)
			close(record->fd);
		return true;
	case WIRE_LIST:
		if (!gatekeeper_take_list(f->gate, record->payload, record->fd))
			return false;
		if (record->fd >= 0)
			close(record->fd);
		return true;
	case WIRE_LISTENER: take_listener(f, record); return true;
	case WIRE_WORKER: take_worker(f, record); return true;
	case WIRE_PEER: keeping_attach(f->keeping, record->fd); return true;
	case WIRE_DRAIN:
		doors_shut(f->doors);
		doors_part(f->doors, false);
		f->draining = clock_microseconds();
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

void front_gauges(struct front *f)
{
	struct metrics *metrics = &f->metrics;
	struct pool_status status;
	pool_status(f->pool, &status);
	metrics_set(metrics, METRIC_WORKERS, status.ready, METRICS_PLAIN);
	metrics_set(metrics, METRIC_WORKERS_RESTARTED, status.died, METRICS_PLAIN);
	metrics_set(metrics, METRIC_KEEPER_QUEUE_BYTES, keeping_queued(f->keeping), METRICS_PLAIN);
	metrics_set(metrics, METRIC_STATE_FULL, keeping_no_room(f->keeping), METRICS_PLAIN);
	for (unsigned door = 0; door < DOORS; door++)
		metrics_set(metrics, METRIC_CONNECTIONS_OPEN, doors_connections_of(f->doors, (enum session_door)door),
			    (struct metrics_at){ door, 0, 0 });
	metrics_set(metrics, METRIC_GIVEN_UP, doors_given_up(f->doors), METRICS_PLAIN);
	metrics_set(metrics, METRIC_COUNTERS_FORGOTTEN, gatekeeper_forgotten(f->gate), METRICS_PLAIN);
	metrics_set(metrics, METRIC_LOG_LOST, say_log()->lost, METRICS_PLAIN);
	metrics_set(metrics, METRIC_UPTIME_SECONDS, (uint64_t)(clock_now() - f->since), METRICS_PLAIN);
}

static void tell_stages(struct front *f)
{
	uint64_t all = 0;
	struct arena arena;
	struct buf out;
	for (unsigned i = 0; i < STAGES; i++)
		all |= f->stages.n[i];
	if (!all)
		return;
	arena_init(&arena);
	buf_init(&out, &arena, SIZE_MAX);
	for (unsigned i = 0; i < STAGES; i++)
		record_put_number(&out, f->stages.n[i]);
	if (keeping_tell(f->keeping, WIRE_COUNTED, buf_span(&out), NULL))
		memset(&f->stages, 0, sizeof f->stages);
	arena_release(&arena);
}

/* Once a minute, while it goes on. */
static void tell_full(struct front *f)
{
	uint64_t now = clock_microseconds(), given_up = doors_given_up(f->doors), forgotten = gatekeeper_forgotten(f->gate);
	if ((f->told_full && now - f->told_full < MINUTE) || (given_up == f->told_given_up && forgotten == f->told_forgotten))
		return;
	if (given_up > f->told_given_up)
		say(LOG_WARNING, "door", "all %u places are taken: %llu clients that said nothing made room for others", f->connections,
		    (unsigned long long)(given_up - f->told_given_up));
	if (forgotten > f->told_forgotten)
		say(LOG_WARNING, "gate", "more addresses come than can be counted: %llu were forgotten, whose rates are not held",
		    (unsigned long long)(forgotten - f->told_forgotten));
	f->told_full = now;
	f->told_given_up = given_up;
	f->told_forgotten = forgotten;
}

static void on_second(evutil_socket_t none, short what, void *context)
{
	struct front *f = context;
	struct pool_status status;
	(void)none;
	(void)what;
	tell_master(f, WIRE_ALIVE, span_none);
	tell_stages(f);
	tell_full(f);
	free_old_configurations(f);
	pool_status(f->pool, &status);
	if (f->draining) {
		uint64_t since = (clock_microseconds() - f->draining) / 1000000;
		bool waits = doors_part(f->doors, since + 2 >= DRAIN_SECONDS) || status.jobs || keeping_queued(f->keeping);
		f->stop |= !waits || since > DRAIN_SECONDS;
	}
}

/* The keeper makes it when the service is started for the first time: that may take it a moment. */
static void open_tuples(struct front *f)
{
	char why[TUPLES_WHY_MAX];
	int err = ERR_NOT_FOUND;
	for (unsigned i = 0; i < 50 && err == ERR_NOT_FOUND; i++) {
		if (i)
			usleep(100000);
		err = tuples_open((const char *)f->now->service.sent.data_directory.p, TUPLES_READ, LIMIT_TUPLES_BYTES, clock_now(), why,
				  &f->tuples);
	}
	if (err != 0) {
		f->tuples = NULL;
		say(LOG_ERR, "hot_state", "%s", why);
	}
}

static bool on_gate(void *context, struct gate_visit *visit, enum gate_stage stage)
{
	struct front *f = context;
	return gatekeeper_ask(f->gate, visit, stage);
}

static void on_questions(void *context, bool tcp, const uint32_t outcomes[])
{
	struct front *f = context;
	for (unsigned i = 0; i < DNS_ZONE_OUTCOMES; i++)
		if (outcomes[i])
			metrics_add(&f->metrics, METRIC_DNS_QUESTIONS, outcomes[i], (struct metrics_at){ tcp, i, 0 });
}

/* Before the sandbox closes: the location database is a file. */
static void open_gate(struct front *f)
{
	const struct settings *s = &f->now->service.settings;
	struct span error, path = s->network_database;
	if (network_open(path.n ? (const char *)path.p : NETWORK_PACKAGED, &f->arena, &f->places, &error) != 0)
		f->places = NULL;
	struct gatekeeper_links links = { .keeping = f->keeping,
					  .metrics = &f->metrics,
					  .stages = &f->stages,
					  .tuples = f->tuples,
					  .places = f->places,
					  .addresses = address_book_lists(f->addresses) };
	f->gate = gatekeeper_new(&links);
	gatekeeper_configure(f->gate, &f->now->service);
	renew_askers(f, f->now);
}

static bool count_trap(struct front *f, struct span payload)
{
	struct cursor c = cursor_of(payload);
	for (unsigned i = 0; i < STAGES_OF_TRAP; i++)
		metrics_add(&f->metrics, METRIC_TRAP, record_number(&c), (struct metrics_at){ i, 0, 0 });
	return !c.overrun;
}

static bool on_keeper(void *context, const struct channel_record *record)
{
	struct front *f = context;
	switch (record->type) {
	case WIRE_WHO: return client_names_ask(f->names, record->payload);
	case WIRE_LEARN: return front_learn(f, record);
	case WIRE_TRAP_COUNTED: return count_trap(f, record->payload);
	default: return false;
	}
}

static bool begin(struct front *f)
{
	struct channel_record record;
	char sandbox[SANDBOX_WHY_MAX];
	int err;
	err = channel_wait(f->master, &record);
	if (err != 1 || record.type != WIRE_SETTINGS || !configure(f, record.payload))
		return false;
	open_tuples(f);
	open_gate(f);
	f->names = client_names_new(f->gate, f->keeping, address_book_lists(f->addresses));
	keeping_hear(f->keeping, on_keeper, f);
	tls_prepare();
	err = sandbox_enter(SANDBOX_NETWORK, NULL, sandbox);
	if (err != 0)
		say(LOG_WARNING, "sandbox", "%s", sandbox);
	return err == 0 || err == ERR_UNSUPPORTED;
}

/* What is changed several times about a socket before the next wait, as is done in every answer, is told to the kernel once. */
static struct event_base *make_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;
	if (config && event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) == 0)
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

int front_main(int fd)
{
	static const struct timeval second = { 1, 0 };
	struct front f = { .base = make_base() };
	if (!f.base)
		return EXIT_FAILURE;
	raise_files();
	f.connections = connections(); /* the sandbox lets nobody ask later */
	arena_init(&f.arena);
	metrics_init(&f.metrics, &f.arena);
	f.since = clock_now();
	struct pool_events events = { &f, front_over, front_failed, on_aside, on_hung, on_trouble, on_up };
	struct session_handlers handlers = { .context = &f,
					     .submit = front_submit,
					     .cancel = front_cancel,
					     .gate = on_gate,
					     .questions = on_questions,
					     .trouble = on_session_trouble };
	spool_limit(SPOOLS);
	f.master = channel_new(fd, CHANNEL_QUEUE);
	f.pool = pool_new(f.base, &events);
	f.keeping = keeping_new(f.base);
	f.addresses = address_book_new();
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
		gatekeeper_turn(f.gate);
		front_turn(&f);
	}
	doors_free(f.doors);
	tell_stages(&f);
	gatekeeper_free(f.gate);
	client_names_free(f.names);
	address_book_free(f.addresses);
	network_close(f.places);
	tls_free(f.tls);
	tls_free(f.hop_client);
	pool_free(f.pool);
	keeping_free(f.keeping);
	tuples_close(f.tuples);
	front_free_tickets(&f);
	arena_release(&f.arena);
	channel_free(f.master);
	return EXIT_SUCCESS;
}
