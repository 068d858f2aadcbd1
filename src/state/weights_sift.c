/* state/weights_sift.c - see weights_sift.h */
#include "state/weights_sift.h"

#include "base/clock.h"

#include <xxhash.h>

/* The newest record of each id: offsets, in open addressing, at most half full. */
struct newest {
	struct span journal;
	uint64_t *slots, cap, seed;
};

static struct weights_id id_at(const struct newest *newest, uint64_t at)
{
	struct weights_record record = { 0 };
	(void)weights_record_peek(span_skip(newest->journal, at), LIMIT_WEIGHTS_CELLS, &record); /* was read before */
	return record.id;
}

static uint64_t *newest_of(const struct newest *newest, const struct weights_id *id)
{
	uint64_t i = XXH3_64bits_withSeed(id->b, sizeof id->b, newest->seed) & (newest->cap - 1);
	for (; newest->slots[i]; i = (i + 1) & (newest->cap - 1)) {
		struct weights_id other = id_at(newest, newest->slots[i]);
		if (memcmp(&other, id, sizeof other) == 0)
			break;
	}
	return &newest->slots[i];
}

/* The record at *at, which then goes to the next one; false at the end. */
static bool next_record(const struct weights_sift *sift, struct span journal, size_t *at, uint32_t n_cells, struct weights_record *ret)
{
	if (*at >= sift->end || weights_record_peek(span_skip(journal, *at), n_cells, ret) < 0)
		return false;
	ret->payload = span_slice(journal, *at + WEIGHTS_RECORD_HEAD, *at + ret->bytes);
	*at += ret->bytes;
	return true;
}

/* As far as the records are sound; how many. */
static uint64_t measure(struct weights_sift *sift, struct span journal, uint32_t n_cells)
{
	struct weights_record record;
	uint64_t n = 0;
	for (sift->end = WEIGHTS_RECORD_HEADER; weights_record_read(span_skip(journal, sift->end), n_cells, &record) == 0; n++)
		sift->end += record.bytes;
	return n;
}

static void index_newest(struct weights_sift *sift, uint32_t n_cells, struct newest *newest)
{
	struct weights_record record;
	for (size_t at = WEIGHTS_RECORD_HEADER, from = at; next_record(sift, newest->journal, &at, n_cells, &record); from = at)
		if (record.kind != WEIGHTS_RECORD_SUM)
			*newest_of(newest, &record.id) = from;
}

static int add_up(struct weights_sift *sift, const struct weights_record *record, uint32_t n_cells)
{
	uint64_t intent = 0;
	arena_reset(&sift->decoded);
	int err = weights_add_record(record, sift->sum.cells, n_cells, &intent, &sift->decoded);
	if (err == 0 && record->kind == WEIGHTS_RECORD_SUM)
		err = weights_record_sources(record, sift->sources, &sift->sum.n_sources);
	weights_count(&sift->other, record);
	return err;
}

static void keep_record(struct weights_sift *sift, struct span record)
{
	struct span *last = sift->kept.n ? &sift->kept.v[sift->kept.n - 1] : NULL;
	if (last && last->p + last->n == record.p)
		last->n += record.n;
	else
		*vec_push(&sift->arena, &sift->kept) = record;
	sift->n_kept++;
}

static bool in_force(const struct newest *newest, const struct weights_record *record, size_t at)
{
	return record->kind == WEIGHTS_RECORD_LESSON && *newest_of(newest, &record->id) == at;
}

int weights_sift(struct span journal, uint32_t n_cells, uint64_t keep, struct weights_sift *sift)
{
	struct weights_record_header header;
	struct weights_record record;
	memset(sift, 0, sizeof *sift);
	sift->other = (struct weights_state){ .oldest = CLOCK_NONE, .newest = CLOCK_NONE };
	arena_init(&sift->arena);
	arena_init(&sift->decoded);
	if (weights_record_read_header(journal, &header) < 0 || header.n_cells != n_cells)
		return ERR_SYNTAX;
	struct newest newest = { .journal = journal, .cap = 2 };
	memcpy(&newest.seed, header.store.b, sizeof newest.seed);
	for (uint64_t n = measure(sift, journal, n_cells); newest.cap < 2 * n;)
		newest.cap *= 2;
	newest.slots = arena_zalloc(&sift->arena, newest.cap * sizeof *newest.slots);
	sift->sum.cells = arena_zalloc(&sift->arena, n_cells * sizeof *sift->sum.cells);
	index_newest(sift, n_cells, &newest);
	uint64_t lessons = 0, rank = 0;
	for (size_t at = WEIGHTS_RECORD_HEADER, from = at; next_record(sift, journal, &at, n_cells, &record); from = at)
		lessons += in_force(&newest, &record, from);
	int err = 0;
	for (size_t at = WEIGHTS_RECORD_HEADER, from = at; err == 0 && next_record(sift, journal, &at, n_cells, &record); from = at)
		if (in_force(&newest, &record, from) && (keep >= lessons || rank++ >= lessons - keep))
			keep_record(sift, span_slice(journal, from, at));
		else
			err = add_up(sift, &record, n_cells);
	sift->sum.spam = sift->other.spam;
	sift->sum.ham = sift->other.ham;
	sift->sum.forgotten = sift->other.forgotten;
	sift->sum.sources = sift->sources;
	return err;
}

void weights_sift_release(struct weights_sift *sift)
{
	arena_release(&sift->arena);
	arena_release(&sift->decoded);
}

struct span weights_sift_sum(struct weights_sift *sift, uint32_t n_cells)
{
	struct weights_record head = { .kind = WEIGHTS_RECORD_SUM, .time = sift->other.newest };
	return weights_record_write_sum(&sift->arena, &head, &sift->sum, n_cells);
}
