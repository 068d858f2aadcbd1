/* trap/tally.c - see tally.h */
#include "trap/tally.h"

#include "base/record.h"

#include <stdlib.h>

enum { FORMAT = 1 };

struct tally {
	struct tally_row *v;
	uint32_t n;
};

struct tally *tally_new(void)
{
	struct tally *tally = calloc(1, sizeof *tally);
	if (!tally || !(tally->v = calloc(LIMIT_TALLY_ROWS, sizeof *tally->v)))
		abort();
	return tally;
}

void tally_free(struct tally *tally)
{
	if (tally)
		free(tally->v);
	free(tally);
}

/* 1970-01-01 was a Thursday. */
int64_t tally_week(int64_t time)
{
	int64_t since = time + 3 * 86400, week = since / TALLY_WEEK - (since % TALLY_WEEK < 0);
	return week * TALLY_WEEK - 3 * 86400;
}

static bool same(const struct tally_row *a, const struct tally_row *b)
{
	return a->week == b->week && a->listed == b->listed && strcmp(a->country, b->country) == 0 && strcmp(a->family, b->family) == 0;
}

static bool add_to(struct tally *tally, const struct tally_row *one)
{
	/* the newest rows stand last, and nearly all that comes belongs to them */
	for (uint32_t i = tally->n; i-- > 0;) {
		if (!same(&tally->v[i], one))
			continue;
		tally->v[i].probes += one->probes;
		tally->v[i].payloads += one->payloads;
		tally->v[i].others += one->others;
		return true;
	}
	return false;
}

/* The oldest week that has several rows becomes one or two; when there is none, the newest row of all takes what comes. */
static void shrink(struct tally *tally)
{
	int64_t oldest = INT64_MAX;
	for (uint32_t i = 0; i < tally->n; i++)
		if (tally->v[i].country[0] != '*' && tally->v[i].week < oldest)
			oldest = tally->v[i].week;
	uint32_t n = tally->n;
	tally->n = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct tally_row row = tally->v[i];
		if (row.week <= oldest) {
			row.week = oldest;
			memcpy(row.country, "*", 2);
			memcpy(row.family, "*", 2);
		}
		if (row.week > oldest || !add_to(tally, &row))
			tally->v[tally->n++] = row;
	}
}

void tally_add(struct tally *tally, const struct tally_row *one)
{
	struct tally_row row = *one;
	row.week = tally_week(one->week);
	if (add_to(tally, &row))
		return;
	if (tally->n == LIMIT_TALLY_ROWS)
		shrink(tally);
	if (tally->n < LIMIT_TALLY_ROWS && !add_to(tally, &row))
		tally->v[tally->n++] = row;
}

uint32_t tally_rows(const struct tally *tally) { return tally->n; }
const struct tally_row *tally_at(const struct tally *tally, uint32_t i) { return &tally->v[i]; }

void tally_write(const struct tally *tally, struct buf *out)
{
	record_put_number(out, FORMAT);
	record_put_number(out, tally->n);
	for (uint32_t i = 0; i < tally->n; i++) {
		const struct tally_row *row = &tally->v[i];
		record_put_signed(out, row->week);
		record_put_text(out, span_cstr(row->country));
		record_put_text(out, span_cstr(row->family));
		record_put_number(out, row->listed);
		record_put_number(out, row->probes);
		record_put_number(out, row->payloads);
		record_put_number(out, row->others);
	}
}

static void read_row(struct cursor *c, struct tally_row *row)
{
	memset(row, 0, sizeof *row);
	row->week = record_signed(c);
	struct span country = record_text(c), family = record_text(c);
	c->overrun |= country.n >= sizeof row->country || family.n >= sizeof row->family;
	if (!c->overrun) {
		memcpy(row->country, country.p, country.n);
		memcpy(row->family, family.p, family.n);
	}
	row->listed = record_below(c, 2);
	row->probes = (uint32_t)record_below(c, UINT32_MAX);
	row->payloads = (uint32_t)record_below(c, UINT32_MAX);
	row->others = (uint32_t)record_below(c, UINT32_MAX);
}

int tally_read(struct tally *tally, struct cursor *c)
{
	tally->n = 0;
	if (record_number(c) != FORMAT)
		c->overrun = true;
	uint64_t n = record_below(c, LIMIT_TALLY_ROWS + 1);
	for (uint64_t i = 0; i < n && !c->overrun; i++)
		read_row(c, &tally->v[i]);
	if (c->overrun)
		return ERR_SYNTAX;
	tally->n = (uint32_t)n;
	return 0;
}
