/* state/tuples.c - see tuples.h; on LMDB
 *
 * Two tables: "tuples" holds the records, by kind and key; "ends" holds the hour in which each ends, before its kind and key, so that the
 * nearest end comes first. A record that is touched moves there at most once an hour. */
#include "state/tuples.h"
#include "base/cursor.h"
#include "state/tuples_env.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOUR = 3600, DAY = 86400, END = 4, RECORD = 32, BATCH = 512, KEY_MAX = END + 1 + TUPLES_KEY_MAX };

/* What the counters are worth after a while, and when a record has been silent for too long. */
static const struct {
	int32_t half_life; /* seconds; 0: they do not fade */
	int32_t life;      /* seconds after it was last seen */
} kinds[TUPLE_KINDS] = {
	[TUPLE_ADDRESS] = { 7 * DAY, 90 * DAY },  /* addresses change hands within weeks */
	[TUPLE_NETWORK] = { 14 * DAY, 90 * DAY }, /* */
	[TUPLE_AS] = { 30 * DAY, 180 * DAY },
	[TUPLE_DOMAIN] = { 30 * DAY, 180 * DAY },
	[TUPLE_DKIM_DOMAIN] = { 30 * DAY, 180 * DAY },
	[TUPLE_GREYLIST] = { 0, 36 * DAY }, /* a monthly letter finds its record */
	[TUPLE_CORRESPONDENT] = { 0, 2 * 365 * DAY },
	[TUPLE_SERVER] = { 0, 180 * DAY },
	[TUPLE_TRIED] = { 0, DAY },    /* queues of slow servers try every few hours */
	[TUPLE_PROBE] = { 0, DAY },    /* one a day */
	[TUPLE_RELEASED] = { 0, DAY }, /* it comes back within seconds, or from a queue */
};

struct tuples {
	struct tuples_env env;
	uint64_t changes; /* since the last commit */
	uint64_t lost, expired, evicted;
};

const char *tuples_why(const struct tuples *t) { return t->env.why; }

int tuples_open(const char *folder, enum tuples_mode mode, uint64_t bytes, int64_t now, char ret_why[TUPLES_WHY_MAX], struct tuples **ret)
{
	struct tuples *t = calloc(1, sizeof *t);
	if (!t)
		abort();
	int err = tuples_env_open(&t->env, folder, mode == TUPLES_WRITE, bytes, now);
	memcpy(ret_why, t->env.why, TUPLES_WHY_MAX);
	if (err < 0) {
		free(t);
		return err;
	}
	*ret = t;
	return 0;
}

void tuples_close(struct tuples *t)
{
	if (!t)
		return;
	tuples_commit(t);
	tuples_env_close(&t->env);
	free(t);
}

/* The changes since the last commit are gone. */
static int lose(struct tuples *t, int err)
{
	t->lost += t->changes;
	t->changes = 0;
	return err;
}

static int fail(struct tuples *t, int answer)
{
	int err = tuples_env_fail(&t->env, answer);
	return t->env.txn || !t->env.write ? err : lose(t, err);
}

int tuples_commit(struct tuples *t)
{
	int answer = tuples_env_commit(&t->env);
	if (answer != 0)
		return lose(t, tuples_env_fail(&t->env, answer));
	t->changes = 0;
	return 0;
}

/* keys and records as bytes */

struct key {
	uint8_t b[KEY_MAX]; /* end, kind, key */
	size_t n;
};

static bool key_of(enum tuple_kind kind, struct span name, struct key *ret)
{
	if (name.n > TUPLES_KEY_MAX || (unsigned)kind >= TUPLE_KINDS)
		return false;
	ret->b[END] = (uint8_t)kind;
	if (name.n)
		memcpy(ret->b + END + 1, name.p, name.n);
	ret->n = END + 1 + name.n;
	return true;
}

static MDB_val name_part(struct key *key) { return (MDB_val){ key->n - END, key->b + END }; }

/* The whole, with the hour of its end before it. */
static MDB_val end_part(struct key *key, int64_t last)
{
	int64_t hour = (last + kinds[key->b[END]].life) / HOUR;
	uint32_t end = hour < 0 ? 0 : hour > UINT32_MAX ? UINT32_MAX : (uint32_t)hour;
	for (unsigned i = 0; i < END; i++)
		key->b[i] = (uint8_t)(end >> (24 - 8 * i));
	return (MDB_val){ key->n, key->b };
}

static void write_record(const struct tuple *tuple, uint8_t ret[RECORD])
{
	const uint64_t numbers[] = { (uint64_t)tuple->first, (uint64_t)tuple->last, tuple->counter[0], tuple->counter[1] };
	for (unsigned i = 0; i < RECORD; i++)
		ret[i] = (uint8_t)(numbers[i / 8] >> 8 * (i % 8));
}

static bool read_record(const MDB_val *value, struct tuple *ret)
{
	struct cursor c = cursor_of(span_of(value->mv_data, value->mv_size));
	ret->first = (int64_t)cursor_u64(&c);
	ret->last = (int64_t)cursor_u64(&c);
	ret->counter[0] = cursor_u64(&c);
	ret->counter[1] = cursor_u64(&c);
	return !c.overrun;
}

/* fading */

/* Halves for each half-life, and in a straight line between: at most 6 % from the exponential. */
static uint64_t fade(uint64_t value, int64_t age, int32_t half_life)
{
	if (!half_life || age <= 0)
		return value;
	int64_t halvings = age / half_life;
	if (halvings > 63)
		return 0;
	value >>= halvings;
	uint64_t rest = (uint64_t)(age % half_life), whole = 2 * (uint64_t)half_life;
	return value - (value / whole * rest + value % whole * rest / whole);
}

static void fade_to(struct tuple *tuple, enum tuple_kind kind, int64_t now)
{
	for (unsigned i = 0; i < TUPLE_COUNTERS; i++)
		tuple->counter[i] = fade(tuple->counter[i], now - tuple->last, kinds[kind].half_life);
}

/* reading and writing */

static int get_raw(struct tuples *t, struct key *key, struct tuple *ret)
{
	MDB_val name = name_part(key), value;
	int answer = mdb_get(t->env.txn, t->env.tuples, &name, &value);
	if (answer == MDB_NOTFOUND)
		return ERR_NOT_FOUND;
	if (answer != 0)
		return fail(t, answer);
	return read_record(&value, ret) ? 0 : ERR_NOT_FOUND;
}

int tuples_get(struct tuples *t, enum tuple_kind kind, struct span name, int64_t now, struct tuple *ret)
{
	struct key key;
	struct tuple tuple;
	if (!key_of(kind, name, &key))
		return ERR_NOT_FOUND;
	int answer = tuples_env_look(&t->env);
	if (answer != 0)
		return fail(t, answer);
	int err = get_raw(t, &key, &tuple);
	tuples_env_looked(&t->env);
	if (err < 0)
		return err;
	if (now - tuple.last > kinds[kind].life)
		return ERR_NOT_FOUND;
	fade_to(&tuple, kind, now);
	*ret = tuple;
	return 0;
}

/* Nobody has expired for long. */
static int no_room(struct tuples *t)
{
	snprintf(t->env.why, sizeof t->env.why, "%s: there is no room left within its bound", t->env.path);
	t->lost++;
	return ERR_LIMIT;
}

static int put_raw(struct tuples *t, struct key *key, const struct tuple *before, const struct tuple *tuple)
{
	uint8_t record[RECORD], end[END];
	MDB_val name = name_part(key), value = { RECORD, record }, nothing = { 0, "" };
	if (!before && tuples_env_bytes(&t->env) > t->env.bound + t->env.bound / 4)
		return no_room(t);
	write_record(tuple, record);
	int answer = mdb_put(t->env.txn, t->env.tuples, &name, &value, 0);
	MDB_val place = end_part(key, tuple->last);
	memcpy(end, key->b, END);
	bool moved = !before;
	if (answer == 0 && before) {
		place = end_part(key, before->last);
		moved = memcmp(end, key->b, END) != 0;
		if (moved)
			answer = mdb_del(t->env.txn, t->env.ends, &place, NULL);
		answer = answer == MDB_NOTFOUND ? 0 : answer;
		place = end_part(key, tuple->last);
	}
	if (answer == 0 && moved)
		answer = mdb_put(t->env.txn, t->env.ends, &place, &nothing, 0);
	if (answer != 0)
		return fail(t, answer);
	t->changes++;
	return 0;
}

static int begin_change(struct tuples *t, enum tuple_kind kind, struct span name, struct key *ret_key)
{
	if (!key_of(kind, name, ret_key)) {
		snprintf(t->env.why, sizeof t->env.why, "a key of %zu bytes is too long", name.n);
		return ERR_LIMIT;
	}
	int answer = tuples_env_begin(&t->env);
	if (answer == 0)
		return 0;
	t->changes++; /* this one */
	return fail(t, answer);
}

int tuples_add(struct tuples *t, enum tuple_kind kind, struct span name, int64_t now, const uint64_t by[TUPLE_COUNTERS], struct tuple *ret)
{
	struct key key;
	struct tuple before, tuple;
	int err = begin_change(t, kind, name, &key);
	if (err < 0)
		return err;
	err = get_raw(t, &key, &before);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	bool known = err == 0;
	tuple = known && now - before.last <= kinds[kind].life ? before : (struct tuple){ .first = now, .last = now };
	fade_to(&tuple, kind, now);
	for (unsigned i = 0; i < TUPLE_COUNTERS; i++)
		tuple.counter[i] = by[i] > UINT64_MAX - tuple.counter[i] ? UINT64_MAX : tuple.counter[i] + by[i];
	if (now > tuple.last)
		tuple.last = now;
	if (now < tuple.first) /* the clock was wrong then: who came again would otherwise have to wait until it is that late */
		tuple.first = now;
	err = put_raw(t, &key, known ? &before : NULL, &tuple);
	if (err == 0 && ret)
		*ret = tuple;
	return err;
}

int tuples_put(struct tuples *t, enum tuple_kind kind, struct span name, const struct tuple *tuple)
{
	struct key key;
	struct tuple before;
	int err = begin_change(t, kind, name, &key);
	if (err < 0)
		return err;
	err = get_raw(t, &key, &before);
	return err < 0 && err != ERR_NOT_FOUND ? err : put_raw(t, &key, err == 0 ? &before : NULL, tuple);
}

static int drop_raw(struct tuples *t, struct key *key, const struct tuple *before)
{
	MDB_val name = name_part(key), place = end_part(key, before->last);
	int answer = mdb_del(t->env.txn, t->env.tuples, &name, NULL);
	if (answer == 0 || answer == MDB_NOTFOUND)
		answer = mdb_del(t->env.txn, t->env.ends, &place, NULL);
	if (answer != 0 && answer != MDB_NOTFOUND)
		return fail(t, answer);
	t->changes++;
	return 0;
}

int tuples_drop(struct tuples *t, enum tuple_kind kind, struct span name)
{
	struct key key;
	struct tuple before;
	int err = begin_change(t, kind, name, &key);
	if (err == 0)
		err = get_raw(t, &key, &before);
	return err < 0 ? err : drop_raw(t, &key, &before);
}

/* age and bound */

/* The record with the nearest end: dropped, if that lies before now or there is too much of all. 0: done, 1: dropped. */
static int drop_first(struct tuples *t, int64_t now, bool too_much)
{
	MDB_cursor *cursor;
	MDB_val place, value;
	struct key key;
	int answer = mdb_cursor_open(t->env.txn, t->env.ends, &cursor);
	if (answer != 0)
		return fail(t, answer);
	answer = mdb_cursor_get(cursor, &place, &value, MDB_FIRST);
	bool sound = answer == 0 && place.mv_size > END && place.mv_size <= sizeof key.b;
	if (sound)
		memcpy(key.b, place.mv_data, key.n = place.mv_size);
	uint32_t hour = sound ? (uint32_t)key.b[0] << 24 | (uint32_t)key.b[1] << 16 | (uint32_t)key.b[2] << 8 | key.b[3] : 0;
	bool over = sound && (int64_t)hour * HOUR + HOUR <= now;
	if (sound && (over || too_much))
		answer = mdb_cursor_del(cursor, 0);
	mdb_cursor_close(cursor);
	if (answer == MDB_NOTFOUND || (sound && !over && !too_much))
		return 0;
	MDB_val name = name_part(&key);
	if (answer == 0)
		answer = mdb_del(t->env.txn, t->env.tuples, &name, NULL);
	if (answer != 0 && answer != MDB_NOTFOUND)
		return fail(t, answer);
	t->expired += over;
	t->evicted += !over;
	return 1;
}

int tuples_expire(struct tuples *t, int64_t now, bool *ret_more)
{
	*ret_more = false;
	int err = tuples_commit(t), answer = err == 0 ? tuples_env_begin(&t->env) : 0;
	if (err < 0 || answer != 0)
		return err < 0 ? err : fail(t, answer);
	unsigned n = 0;
	int dropped = 1;
	while (dropped == 1 && n++ < BATCH)
		dropped = drop_first(t, now, tuples_env_bytes(&t->env) > t->env.bound);
	if (dropped < 0)
		return dropped;
	*ret_more = dropped == 1;
	return tuples_commit(t);
}

void tuples_status(struct tuples *t, struct tuples_status *ret)
{
	*ret = (struct tuples_status){
		.bound = t->env.bound, .lost = t->lost, .expired = t->expired, .evicted = t->evicted, .set_aside = t->env.set_aside
	};
	if (tuples_env_look(&t->env) != 0)
		return;
	MDB_stat stat;
	if (mdb_stat(t->env.txn, t->env.tuples, &stat) == 0)
		ret->records = stat.ms_entries;
	ret->bytes = tuples_env_bytes(&t->env);
	tuples_env_looked(&t->env);
}

/* keys */

struct span tuples_network(const struct ip *ip, struct arena *arena)
{
	struct span net = arena_dup(arena, span_of(ip->b, sizeof ip->b));
	uint8_t *b = (uint8_t *)(uintptr_t)net.p;
	if (ip_is_v4(ip))
		b[15] = 0;
	else
		memset(b + 8, 0, 8);
	return net;
}

struct span tuples_key(struct arena *arena, const struct span *parts, size_t n)
{
	size_t room = 0, at = 0;
	for (size_t i = 0; i < n; i++)
		room += parts[i].n + 2;
	uint8_t *key = arena_alloc(arena, room + 1);
	for (size_t i = 0; i < n; i++) {
		struct span lowered = arena_lower(arena, parts[i]);
		key[at++] = (uint8_t)(lowered.n >> 8);
		key[at++] = (uint8_t)lowered.n;
		if (lowered.n)
			memcpy(key + at, lowered.p, lowered.n);
		at += lowered.n;
	}
	return span_of(key, at);
}

struct span tuples_released_key(struct arena *arena, struct span fingerprint, struct span recipient)
{
	return arena_join(arena, fingerprint, arena_lower(arena, recipient));
}
