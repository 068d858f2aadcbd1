/* state/weights_compact.c - keeps the journal of state/weights.h bounded: the newest lessons stay, all else becomes one sum.
 *
 * The cells do not change, so readers see nothing of it; other learners find another file under the journal's name when they next begin.
 * Lessons that were taken back go first, with what took them back. It costs one reading and writing of the journal, once in keep / 4
 * lessons. A kill leaves the old journal or the new one: that bears another epoch, and whoever finds it rebuilds. */
#include "state/weights_parts.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/vec.h"

#include <stdlib.h>
#include <sys/mman.h>

bool weights_compact_due(const struct weights *w) { return w->now.records >= (uint64_t)w->keep + w->keep / 4 + 1; }

struct work {
	struct span journal;
	VEC(struct span) pieces; /* of the new journal: the sum, then stretches of the old one */
	struct weights_sum sum;
	struct weights_source sources[LIMIT_WEIGHTS_SOURCES];
	struct weights_state dropped;
	struct arena arena, decoded; /* of the work, of one record */
};

static bool in_force(const struct weights *w, const struct weights_record *record, uint64_t at)
{
	return record->kind == WEIGHTS_RECORD_LESSON && weights_index_names(w, &record->id, at);
}

static int drop(struct weights *w, struct work *work, const struct weights_record *record)
{
	uint64_t intent = 0;
	arena_reset(&work->decoded);
	int err = weights_add_record(record, work->sum.cells, w->n_cells, &intent, &work->decoded);
	if (err == 0 && record->kind == WEIGHTS_RECORD_SUM)
		err = weights_record_sources(record, work->sources, &work->sum.n_sources);
	weights_count(&work->dropped, record);
	return err;
}

static void keep(struct work *work, struct span record)
{
	struct span *last = work->pieces.n > 1 ? &work->pieces.v[work->pieces.n - 1] : NULL;
	if (last && last->p + last->n == record.p)
		last->n += record.n;
	else
		*vec_push(&work->arena, &work->pieces) = record;
}

/* Sorts the records into those to keep and those to add up. */
static int sort_out(struct weights *w, struct work *work)
{
	struct weights_record record;
	uint64_t lessons = 0, rank = 0;
	for (size_t at = WEIGHTS_RECORD_HEADER; at < work->journal.n; at += record.bytes) {
		if (weights_record_read(span_skip(work->journal, at), w->n_cells, &record) < 0)
			return ERR_SYNTAX;
		lessons += in_force(w, &record, at);
	}
	vec_push(&work->arena, &work->pieces); /* the sum, when it is known */
	for (size_t at = WEIGHTS_RECORD_HEADER; at < work->journal.n; at += record.bytes) {
		int err = weights_record_peek(span_skip(work->journal, at), w->n_cells, &record);
		struct span bytes = span_slice(work->journal, at, at + record.bytes);
		record.payload = span_skip(bytes, WEIGHTS_RECORD_HEAD);
		if (err == 0 && in_force(w, &record, at) && rank++ + w->keep >= lessons)
			keep(work, bytes);
		else if (err == 0)
			err = drop(w, work, &record);
		if (err < 0)
			return err;
	}
	return 0;
}

static struct span sum_up(struct weights *w, struct work *work)
{
	struct weights_record head = { .kind = WEIGHTS_RECORD_SUM, .time = work->dropped.newest };
	work->sum.spam = work->dropped.spam;
	work->sum.ham = work->dropped.ham;
	work->sum.forgotten = work->dropped.forgotten;
	work->sum.sources = work->sources;
	return weights_record_write_sum(&work->arena, &head, &work->sum, w->n_cells);
}

/* The new journal stands: index and state follow it. */
static void follow(struct weights *w, const struct work *work)
{
	struct weights_state state = w->now;
	struct weights_record record;
	state.records = state.spam = state.ham = state.forgotten = 0;
	state.oldest = state.newest = CLOCK_NONE;
	state.journal_bytes = WEIGHTS_RECORD_HEADER;
	state.epoch++;
	__atomic_store_n(&w->live->index_epoch, 0, __ATOMIC_RELEASE);
	weights_index_clear(w);
	for (uint32_t i = 0; i < work->pieces.n; i++)
		for (struct span left = work->pieces.v[i]; weights_record_peek(left, w->n_cells, &record) == 0;
		     left = span_skip(left, record.bytes)) {
			record.payload = span_slice(left, WEIGHTS_RECORD_HEAD, record.bytes);
			if (record.kind == WEIGHTS_RECORD_LESSON)
				(void)weights_index_put(w, &record.id, state.journal_bytes); /* fewer than before */
			weights_count(&state, &record);
			state.journal_bytes += record.bytes;
		}
	state.synced_bytes = state.journal_bytes;
	w->now = state;
	__atomic_store_n(&w->live->index_epoch, state.epoch, __ATOMIC_RELEASE);
	weights_file_commit(w, &w->now);
}

int weights_compact(struct weights *w)
{
	struct span whole;
	int err = weights_journal_map(w, w->journal_fd, w->journal_path, &whole);
	if (err < 0)
		return err;
	struct work work = { .journal = span_first(whole, w->now.journal_bytes),
			     .dropped = { .oldest = CLOCK_NONE, .newest = CLOCK_NONE } };
	arena_init(&work.arena);
	arena_init(&work.decoded);
	work.sum.cells = arena_zalloc(&work.arena, w->n_cells * sizeof *work.sum.cells);
	err = sort_out(w, &work);
	if (err < 0) {
		weights_fail(w, err, "%s is damaged: a record in it was changed.", w->journal_path);
	} else {
		work.pieces.v[0] = sum_up(w, &work);
		err = weights_journal_replace(w, w->now.epoch + 1, work.pieces.v, work.pieces.n);
	}
	if (err == 0)
		follow(w, &work);
	munmap((void *)(uintptr_t)whole.p, whole.n);
	arena_release(&work.arena);
	arena_release(&work.decoded);
	return err;
}
