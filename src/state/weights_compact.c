/* state/weights_compact.c - keeps the journal of state/weights.h bounded: the newest lessons stay, all else becomes one sum.
 *
 * The cells do not change, so readers see nothing of it; other learners find another file under the journal's name when they next begin.
 * It costs one reading and writing of the journal, once in keep / 4 lessons. A kill leaves the old journal or the new one: that bears
 * another epoch, and whoever finds it rebuilds. */
#include "state/weights_parts.h"

#include "base/clock.h"
#include "state/weights_sift.h"

#include <sys/mman.h>

bool weights_compact_due(const struct weights *w) { return w->now.records >= (uint64_t)w->keep + w->keep / 4 + 1; }

static void count_pieces(struct weights *w, struct weights_state *state, const struct span *pieces, size_t n)
{
	struct weights_record record;
	for (size_t i = 0; i < n; i++)
		for (struct span left = pieces[i]; weights_record_peek(left, w->n_cells, &record) == 0;
		     left = span_skip(left, record.bytes)) {
			record.payload = span_slice(left, WEIGHTS_RECORD_HEAD, record.bytes);
			if (record.kind == WEIGHTS_RECORD_LESSON)
				(void)weights_index_put(w, &record.id, state->journal_bytes); /* never full: there were more before */
			weights_count(state, &record);
			state->journal_bytes += record.bytes;
		}
}

/* The new journal stands: index and state follow it. */
static void follow(struct weights *w, const struct span *pieces, size_t n)
{
	struct weights_state state = { .epoch = w->now.epoch + 1, .journal_bytes = WEIGHTS_RECORD_HEADER, .boot = w->boot };
	state.oldest = state.newest = CLOCK_NONE;
	__atomic_store_n(&w->live->index_epoch, 0, __ATOMIC_RELEASE);
	weights_index_clear(w);
	count_pieces(w, &state, pieces, n);
	state.synced_bytes = state.journal_bytes;
	w->now = state;
	__atomic_store_n(&w->live->index_epoch, state.epoch, __ATOMIC_RELEASE);
	weights_file_commit(w, &w->now);
}

static int compact(struct weights *w, struct span journal, struct weights_sift *sift)
{
	int err = weights_sift(journal, w->n_cells, w->keep, sift);
	if (err < 0 || sift->end != journal.n)
		return weights_fail(w, err < 0 ? err : ERR_SYNTAX, "%s is damaged: a record in it was changed.", w->journal_path);
	size_t n = sift->kept.n + 1;
	struct span *pieces = arena_alloc(&sift->arena, n * sizeof *pieces);
	pieces[0] = weights_sift_sum(sift, w->n_cells);
	for (uint32_t i = 0; i < sift->kept.n; i++)
		pieces[i + 1] = sift->kept.v[i];
	err = weights_journal_replace(w, w->now.epoch + 1, pieces, n);
	if (err == 0)
		follow(w, pieces, n);
	return err;
}

int weights_compact(struct weights *w)
{
	struct span whole;
	struct weights_sift sift;
	int err = weights_journal_map(w, w->journal_fd, w->journal_path, &whole);
	if (err < 0)
		return err;
	err = compact(w, span_first(whole, w->now.journal_bytes), &sift);
	weights_sift_release(&sift);
	munmap((void *)(uintptr_t)whole.p, whole.n);
	return err;
}
