/* app/keeper.c - see keeper.h */
#include "app/keeper.h"
#include "app/aside.h"
#include "app/history.h"
#include "app/say.h"
#include "app/service.h"
#include "app/store_query.h"
#include "app/teaching.h"
#include "app/trap_keeper.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/record.h"
#include "facts/address_live.h"
#include "net/channel.h"
#include "net/sandbox.h"
#include "state/stages.h"
#include "state/store.h"
#include "state/tuples.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CHANNEL_QUEUE = 64 * 1024 * 1024,
	TRAP_QUEUE = 64 * 1024,
	COMMIT_MS = 200,
	TRAP_MS = 50,
	TRAP_AT_ONCE = 100,
	EXPIRE_SECONDS = 60,
	ROOM_SECONDS = 5
};

struct keeper {
	struct channel *master, *front; /* front: NULL until it is told */
	struct channel *trap;           /* NULL: there is none */
	struct trap_keeper *caught;
	struct service service;
	struct store *store;               /* NULL: it could not be opened */
	struct tuples *tuples;             /* the same */
	struct address_live *live;         /* of addresses; the same */
	struct stages *stages;             /* the same */
	struct stage_counts caught_counts; /* of what traps caught, since the last second */
	struct teaching teaching;
	struct arena arena;   /* of one record */
	uint64_t uncommitted; /* clock_microseconds() of the first case since the last commit; 0: none */
	bool no_room;         /* some case could not be written of late */
	uint64_t refused;     /* clock_microseconds() then */
	int64_t counted;      /* the second in which caught_counts were told last */
	int64_t expired;      /* when it was last looked for what is too old */
};

static void done(struct keeper *k, uint32_t job, enum session_answer answer, struct span reply)
{
	struct buf out;
	buf_init(&out, &k->arena, LIMIT_CHANNEL_PAYLOAD);
	record_put_number(&out, answer);
	record_put_text(&out, reply);
	channel_send(k->front, WIRE_DONE, job, buf_span(&out), NULL, -1);
}

static struct store_options store_options(const struct keeper *k)
{
	const struct settings *s = &k->service.settings;
	return (struct store_options){ .mode = STORE_WRITE,
				       .history_days = s->history_days,
				       .content_days = s->content_days,
				       .content_bytes = s->content_bytes,
				       .now = clock_now() };
}

static void open_store(struct keeper *k)
{
	char why[STORE_WHY_MAX];
	struct store_options options = store_options(k);
	if (store_open((const char *)k->service.sent.data_directory.p, &options, why, &k->store) != 0)
		k->store = NULL;
	if (why[0])
		say(LOG_ERR, "history", "%s", why);
}

static void open_tuples(struct keeper *k)
{
	char why[TUPLES_WHY_MAX];
	if (tuples_open((const char *)k->service.sent.data_directory.p, TUPLES_WRITE, LIMIT_TUPLES_BYTES, clock_now(), why, &k->tuples) !=
	    0)
		k->tuples = NULL;
	if (why[0])
		say(LOG_ERR, "hot_state", "%s", why);
}

static void open_stages(struct keeper *k)
{
	if (stages_open((const char *)k->service.sent.data_directory.p, true, &k->stages) != 0) {
		k->stages = NULL;
		say(LOG_ERR, "stages", "what is offered and what becomes of it is not counted: its file cannot be made");
	}
}

static void open_live(struct keeper *k)
{
	char why[ADDRESS_WHY_MAX];
	const char *folder =
	    (const char *)arena_printf(&k->arena, "%s/" ADDRESS_LIVE_FOLDER, (const char *)k->service.sent.data_directory.p).p;
	const char *path = (const char *)arena_printf(&k->arena, "%s/" ADDRESS_LIVE_NAME, folder).p;
	mkdir(folder, 0700);
	if (address_live_open(path, ADDRESS_LIVE_WRITE, why, &k->live) != 0) {
		k->live = NULL;
		say(LOG_ERR, "addresses", "%s", why);
	}
}

/* For the front's figures, and once for the log. */
static void tell_room(struct keeper *k, bool no_room)
{
	struct buf out;
	if (k->no_room == no_room)
		return;
	k->no_room = no_room;
	if (no_room)
		say(LOG_ERR, "history", "nothing can be kept: %s", k->store ? store_why(k->store) : "there is no history");
	else
		say(LOG_NOTICE, "history", "it can be kept again");
	if (!k->front)
		return;
	buf_init(&out, &k->arena, SIZE_MAX);
	record_put_number(&out, no_room);
	channel_send(k->front, WIRE_ROOM, 0, buf_span(&out), NULL, -1);
}

static void commit(struct keeper *k)
{
	bool full = k->uncommitted && k->store && store_commit(k->store) != 0;
	if (full)
		k->refused = clock_microseconds();
	/* On a full disk a small case still finds a page while a large message does not: that is not room yet. */
	if (full || (k->uncommitted && k->store && clock_microseconds() - k->refused > ROOM_SECONDS * 1000000ull))
		tell_room(k, full);
	if (k->uncommitted && k->tuples && tuples_commit(k->tuples) != 0)
		say(LOG_ERR, "hot_state", "%s", tuples_why(k->tuples));
	k->uncommitted = 0;
}

static void remember(struct keeper *k, const struct remembered_list *remembered)
{
	int64_t now = clock_now();
	for (uint32_t i = 0; i < remembered->list.n && k->tuples; i++) {
		struct span key = remembered->list.v[i].key, correspondents;
		struct tuple known;
		if (remembered->list.v[i].kind == TUPLE_SERVER) {
			key = remembered_server(key, &correspondents);
			if (tuples_get(k->tuples, TUPLE_CORRESPONDENT, correspondents, now, &known) != 0)
				continue;
		}
		tuples_add(k->tuples, remembered->list.v[i].kind, key, now, remembered->by, NULL); /* counts what fails */
	}
}

/* Next time it is judged like any other. */
static void use_release(struct keeper *k, const struct casefile *c)
{
	for (uint32_t i = 0; i < c->recipients.n && k->tuples; i++)
		tuples_drop(k->tuples, TUPLE_RELEASED,
			    tuples_released_key(&k->arena, span_of(c->fingerprint, sizeof c->fingerprint), c->recipients.v[i].address));
}

static bool keep(struct keeper *k, const struct channel_record *record)
{
	struct wire_keep keep;
	struct casefile c;
	if (wire_keep(record->payload, &k->arena, &keep) != 0)
		return false;
	if (casefile_read(keep.casefile, &k->arena, &c) !=
	    0) { /* a worker wrote it, which may have lost its mind: the front has not read it */
		say(LOG_ERR, "history", "what was to be kept is no case file");
		if (keep.answer)
			done(k, record->job, ANSWERED_UNAVAILABLE, SPAN("what was to be kept is no case file"));
		return true;
	}
	struct store_entry entry = { .record = keep.casefile, .hold = keep.hold, .casefile = &c };
	if (record->content)
		entry.content = spool_span(record->content);
	int err = k->store ? store_add(k->store, &entry) : ERR_IO;
	if (err != 0) {
		k->refused = clock_microseconds();
		tell_room(k, true);
	}
	if (keep.released)
		use_release(k, &c);
	remember(k, &keep.remembered);
	if (!k->uncommitted)
		k->uncommitted = clock_microseconds();
	if (keep.hold)
		commit(k); /* whoever is told that it is held finds it */
	if (keep.answer)
		done(k, record->job, err == 0 ? ANSWERED : ANSWERED_UNAVAILABLE,
		     k->store && err ? span_cstr(store_why(k->store)) : span_none);
	return true;
}

/* Objects of a history, put together until there is no room. */
static bool put_found(void *context, const struct store_case *found)
{
	struct buf *out = context;
	buf_cstr(out, out->n > 1 ? "," : "");
	history_json(found, false, out);
	return !out->full;
}

/* What a door asks about kept cases. An own query must not see less than was kept: what is not committed yet is first. */
static bool read_kept(struct keeper *k, const struct channel_record *record)
{
	struct cursor c = cursor_of(record->payload);
	uint64_t wish = record_number(&c), unreadable;
	struct span text = record_text(&c), why = SPAN("no history is kept");
	struct store_case found;
	struct store_query query;
	struct buf out;
	char id[CASEFILE_ID];
	if (c.overrun)
		return false;
	commit(k);
	buf_init(&out, &k->arena, LIMIT_CHANNEL_PAYLOAD / 2);
	int err = k->store ? ERR_NOT_FOUND : ERR_IO;
	if (k->store && wish == WISH_WHY) {
		if (casefile_id_parse(text, id))
			err = store_find(k->store, span_of(id, sizeof id), span_none, &k->arena, &found);
		why = SPAN("no such case is kept");
		if (err == 0)
			history_json(&found, true, &out);
	} else if (k->store && wish == WISH_HISTORY) {
		err = store_query_parse(text, clock_now(), &k->arena, &query, &why);
		buf_byte(&out, '[');
		if (err == 0)
			err = store_search(k->store, &query, put_found, &out, &unreadable);
		buf_byte(&out, ']');
	}
	if (err == 0 && !out.full)
		done(k, record->job, ANSWERED, buf_span(&out));
	else
		done(k, record->job, err == ERR_IO ? ANSWERED_UNAVAILABLE : ANSWERED_NOT_FOUND,
		     err == 0 ? SPAN("too much was found: set a limit") : why);
	return true;
}

static bool set_aside(struct keeper *k, const struct channel_record *record)
{
	struct cursor c = cursor_of(record->payload);
	struct span why = record_text(&c);
	if (c.overrun || !record->content)
		return false;
	if (aside_keep((const char *)k->service.sent.data_directory.p, spool_span(record->content), why, clock_microseconds()) != 0)
		say(LOG_ERR, "aside", "the message could not be set aside");
	return true;
}

static bool add_stages(struct keeper *k, const struct channel_record *record)
{
	struct cursor c = cursor_of(record->payload);
	struct stage_counts counts;
	for (unsigned i = 0; i < STAGES; i++)
		counts.n[i] = record_number(&c);
	if (c.overrun)
		return false;
	if (k->stages)
		stages_add(k->stages, clock_now(), &counts);
	return true;
}

/* Who was put off, or came again. */
static bool note_tried(struct keeper *k, const struct channel_record *record)
{
	static const uint64_t once[TUPLE_COUNTERS] = { TUPLE_ONE };
	struct cursor c = cursor_of(record->payload);
	uint64_t kind = record_number(&c);
	struct span key = record_text(&c);
	if (c.overrun || (kind != TUPLE_TRIED && kind != TUPLE_GREYLIST) || key.n > TUPLES_KEY_MAX)
		return false;
	if (k->tuples)
		tuples_add(k->tuples, (enum tuple_kind)kind, key, clock_now(), once, NULL);
	if (!k->uncommitted)
		k->uncommitted = clock_microseconds();
	return true;
}

static bool teach(struct keeper *k, const struct channel_record *record)
{
	struct teaching_said said;
	if (teaching_take(&k->teaching, &k->service, record->payload, &k->arena, &said) != 0)
		return false;
	if (said.trap_case.n) {
		k->caught_counts.n[STAGE_TRAP_TAUGHT]++;
		if (k->store && store_mark_learned(k->store, said.trap_case, STORE_LEARNED_SPAM, clock_now()) < 0)
			say(LOG_ERR, "history", "%s", store_why(k->store));
	}
	done(k, record->job, said.answer, said.reply);
	return true;
}

static bool learn(void *context, struct span id, struct spool *message)
{
	struct keeper *k = context;
	struct buf out;
	buf_init(&out, &k->arena, SIZE_MAX);
	record_put_text(&out, id);
	return k->front && channel_send(k->front, WIRE_LEARN, 0, buf_span(&out), message, -1) == 0;
}

static bool ask_front(void *context, const struct ip *ip)
{
	struct keeper *k = context;
	return k->front && channel_send(k->front, WIRE_WHO, 0, span_of(ip, sizeof *ip), NULL, -1) == 0;
}

static struct trap_keeper_links trap_links(struct keeper *k)
{
	return (struct trap_keeper_links){ .store = k->store,
					   .tuples = k->tuples,
					   .live = k->live,
					   .settings = &k->service.settings,
					   .counts = &k->caught_counts,
					   .ask = ask_front,
					   .learn = learn,
					   .context = k };
}

/* cases: added, or an error. False: what was told is no record of ours. */
static bool note_cases(struct keeper *k, int cases)
{
	if (cases > 0 && !k->uncommitted)
		k->uncommitted = clock_microseconds();
	return cases >= 0;
}

static bool hear_caught(struct keeper *k, const struct channel_record *record)
{
	const struct trap_keeper_links links = trap_links(k);
	return note_cases(k,
			  trap_keeper_hear(k->caught, &links, (enum wire_type)record->type, record->payload, record->content, &k->arena));
}

static void turn_caught(struct keeper *k)
{
	const struct trap_keeper_links links = trap_links(k);
	note_cases(k, trap_keeper_turn(k->caught, &links, &k->arena));
}

static bool count_came(struct keeper *k, struct span payload)
{
	struct cursor c = cursor_of(payload);
	uint64_t n = record_below(&c, UINT32_MAX);
	k->caught_counts.n[STAGE_TRAP_CAME] += n;
	return !c.overrun && !cursor_left(&c);
}

/* To the file of stages, and to the front's figures. */
static void tell_caught(struct keeper *k)
{
	struct buf out;
	uint64_t all = 0;
	arena_reset(&k->arena);
	buf_init(&out, &k->arena, SIZE_MAX);
	for (unsigned i = 0; i < STAGES_OF_TRAP; i++) {
		all |= k->caught_counts.n[STAGE_TRAP_CAME + i];
		record_put_number(&out, k->caught_counts.n[STAGE_TRAP_CAME + i]);
	}
	if (!all)
		return;
	if (k->stages)
		stages_add(k->stages, clock_now(), &k->caught_counts);
	if (k->front)
		channel_send(k->front, WIRE_TRAP_COUNTED, 0, buf_span(&out), NULL, -1);
	memset(&k->caught_counts, 0, sizeof k->caught_counts);
}

static void configure(struct keeper *k, struct span payload)
{
	struct service service;
	struct span error;
	if (service_settings(payload, &service, &error) != 0) {
		say(LOG_ERR, "settings", "%.*s", SPAN_ARG(error));
		return;
	}
	service_close(&k->service);
	k->service = service;
	say_open(&k->service.settings, "keeper");
	if (k->store) {
		struct store_options options = store_options(k);
		store_set_bounds(k->store, &options);
	}
}

/* False: the one who speaks is no keeper's peer. */
static bool heard(struct keeper *k, const struct channel_record *record, bool from_master)
{
	if (from_master && record->type == WIRE_PEER && record->fd >= 0) {
		channel_free(k->front);
		k->front = channel_new(record->fd, CHANNEL_QUEUE);
		return true;
	}
	if (from_master && record->type == WIRE_TRAP && record->fd >= 0) {
		channel_free(k->trap);
		k->trap = channel_new(record->fd, TRAP_QUEUE); /* nothing is said to it */
		return true;
	}
	if (from_master && record->type == WIRE_SETTINGS) {
		configure(k, record->payload);
		return true;
	}
	if (from_master)
		return false;
	switch (record->type) {
	case WIRE_KEEP: return keep(k, record);
	case WIRE_TEACH: return teach(k, record);
	case WIRE_ASIDE: return set_aside(k, record);
	case WIRE_READ: return read_kept(k, record);
	case WIRE_TRIED: return note_tried(k, record);
	case WIRE_TRAPPED: return hear_caught(k, record);
	case WIRE_KNOWN: return trap_keeper_learn(k->caught, record->payload) == 0;
	case WIRE_COUNTED: return add_stages(k, record);
	default: return false;
	}
}

/* 0: all that was there was heard; else the channel is at its end. */
static int listen_to(struct keeper *k, struct channel *channel, bool master)
{
	struct channel_record record;
	int err;
	while (channel == (master ? k->master : k->front) && (err = channel_receive(channel, &record)) == 1) {
		arena_reset(&k->arena);
		bool sane = heard(k, &record, master);
		spool_drop(record.content);
		if (!sane) {
			say(LOG_ERR, "channel", "something was sent that is no record of ours");
			return ERR_SYNTAX;
		}
		if (k->uncommitted && clock_microseconds() - k->uncommitted > COMMIT_MS * 1000)
			commit(k);
	}
	return channel == (master ? k->master : k->front) ? err : 0;
}

/* The trap alone loses by it when it speaks nonsense. Not more at a time than some, for mail goes first. */
static void listen_to_trap(struct keeper *k)
{
	struct channel_record record;
	int err = 0;
	for (unsigned i = 0; i < TRAP_AT_ONCE && (err = channel_receive(k->trap, &record)) == 1; i++) {
		arena_reset(&k->arena);
		if (record.fd >= 0)
			close(record.fd);
		bool sane = record.type == WIRE_HIT ? hear_caught(k, &record) : record.type == WIRE_CAME && count_came(k, record.payload);
		spool_drop(record.content);
		if (!sane) {
			say(LOG_ERR, "trap", "the trap sent something that is no record of ours");
			err = ERR_SYNTAX;
			break;
		}
	}
	if (err < 0) {
		channel_free(k->trap);
		k->trap = NULL;
	}
}

static void look_after(struct keeper *k)
{
	bool more = false;
	int64_t now = clock_now();
	bool more_tuples = false;
	if (now != k->counted)
		tell_caught(k);
	k->counted = now;
	if (now - k->expired < EXPIRE_SECONDS)
		return;
	trap_keeper_save(k->caught);
	if (!k->store)
		open_store(k);
	else if (store_expire(k->store, now, &more) != 0)
		say(LOG_ERR, "history", "%s", store_why(k->store));
	if (!k->stages)
		open_stages(k);
	if (!k->live)
		open_live(k);
	if (!k->tuples)
		open_tuples(k);
	else if (tuples_expire(k->tuples, now, &more_tuples) != 0)
		say(LOG_ERR, "hot_state", "%s", tuples_why(k->tuples));
	if (!more && !more_tuples)
		k->expired = now;
}

/* The settings, and the sandbox, before the first word from outside. */
static bool begin(struct keeper *k)
{
	struct channel_record record;
	char sandbox[SANDBOX_WHY_MAX];
	struct span error;
	int err;
	err = channel_wait(k->master, &record);
	if (err != 1 || record.type != WIRE_SETTINGS || service_settings(record.payload, &k->service, &error) != 0)
		return false;
	say_open(&k->service.settings, "keeper");
	k->caught = trap_keeper_new((const char *)k->service.sent.data_directory.p, &k->service.settings);
	err = sandbox_enter(SANDBOX_FILES, (const char *)k->service.sent.data_directory.p, sandbox);
	if (err != 0)
		say(LOG_WARNING, "sandbox", "%s", sandbox);
	if (err != 0 && err != ERR_UNSUPPORTED)
		return false;
	open_store(k);
	open_tuples(k);
	open_stages(k);
	open_live(k);
	k->expired = clock_now();
	return true;
}

int keeper_main(int fd)
{
	static const struct sched_param none;
	struct keeper k = { .master = channel_new(fd, CHANNEL_QUEUE) };
	sched_setscheduler(0, SCHED_BATCH, &none); /* as much of the processor as any, but never at once: mail that is judged comes first */
	int err = ERR_OK;
	arena_init(&k.arena);
	if (!begin(&k))
		return EXIT_FAILURE;
	for (;;) {
		struct pollfd wait[3] = { { fd, POLLIN, 0 },
					  { k.front ? channel_fd(k.front) : -1, POLLIN, 0 },
					  { k.trap ? channel_fd(k.trap) : -1, POLLIN, 0 } };
		if (k.front && channel_flush(k.front) == 1)
			wait[1].events |= POLLOUT;
		if (poll(wait, 3, trap_keeper_busy(k.caught) ? TRAP_MS : k.uncommitted ? COMMIT_MS : 1000) < 0 && errno != EINTR)
			return EXIT_FAILURE;
		/* When the front goes, so does its keeper: master starts both anew and makes them known to each other. */
		if (k.front && wait[1].revents && (err = listen_to(&k, k.front, false)) < 0)
			break;
		if (k.trap && wait[2].revents)
			listen_to_trap(&k);
		if (listen_to(&k, k.master, true) < 0)
			break;
		turn_caught(&k);
		if (k.uncommitted && clock_microseconds() - k.uncommitted > COMMIT_MS * 1000)
			commit(&k);
		look_after(&k);
	}
	if (k.trap)
		listen_to_trap(&k);
	tell_caught(&k);
	commit(&k);
	trap_keeper_save(k.caught);
	trap_keeper_free(k.caught);
	store_close(k.store);
	tuples_close(k.tuples);
	stages_close(k.stages);
	address_live_close(k.live);
	teaching_close(&k.teaching);
	return err == ERR_SYNTAX ? EXIT_FAILURE : EXIT_SUCCESS;
}
