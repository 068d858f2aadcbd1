/* state/cases_search.c - the questions of `postern history` as one SQL statement, every value bound; see cases.h */
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "state/cases_parts.h"

enum { SQL_MAX = 4096, BOUND_MAX = 16, WORDS_MAX = 1024 };

struct search {
	struct cases *cases;
	struct buf sql;
	struct bound {
		struct span text; /* p NULL: the number */
		bool blob;
		int64_t number;
	} bound[BOUND_MAX];
	int n_bound;
};

/* condition holds one "?" for each value that is bound next. */
static void and_where(struct search *s, const char *condition) { buf_printf(&s->sql, " AND %s", condition); }
static void bind_text(struct search *s, struct span text) { s->bound[s->n_bound++] = (struct bound){ .text = text }; }
static void bind_number(struct search *s, int64_t number) { s->bound[s->n_bound++] = (struct bound){ .number = number }; }
static void bind_blob(struct search *s, const void *p, size_t n)
{
	s->bound[s->n_bound++] = (struct bound){ .text = arena_dup(s->sql.arena, span_of(p, n)), .blob = true };
}

/* Every word between quotes, which FTS5 then takes as they are. */
static struct span words_query(struct span words, struct arena *arena)
{
	struct buf out;
	struct span rest = span_first(words, WORDS_MAX), word;
	buf_init(&out, arena, WORDS_MAX * 4);
	while (span_split(&rest, ' ', &word)) {
		if (!word.n)
			continue;
		buf_cstr(&out, "\"");
		for (size_t i = 0; i < word.n; i++) {
			if (word.p[i] == '"')
				buf_byte(&out, '"');
			if (word.p[i])
				buf_byte(&out, word.p[i]);
		}
		buf_cstr(&out, "\" ");
	}
	return buf_span(&out);
}

/* condition: what else the row must say. */
static void where_address(struct search *s, struct span address, const char *condition)
{
	buf_printf(&s->sql, " AND seq IN (SELECT seq FROM addresses WHERE address = ?%s)", condition);
	bind_text(s, cases_address_key(address, s->sql.arena));
}

/* All of a domain: what begins with "domain@", and so lies before "domainA". */
static void where_domain(struct search *s, struct span domain, const char *condition)
{
	struct span first = cases_address_key(domain, s->sql.arena);
	buf_printf(&s->sql, " AND seq IN (SELECT seq FROM addresses WHERE address >= ? AND address < ?%s)", condition);
	bind_text(s, first);
	bind_text(s, arena_join(s->sql.arena, span_first(first, first.n - 1), SPAN("A")));
}

/* First and last address of a network. */
static void net_range(const struct ip_net *net, struct ip *ret_first, struct ip *ret_last)
{
	*ret_first = *ret_last = net->ip;
	for (unsigned bit = net->bits; bit < 128; bit++) {
		ret_first->b[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
		ret_last->b[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	}
}

static void where_people(struct search *s, const struct store_query *q)
{
	if (q->recipient.p)
		where_address(s, q->recipient, " AND role = 2");
	if (q->address.p) {
		size_t at = span_find_byte(q->address, '@', 0);
		bool domain = at == SPAN_NPOS || at == 0; /* "example.org" or "@example.org" */
		/* who else got a recipient's mail is not told by what is found either */
		(domain ? where_domain : where_address)(s, q->address, q->recipient.p ? " AND role = 1" : "");
	}
	if (q->has_net) {
		struct ip first, last;
		net_range(&q->net, &first, &last);
		and_where(s, "(client BETWEEN ? AND ? OR origin BETWEEN ? AND ?)");
		for (unsigned i = 0; i < 2; i++) {
			bind_blob(s, first.b, sizeof first.b);
			bind_blob(s, last.b, sizeof last.b);
		}
	}
}

static void where_rest(struct search *s, const struct store_query *q)
{
	if (q->subject.p) {
		and_where(s, "seq IN (SELECT rowid FROM words WHERE words MATCH ?)");
		bind_text(s, words_query(q->subject, s->sql.arena));
	}
	if (q->evidence.p) {
		and_where(s, "seq IN (SELECT seq FROM found WHERE name = ?)");
		bind_number(s, (int64_t)cases_number_of(q->evidence));
	}
	if (q->has_verdict) {
		and_where(s, q->verdict ? "verdict = ? AND verdict <> 0" : "verdict = ?"); /* the second half names the index */
		bind_number(s, (int64_t)q->verdict);
	}
	if (q->since != CLOCK_NONE) {
		and_where(s, "time >= ?");
		bind_number(s, q->since * 1000);
	}
	if (q->until != CLOCK_NONE) {
		and_where(s, "time < ?");
		bind_number(s, q->until * 1000);
	}
	if (q->held)
		and_where(s, "held = 1");
}

static int bind_all(const struct search *s, sqlite3_stmt *statement)
{
	for (int i = 0; i < s->n_bound; i++) {
		const struct bound *b = &s->bound[i];
		if (b->text.p && b->blob)
			sqlite3_bind_blob64(statement, i + 1, b->text.p, b->text.n, SQLITE_STATIC);
		else if (b->text.p)
			cases_bind_text(statement, i + 1, b->text);
		else
			sqlite3_bind_int64(statement, i + 1, b->number);
	}
	return 0;
}

int cases_search(struct cases *cases, const struct store_query *q, bool (*each)(void *, const struct cases_row *), void *context)
{
	struct search s = { .cases = cases };
	sqlite3_stmt *statement = NULL;
	int answer;
	arena_reset(&cases->arena);
	buf_init(&s.sql, &cases->arena, SQL_MAX);
	buf_cstr(&s.sql, "SELECT " CASES_COLUMNS " FROM cases WHERE 1");
	where_people(&s, q);
	where_rest(&s, q);
	buf_printf(&s.sql, " ORDER BY time %s, seq %s", q->oldest_first ? "ASC" : "DESC", q->oldest_first ? "ASC" : "DESC");
	if (q->limit)
		buf_printf(&s.sql, " LIMIT %u", q->limit);
	answer = sqlite3_prepare_v2(cases->db, (const char *)s.sql.p, (int)s.sql.n, &statement, NULL);
	if (answer == SQLITE_OK)
		bind_all(&s, statement);
	while (answer == SQLITE_OK || answer == SQLITE_ROW) {
		struct cases_row row;
		answer = sqlite3_step(statement);
		if (answer != SQLITE_ROW)
			break;
		cases_read_row(statement, &row);
		if (!each(context, &row))
			answer = SQLITE_DONE;
	}
	int err = answer == SQLITE_DONE ? 0 : cases_fail(cases, answer);
	sqlite3_finalize(statement);
	return err;
}

static int64_t count(struct cases *cases, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *statement = NULL;
	int64_t n = otherwise;
	if (sqlite3_prepare_v2(cases->db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW &&
	    sqlite3_column_type(statement, 0) != SQLITE_NULL)
		n = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return n;
}

int cases_count(struct cases *cases, struct store_status *ret)
{
	int64_t pages = count(cases, "PRAGMA page_count", -1), bytes = count(cases, "PRAGMA page_size", -1);
	if (pages < 0 || bytes < 0)
		return cases_fail(cases, sqlite3_errcode(cases->db));
	ret->database_bytes = (uint64_t)pages * (uint64_t)bytes;
	ret->cases = (uint64_t)count(cases, "SELECT count(*) FROM cases", 0);
	int64_t oldest = count(cases, "SELECT min(time) FROM cases", CLOCK_NONE),
		newest = count(cases, "SELECT max(time) FROM cases", CLOCK_NONE);
	ret->oldest = oldest == CLOCK_NONE ? CLOCK_NONE : oldest / 1000;
	ret->newest = newest == CLOCK_NONE ? CLOCK_NONE : newest / 1000;
	ret->held = (uint64_t)count(cases, "SELECT count(*) FROM cases WHERE held = 1", 0);
	return 0;
}
