/* state/store.c - see store.h: puts cases, ring and quarantine together, and mends what a crash or a bad disk left. */
#include "state/store.h"
#include "base/clock.h"
#include "base/limits.h"
#include "state/cases.h"
#include "state/quarantine.h"
#include "state/ring.h"
#include "state/view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { COMMIT_AT = 1000, DAY = 86400 };

struct store {
	char *folder;
	struct store_options options;
	struct cases *cases;
	struct ring *ring; /* NULL: there is none */
	struct quarantine *quarantine;
	struct arena arena; /* of one case */
	uint64_t lost_cases, lost_content, set_aside;
	bool unlisted; /* something held may have lost its case, to a full disk */
	char why[STORE_WHY_MAX];
};

const char *store_why(const struct store *store) { return store->why; }

static int fail(struct store *store, int err, const char *what)
{
	snprintf(store->why, sizeof store->why, "%s: %s: %s", store->folder, what, strerror(errno));
	return err;
}

static int cases_failed(struct store *store, int err)
{
	snprintf(store->why, sizeof store->why, "%s", cases_why(store->cases));
	return err;
}

static char *joined(const char *folder, const char *name)
{
	char *path;
	if (asprintf(&path, "%s/%s", folder, name) < 0)
		abort();
	return path;
}

/* As mkdir -p, for nobody else to read. */
static int make_folder(const char *path)
{
	char *folder = joined(path, "");
	int made = 0;
	for (char *slash = folder; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		made = mkdir(folder, 0700);
		if (made != 0 && errno != EEXIST)
			break;
		made = 0;
		*slash = '/';
	}
	free(folder);
	return made == 0 ? 0 : ERR_IO;
}

/* the database */

static void set_aside(struct store *store)
{
	static const char *const parts[] = { "", "-wal", "-shm" };
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		char from[4096], to[4096];
		snprintf(from, sizeof from, "%s/cases.sqlite%s", store->folder, parts[i]);
		snprintf(to, sizeof to, "%s/cases.sqlite.damaged-%lld%s", store->folder, (long long)store->options.now, parts[i]);
		rename(from, to);
	}
	snprintf(
	    store->why, sizeof store->why,
	    "%s/cases.sqlite was damaged. It was set aside as cases.sqlite.damaged-%lld and a new one begun: what was decided before is no "
	    "longer found",
	    store->folder, (long long)store->options.now);
	store->set_aside++;
}

static int open_cases(struct store *store)
{
	char *path = joined(store->folder, "cases.sqlite");
	bool write = store->options.mode == STORE_WRITE;
	int err = cases_open(path, write, store->why, &store->cases);
	if (err == ERR_SYNTAX && write) {
		set_aside(store);
		char why[STORE_WHY_MAX];
		err = cases_open(path, write, why, &store->cases);
		if (err < 0)
			memcpy(store->why, why, sizeof why);
	}
	free(path);
	return err;
}

/* What is held and not in the database is entered; what was released while the file was still there goes. */
static bool mend_one(void *context, struct span id, uint64_t bytes)
{
	struct store *store = context;
	struct cases_row row;
	struct casefile c;
	struct span record;
	static const struct ring_place nowhere = { 0, 0, 0 };
	(void)bytes;
	int err = cases_find(store->cases, id, &row);
	arena_reset(&store->arena);
	if (err == 0 && row.held != STORE_HELD)
		quarantine_drop(store->quarantine, id);
	else if (err == ERR_NOT_FOUND && quarantine_get(store->quarantine, id, &store->arena, &record, NULL) == 0 &&
		 casefile_read(record, &store->arena, &c) == 0)
		store->unlisted |= cases_add(store->cases, &c, record, &nowhere, STORE_HELD) < 0;
	return true;
}

static void mend(struct store *store)
{
	store->unlisted = false;
	quarantine_each(store->quarantine, mend_one, store);
	store->unlisted |= cases_commit(store->cases) < 0;
}

/* The database is found damaged while it is used. */
static int begin_anew(struct store *store)
{
	cases_close(store->cases);
	store->cases = NULL;
	set_aside(store);
	char why[STORE_WHY_MAX];
	memcpy(why, store->why, sizeof why);
	int err = open_cases(store);
	if (err < 0)
		return err;
	mend(store);
	memcpy(store->why, why, sizeof why);
	return 0;
}

/* open and close */

static int open_ring(struct store *store)
{
	bool write = store->options.mode == STORE_WRITE;
	if (write && !store->options.content_days)
		write = false;
	int err = ring_open(store->folder, write, &store->ring);
	if (err == ERR_NOT_FOUND && !write)
		return 0;
	return err == ERR_SYNTAX ? fail(store, ERR_IO, "content.key is no key of the ring")
	       : err < 0         ? fail(store, err, "the content ring cannot be opened")
				 : 0;
}

static int open_parts(struct store *store)
{
	bool write = store->options.mode == STORE_WRITE;
	if (write && make_folder(store->folder) < 0)
		return fail(store, ERR_IO, "the folder cannot be made");
	int err = open_cases(store);
	if (err == 0)
		err = open_ring(store);
	if (err < 0)
		return err;
	err = quarantine_open(store->folder, write, &store->quarantine);
	if (err < 0 && (write || err != ERR_NOT_FOUND))
		return fail(store, err, "the quarantine cannot be opened");
	if (write)
		mend(store);
	return 0;
}

int store_open(const char *folder, const struct store_options *options, char ret_why[STORE_WHY_MAX], struct store **ret)
{
	struct store *store = calloc(1, sizeof *store);
	if (!store)
		abort();
	store->folder = joined(folder, "");
	store->folder[strlen(store->folder) - 1] = '\0';
	store->options = *options;
	arena_init(&store->arena);
	int err = open_parts(store);
	memcpy(ret_why, store->why, STORE_WHY_MAX);
	if (err == ERR_NOT_FOUND)
		snprintf(ret_why, STORE_WHY_MAX, "nothing was kept in %s yet", folder);
	if (err < 0) {
		store_close(store);
		return err;
	}
	*ret = store;
	return 0;
}

/* Before the cases that tell where it is. */
static void write_content(struct store *store)
{
	uint64_t gathered = store->ring ? ring_gathered(store->ring) : 0;
	if (gathered && ring_flush(store->ring) < 0) {
		fail(store, ERR_IO, "the content ring cannot be written");
		store->lost_content += gathered;
	}
}

void store_close(struct store *store)
{
	if (!store)
		return;
	write_content(store);
	cases_close(store->cases);
	ring_close(store->ring);
	quarantine_close(store->quarantine);
	arena_release(&store->arena);
	free(store->folder);
	free(store);
}

void store_set_bounds(struct store *store, const struct store_options *options)
{
	bool begins = options->content_days && !store->options.content_days;
	int64_t now = store->options.now;
	store->options = *options;
	store->options.now = now;
	if (begins) {
		ring_close(store->ring);
		store->ring = NULL;
		open_ring(store);
	}
}

/* adding */

static void put_content(struct store *store, const struct casefile *c, struct span content, struct ring_place *ret)
{
	uint64_t milliseconds = 0;
	*ret = (struct ring_place){ 0, 0, 0 };
	if (!content.n || !store->options.content_days)
		return;
	casefile_id_time(c->id, &milliseconds);
	uint64_t gathered = store->ring ? ring_gathered(store->ring) : 0;
	if (!store->ring || ring_put(store->ring, (int64_t)(milliseconds / 1000), c->id, content, ret) < 0) {
		fail(store, ERR_IO, "the message could not be kept in the content ring");
		store->lost_content += 1 + (store->ring && ring_gathered(store->ring) == 0 ? gathered : 0);
	}
}

static int add_case(struct store *store, const struct casefile *c, struct span record, const struct ring_place *place, enum store_held held)
{
	uint64_t pending = cases_pending(store->cases);
	int err = cases_add(store->cases, c, record, place, held);
	if (err == ERR_SYNTAX) {
		store->lost_cases += pending;
		err = begin_anew(store);
		if (err == 0)
			err = cases_add(store->cases, c, record, place, held);
		pending = 0;
	}
	if (err == ERR_USAGE) /* entered already, by whoever mended meanwhile */
		return 0;
	if (err < 0) {
		store->lost_cases += 1 + (store->cases && cases_pending(store->cases) == 0 ? pending : 0);
		return store->cases ? cases_failed(store, err) : err;
	}
	return 0;
}

int store_add(struct store *store, const struct store_entry *entry)
{
	struct casefile own;
	const struct casefile *c = entry->casefile ? entry->casefile : &own;
	struct ring_place place;
	arena_reset(&store->arena);
	int err = entry->casefile ? 0 : casefile_read(entry->record, &store->arena, &own);
	if (err < 0)
		return err;
	if (entry->hold && quarantine_put(store->quarantine, c->id, entry->record, entry->content) < 0)
		return fail(store, ERR_IO, "the message could not be held in quarantine");
	put_content(store, c, entry->content, &place);
	if (!store->cases && open_cases(store) < 0) {
		store->lost_cases++;
		store->unlisted = true;
		return entry->hold ? 0 : ERR_IO;
	}
	err = add_case(store, c, entry->record, &place, entry->hold ? STORE_HELD : STORE_NOT_HELD);
	if (err == 0 && cases_pending(store->cases) >= COMMIT_AT)
		err = store_commit(store);
	store->unlisted |= err < 0;
	return entry->hold ? 0 : err; /* what is held is on the disk, and is entered by mend */
}

int store_commit(struct store *store)
{
	write_content(store);
	uint64_t pending = store->cases ? cases_pending(store->cases) : 0;
	int err = store->cases ? cases_commit(store->cases) : 0;
	if (err == 0)
		return 0;
	store->lost_cases += pending;
	store->unlisted = true;
	cases_failed(store, err);
	return err == ERR_SYNTAX ? begin_anew(store) : err;
}

/* finding */

static int read_case(const struct cases_row *row, struct span recipient, struct arena *arena, struct store_case *ret)
{
	struct store_case found = {
		.held = row->held, .held_time = row->held_time, .learned = row->learned, .learned_time = row->learned_time
	};
	int err = casefile_read(arena_dup(arena, row->record), arena, &found.casefile);
	if (err < 0)
		return err;
	if (recipient.p && !view_restrict(&found.casefile, recipient, arena))
		return ERR_NOT_FOUND;
	*ret = found;
	return 0;
}

static int find_row(struct store *store, struct span id, struct cases_row *ret)
{
	if (!store->cases)
		return ERR_NOT_FOUND;
	int err = cases_find(store->cases, id, ret);
	return err < 0 && err != ERR_NOT_FOUND ? cases_failed(store, err) : err;
}

int store_find(struct store *store, struct span id, struct span recipient, struct arena *arena, struct store_case *ret)
{
	struct cases_row row;
	int err = find_row(store, id, &row);
	return err < 0 ? err : read_case(&row, recipient, arena, ret);
}

int store_content(struct store *store, struct span id, struct arena *arena, struct span *ret)
{
	struct cases_row row;
	int err = find_row(store, id, &row);
	if (err < 0)
		return err;
	if (store->ring && row.place.length && ring_get(store->ring, id, &row.place, arena, ret) == 0)
		return 0;
	return row.held == STORE_HELD && store->quarantine && quarantine_get(store->quarantine, id, arena, NULL, ret) == 0 ? 0
															   : ERR_NOT_FOUND;
}

struct searching {
	struct store *store;
	const struct store_query *query;
	bool (*each)(void *context, const struct store_case *found);
	void *context;
	uint64_t unreadable;
};

static bool one_found(void *context, const struct cases_row *row)
{
	struct searching *s = context;
	struct store_case found;
	arena_reset(&s->store->arena);
	int err = read_case(row, s->query->recipient, &s->store->arena, &found);
	s->unreadable += err < 0 && err != ERR_NOT_FOUND;
	return err < 0 || s->each(s->context, &found);
}

int store_search(struct store *store, const struct store_query *query, bool (*each)(void *, const struct store_case *), void *context,
		 uint64_t *ret_unreadable)
{
	struct searching s = { store, query, each, context, 0 };
	int err = store->cases ? cases_search(store->cases, query, one_found, &s) : 0;
	if (err < 0)
		return cases_failed(store, err);
	*ret_unreadable = s.unreadable;
	return 0;
}

/* marks */

int store_mark_learned(struct store *store, struct span id, enum store_learned learned, int64_t now)
{
	int err = store->cases ? cases_mark_learned(store->cases, id, learned, now) : ERR_NOT_FOUND;
	return err < 0 && err != ERR_NOT_FOUND ? cases_failed(store, err) : err;
}

int store_end_hold(struct store *store, struct span id, enum store_held as, int64_t now)
{
	int err = store->cases ? cases_end_hold(store->cases, id, as, now) : ERR_NOT_FOUND;
	if (err < 0)
		return err != ERR_NOT_FOUND ? cases_failed(store, err) : err;
	quarantine_drop(store->quarantine, id); /* what stays for a crash here is dropped when the store is opened next */
	return 0;
}

/* age */

static void drop_held(void *context, const struct cases_row *row)
{
	struct store *store = context;
	if (row->held == STORE_HELD)
		quarantine_drop(store->quarantine, row->id);
}

int store_expire(struct store *store, int64_t now, bool *ret_more)
{
	const struct store_options *o = &store->options;
	int err = store_commit(store);
	*ret_more = false;
	if (store->ring && store->options.mode == STORE_WRITE)
		ring_expire(store->ring, o->content_days ? now - (int64_t)o->content_days * DAY : INT64_MAX, o->content_bytes);
	if (err == 0 && store->cases && store->unlisted && o->mode == STORE_WRITE) /* there may be room for it now */
		mend(store);
	if (err < 0 || !store->cases || !o->history_days)
		return err;
	err = cases_expire(store->cases, now - (int64_t)o->history_days * DAY, drop_held, store, ret_more);
	return err < 0 ? cases_failed(store, err) : 0;
}

static bool add_bytes(void *context, struct span id, uint64_t bytes)
{
	(void)id;
	*(uint64_t *)context += bytes;
	return true;
}

void store_status(struct store *store, struct store_status *ret)
{
	*ret = (struct store_status){ .oldest = CLOCK_NONE,
				      .newest = CLOCK_NONE,
				      .lost_cases = store->lost_cases,
				      .lost_content = store->lost_content,
				      .set_aside = store->set_aside };
	if (store->cases)
		cases_count(store->cases, ret);
	if (store->ring)
		ret->content_bytes = ring_bytes(store->ring);
	if (store->quarantine)
		quarantine_each(store->quarantine, add_bytes, &ret->held_bytes);
}
