/* state/cases.c - adds, finds, marks and drops case files; see cases.h */
#include "base/err.h"
#include "state/cases_parts.h"

#include <xxhash.h>

/* A statement that returns nothing. */
static int run(struct cases *cases, enum cases_statement which)
{
	sqlite3_stmt *statement = cases->statement[which];
	int answer = sqlite3_step(statement);
	sqlite3_reset(statement);
	if (answer == SQLITE_DONE || answer == SQLITE_ROW)
		return 0;
	int err = (answer & 0xff) == SQLITE_CONSTRAINT ? ERR_USAGE : cases_fail(cases, answer);
	if (sqlite3_get_autocommit(cases->db) && cases->open) /* a full disk took the whole transaction back */
		cases->pending = cases->open = false;
	return err;
}

void cases_bind_text(sqlite3_stmt *statement, int at, struct span text)
{
	if (text.p)
		sqlite3_bind_text64(statement, at, (const char *)text.p, text.n, SQLITE_STATIC, SQLITE_UTF8);
	else
		sqlite3_bind_null(statement, at);
}

static void bind_blob(sqlite3_stmt *statement, int at, const void *bytes, size_t n)
{
	if (bytes)
		sqlite3_bind_blob64(statement, at, bytes, n, SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, at);
}

static int begin(struct cases *cases)
{
	if (cases->open)
		return 0;
	int err = run(cases, CASES_BEGIN);
	cases->open = err == 0;
	cases->pending = 0;
	return err;
}

int cases_commit(struct cases *cases)
{
	if (!cases->open)
		return 0;
	int err = run(cases, CASES_COMMIT);
	if (err < 0 && !sqlite3_get_autocommit(cases->db))
		sqlite3_exec(cases->db, "ROLLBACK", NULL, NULL, NULL);
	cases->pending = cases->open = false;
	return err;
}

uint64_t cases_pending(const struct cases *cases) { return cases->pending; }

struct span cases_address_key(struct span address, struct arena *arena)
{
	size_t at = span_rfind_byte(address, '@');
	struct span local = at == SPAN_NPOS ? span_none : span_first(address, at);
	struct span domain = at == SPAN_NPOS ? address : span_skip(address, at + 1);
	return arena_lower(arena, arena_join(arena, domain, SPAN("@"), local));
}

int64_t cases_number_of(struct span evidence_id) { return XXH32(evidence_id.p, evidence_id.n, 0); }

/* What a case is found by, apart from its own row: each once through put. */
struct keys {
	struct cases *cases;
	int64_t seq;
	enum cases_statement address, found;
	int err;
};

static void key_address(struct keys *keys, struct span address, enum cases_role role)
{
	sqlite3_stmt *statement = keys->cases->statement[keys->address];
	if (!address.n || keys->err < 0)
		return;
	cases_bind_text(statement, 1, cases_address_key(address, &keys->cases->arena));
	sqlite3_bind_int(statement, 2, role);
	sqlite3_bind_int64(statement, 3, keys->seq);
	keys->err = run(keys->cases, keys->address);
}

static int key_found(struct keys *keys, struct span id)
{
	sqlite3_stmt *statement = keys->cases->statement[keys->found];
	sqlite3_bind_int64(statement, 1, cases_number_of(id));
	sqlite3_bind_int64(statement, 2, keys->seq);
	return run(keys->cases, keys->found);
}

static bool seen_before(const struct evidence_set *set, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (set->list.v[i].def == set->list.v[n].def)
			return true;
	return false;
}

static int each_key(struct keys *keys, const struct casefile *c)
{
	key_address(keys, c->mail_from, CASES_SENDER);
	if (!span_ieq(c->from_address, c->mail_from))
		key_address(keys, c->from_address, CASES_SENDER);
	for (uint32_t i = 0; i < c->recipients.n; i++)
		key_address(keys, c->recipients.v[i].address, CASES_RECIPIENT);
	for (uint32_t i = 0; i < c->evidence.list.n && keys->err == 0; i++)
		if (!seen_before(&c->evidence, i))
			keys->err = key_found(keys, span_cstr(c->evidence.list.v[i].def->id));
	return keys->err;
}

static int insert_row(struct cases *cases, const struct casefile *c, struct span record, const struct ring_place *place,
		      enum store_held held)
{
	sqlite3_stmt *statement = cases->statement[CASES_INSERT];
	uint64_t time = 0;
	casefile_id_time(c->id, &time);
	cases_bind_text(statement, 1, c->id);
	sqlite3_bind_int64(statement, 2, (int64_t)time);
	sqlite3_bind_int(statement, 3, (int)c->verdict.action);
	bind_blob(statement, 4, c->has_ip ? c->ip.b : NULL, sizeof c->ip.b);
	bind_blob(statement, 5, c->has_origin ? c->origin.b : NULL, sizeof c->origin.b);
	cases_bind_text(statement, 6, c->subject);
	sqlite3_bind_int64(statement, 7, (int64_t)place->segment);
	sqlite3_bind_int64(statement, 8, (int64_t)place->at);
	sqlite3_bind_int64(statement, 9, place->length);
	sqlite3_bind_int(statement, 10, (int)held);
	bind_blob(statement, 11, record.p, record.n);
	return run(cases, CASES_INSERT);
}

int cases_add(struct cases *cases, const struct casefile *c, struct span record, const struct ring_place *place, enum store_held held)
{
	arena_reset(&cases->arena);
	int err = begin(cases);
	if (err == 0)
		err = insert_row(cases, c, record, place, held);
	struct keys keys = { cases, sqlite3_last_insert_rowid(cases->db), CASES_ADDRESS, CASES_FOUND, 0 };
	if (err == 0 && c->subject.n) {
		sqlite3_bind_int64(cases->statement[CASES_WORDS], 1, keys.seq);
		cases_bind_text(cases->statement[CASES_WORDS], 2, c->subject);
		err = run(cases, CASES_WORDS);
	}
	if (err == 0)
		err = each_key(&keys, c);
	cases->pending += err == 0;
	return err;
}

void cases_read_row(sqlite3_stmt *statement, struct cases_row *ret)
{
	*ret = (struct cases_row){
		.seq = sqlite3_column_int64(statement, 0),
		.id = span_of(sqlite3_column_text(statement, 1), (size_t)sqlite3_column_bytes(statement, 1)),
		.record = span_of(sqlite3_column_blob(statement, 2), (size_t)sqlite3_column_bytes(statement, 2)),
		.place = { (uint64_t)sqlite3_column_int64(statement, 3), (uint64_t)sqlite3_column_int64(statement, 4),
			   (uint32_t)sqlite3_column_int64(statement, 5) },
		.held = (enum store_held)sqlite3_column_int(statement, 6),
		.held_time = sqlite3_column_int64(statement, 7),
		.learned = (enum store_learned)sqlite3_column_int(statement, 8),
		.learned_time = sqlite3_column_int64(statement, 9),
	};
}

int cases_find(struct cases *cases, struct span id, struct cases_row *ret)
{
	sqlite3_stmt *statement = cases->statement[CASES_FIND];
	arena_reset(&cases->arena);
	cases_bind_text(statement, 1, id);
	int answer = sqlite3_step(statement);
	if (answer == SQLITE_ROW) {
		cases_read_row(statement, ret);
		ret->id = arena_dup(&cases->arena, ret->id);
		ret->record = arena_dup(&cases->arena, ret->record);
	}
	sqlite3_reset(statement);
	return answer == SQLITE_ROW ? 0 : answer == SQLITE_DONE ? ERR_NOT_FOUND : cases_fail(cases, answer);
}

static int mark(struct cases *cases, enum cases_statement which, struct span id, int as, int64_t now)
{
	sqlite3_stmt *statement = cases->statement[which];
	cases_bind_text(statement, 1, id);
	sqlite3_bind_int(statement, 2, as);
	sqlite3_bind_int64(statement, 3, now);
	int err = run(cases, which);
	return err < 0 ? err : sqlite3_changes(cases->db) ? 0 : ERR_NOT_FOUND;
}

int cases_mark_learned(struct cases *cases, struct span id, enum store_learned learned, int64_t now)
{
	return mark(cases, CASES_LEARNED, id, (int)learned, now);
}

int cases_end_hold(struct cases *cases, struct span id, enum store_held as, int64_t now)
{
	return mark(cases, CASES_END_HOLD, id, (int)as, now);
}

/* With all by which it is found, as far as its record can be read: what is left of others leads nowhere. */
static int drop(struct cases *cases, const struct cases_row *row)
{
	struct casefile c;
	struct keys keys = { cases, row->seq, CASES_DROP_ADDRESS, CASES_DROP_FOUND, 0 };
	sqlite3_bind_int64(cases->statement[CASES_DROP_WORDS], 1, row->seq);
	int err = run(cases, CASES_DROP_WORDS);
	if (err == 0 && casefile_read(row->record, &cases->arena, &c) == 0)
		err = each_key(&keys, &c);
	sqlite3_bind_int64(cases->statement[CASES_DROP], 1, row->seq);
	return err == 0 ? run(cases, CASES_DROP) : err;
}

int cases_expire(struct cases *cases, int64_t before, void (*each)(void *, const struct cases_row *), void *context, bool *ret_more)
{
	VEC(struct cases_row) old = { 0 };
	sqlite3_stmt *statement = cases->statement[CASES_OLD];
	int answer, err = begin(cases);
	if (err < 0)
		return err;
	arena_reset(&cases->arena);
	sqlite3_bind_int64(statement, 1, before * 1000);
	while ((answer = sqlite3_step(statement)) == SQLITE_ROW) {
		struct cases_row *row = vec_push(&cases->arena, &old);
		cases_read_row(statement, row);
		row->id = arena_dup(&cases->arena, row->id);
		row->record = arena_dup(&cases->arena, row->record);
	}
	sqlite3_reset(statement);
	if (answer != SQLITE_DONE)
		return cases_fail(cases, answer);
	for (uint32_t i = 0; i < old.n && err == 0; i++) {
		each(context, &old.v[i]);
		err = drop(cases, &old.v[i]);
	}
	int committed = cases_commit(cases);
	*ret_more = old.n > 0;
	return err < 0 ? err : committed;
}
