/* base/metrics.c - see metrics.h */
#include "base/metrics.h"
#include "base/json_out.h"

#include <inttypes.h>
#include <stdio.h>

enum type { COUNTER, GAUGE, HISTOGRAM };
enum label {
#define METRIC(...)
#define LABELS(symbol, name, values) LABEL_##symbol,
#include "base/metrics.def"
#undef LABELS
	LABEL_KINDS
};
static const struct {
	const char *name, *values;
} labels[LABEL_KINDS] = {
#define LABELS(symbol, name, values) { name, values },
#include "base/metrics.def"
#undef LABELS
#undef METRIC
};

enum { AXES = 3 };
static const struct row {
	const char *name, *help;
	enum type type;
	enum label axes[AXES];
} rows[METRICS] = {
#define LABELS(...)
#define METRIC(symbol, name, type, help, a, b, c) { name, help, type, { LABEL_##a, LABEL_##b, LABEL_##c } },
#include "base/metrics.def"
#undef METRIC
#undef LABELS
};

/* Upper ends of the buckets in microseconds: three a decade, from below the judging of a small message to the longest deadline. */
static const uint32_t bounds[] = { 50,     100,    250,    500,     1000,    2500,    5000,     10000,    25000,   50000,
				   100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000 };
enum { BOUNDS = sizeof bounds / sizeof *bounds, SUM = BOUNDS + 1, HISTOGRAM_CELLS = BOUNDS + 2 /* beyond all bounds; the sum */ };

static struct span word_of(const char *words, unsigned n)
{
	struct span rest = span_cstr(words), word = span_none;
	for (unsigned i = 0; i <= n; i++)
		if (!span_split(&rest, ' ', &word))
			return span_none;
	return word;
}

static unsigned values_of(enum label label)
{
	unsigned n = 1;
	for (const char *p = labels[label].values; *p; p++)
		n += *p == ' ';
	return n;
}

static size_t width_of(const struct row *row) { return row->type == HISTOGRAM ? HISTOGRAM_CELLS : 1; }

static size_t cells_of(const struct row *row)
{
	size_t n = width_of(row);
	for (int i = 0; i < AXES; i++)
		n *= values_of(row->axes[i]);
	return n;
}

void metrics_init(struct metrics *m, struct arena *arena)
{
	m->n = METRICS; /* the cells of each begin where cells[metric] says */
	for (int i = 0; i < METRICS; i++)
		m->n += cells_of(&rows[i]);
	m->cells = arena_zalloc(arena, m->n * sizeof *m->cells);
	size_t at = METRICS;
	for (int i = 0; i < METRICS; i++) {
		m->cells[i] = at;
		at += cells_of(&rows[i]);
	}
}

/* The first cell of that place, or NULL. */
static uint64_t *cell(const struct metrics *m, enum metric metric, struct metrics_at at)
{
	const struct row *row = &rows[metric];
	const unsigned place[AXES] = { at.a, at.b, at.c };
	size_t index = 0;
	for (int i = 0; i < AXES; i++) {
		unsigned n = values_of(row->axes[i]);
		if (place[i] >= n)
			return NULL;
		index = index * n + place[i];
	}
	return &m->cells[m->cells[metric] + index * width_of(row)];
}

void metrics_add(struct metrics *m, enum metric metric, uint64_t n, struct metrics_at at)
{
	uint64_t *c = cell(m, metric, at);
	if (c)
		*c += n;
}

void metrics_set(struct metrics *m, enum metric metric, uint64_t value, struct metrics_at at)
{
	uint64_t *c = cell(m, metric, at);
	if (c)
		*c = value;
}

void metrics_observe(struct metrics *m, enum metric metric, uint64_t microseconds, struct metrics_at at)
{
	uint64_t *c = cell(m, metric, at);
	unsigned i = 0;
	while (i < BOUNDS && microseconds > bounds[i])
		i++;
	if (c) {
		c[i]++;
		c[SUM] += microseconds;
	}
}

uint64_t metrics_get(const struct metrics *m, enum metric metric, struct metrics_at at)
{
	const uint64_t *c = cell(m, metric, at);
	uint64_t n = 0;
	for (unsigned i = 0; c && i < (rows[metric].type == HISTOGRAM ? SUM : 1); i++)
		n += c[i];
	return n;
}

/* Calls each for every place of the metric that is to be told. */
static void each_place(const struct metrics *m, enum metric metric, void *context,
		       void (*each)(void *context, const struct row *row, const unsigned place[AXES], const uint64_t *cells))
{
	const struct row *row = &rows[metric];
	unsigned n[AXES];
	for (int i = 0; i < AXES; i++)
		n[i] = values_of(row->axes[i]);
	for (unsigned a = 0; a < n[0]; a++)
		for (unsigned b = 0; b < n[1]; b++)
			for (unsigned c = 0; c < n[2]; c++) {
				struct metrics_at at = { a, b, c };
				if (n[1] * n[2] == 1 || metrics_get(m, metric, at))
					each(context, row, (const unsigned[]){ a, b, c }, cell(m, metric, at));
			}
}

/* {door="milter",le="0.1"}; le NULL: none. */
static void put_labels(struct buf *out, const struct row *row, const unsigned place[AXES], const char *le)
{
	bool any = false;
	for (int i = 0; i < AXES; i++)
		if (row->axes[i] != LABEL_NONE) {
			struct span value = word_of(labels[row->axes[i]].values, place[i]);
			buf_printf(out, "%s%s=\"%.*s\"", any ? "," : "{", labels[row->axes[i]].name, SPAN_ARG(value));
			any = true;
		}
	if (le)
		buf_printf(out, "%sle=\"%s\"", any ? "," : "{", le);
	buf_cstr(out, any || le ? "} " : " ");
}

static const char *seconds(uint64_t microseconds, char text[32])
{
	int n = snprintf(text, 32, "%" PRIu64 ".%06" PRIu64, microseconds / 1000000, microseconds % 1000000);
	while (text[n - 1] == '0')
		text[--n] = 0;
	if (text[n - 1] == '.')
		text[--n] = 0;
	return text;
}

static void put_histogram(struct buf *out, const struct row *row, const unsigned place[AXES], const uint64_t *cells)
{
	uint64_t n = 0;
	char text[32];
	for (unsigned i = 0; i <= BOUNDS; i++) {
		n += cells[i];
		buf_printf(out, "%s_bucket", row->name);
		put_labels(out, row, place, i < BOUNDS ? seconds(bounds[i], text) : "+Inf");
		buf_printf(out, "%" PRIu64 "\n", n);
	}
	buf_printf(out, "%s_sum", row->name);
	put_labels(out, row, place, NULL);
	buf_printf(out, "%s\n%s_count", seconds(cells[SUM], text), row->name);
	put_labels(out, row, place, NULL);
	buf_printf(out, "%" PRIu64 "\n", n);
}

static void put_text_of(void *context, const struct row *row, const unsigned place[AXES], const uint64_t *cells)
{
	struct buf *out = context;
	if (row->type == HISTOGRAM) {
		put_histogram(out, row, place, cells);
		return;
	}
	buf_cstr(out, row->name);
	put_labels(out, row, place, NULL);
	buf_printf(out, "%" PRIu64 "\n", *cells);
}

void metrics_put_text(const struct metrics *m, struct buf *out)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };
	for (int i = 0; i < METRICS; i++) {
		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", rows[i].name, rows[i].help, rows[i].name, types[rows[i].type]);
		each_place(m, (enum metric)i, out, put_text_of);
	}
}

static void put_json_of(void *context, const struct row *row, const unsigned place[AXES], const uint64_t *cells)
{
	struct json_out *j = context;
	json_object(j, NULL);
	for (int i = 0; i < AXES; i++)
		if (row->axes[i] != LABEL_NONE)
			json_text(j, labels[row->axes[i]].name, word_of(labels[row->axes[i]].values, place[i]));
	if (row->type == HISTOGRAM) {
		uint64_t n = 0;
		json_array(j, "buckets");
		for (unsigned i = 0; i <= BOUNDS; i++) {
			json_object(j, NULL);
			if (i < BOUNDS)
				json_double(j, "to", bounds[i] / 1e6, 6);
			else
				json_null(j, "to");
			json_int(j, "count", (int64_t)cells[i]);
			json_close(j);
			n += cells[i];
		}
		json_close(j);
		json_double(j, "sum", (double)cells[SUM] / 1e6, 6);
		json_int(j, "count", (int64_t)n);
	} else {
		json_int(j, "value", (int64_t)*cells);
	}
	json_close(j);
}

void metrics_put_json(const struct metrics *m, struct buf *out)
{
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	for (int i = 0; i < METRICS; i++) {
		json_array(&j, rows[i].name);
		each_place(m, (enum metric)i, &j, put_json_of);
		json_close(&j);
	}
	json_close(&j);
}
