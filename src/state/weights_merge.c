/* state/weights_merge.c - adds what another machine learned.
 *
 * Only the other journal is read, for it tells all; it may be in use. Its lessons are taught here in its order, those that are known here
 * are not; what it has compacted away comes as one sum, marked with whose it is, because older lessons cannot be compared one by one: a sum
 * that may hold the same lessons as one that is here already is refused, before anything is changed. Every step is a journal record of its
 * own, so a merge that was killed is finished by doing it again. */
#include "state/weights_parts.h"

#include "state/weights_sift.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

static bool same_store(const struct weights_id *a, const struct weights_id *b) { return memcmp(a, b, sizeof *a) == 0; }

/* A hash of the other's sum; 0 when it comes to nothing. */
static uint64_t mark_of(const struct weights_sum *sum, uint32_t n_cells)
{
	bool any = sum->spam || sum->ham;
	for (uint32_t i = 0; i < n_cells && !any; i++)
		any = sum->cells[i] != 0;
	uint64_t counts = sum->spam * 31 + sum->ham;
	return any ? XXH3_64bits_withSeed(sum->cells, n_cells * sizeof *sum->cells, counts) | 1 : 0;
}

/* Whose sums are in this journal. */
static int own_sources(struct weights *w, struct weights_source sources[], uint32_t *ret_n)
{
	struct span journal;
	struct weights_record record;
	int err = weights_journal_map(w, w->journal_fd, w->journal_path, &journal);
	if (err < 0)
		return err;
	struct span records = span_slice(journal, WEIGHTS_RECORD_HEADER, w->now.journal_bytes);
	*ret_n = 0;
	for (; err == 0 && weights_record_peek(records, w->n_cells, &record) == 0; records = span_skip(records, record.bytes)) {
		record.payload = span_slice(records, WEIGHTS_RECORD_HEAD, record.bytes);
		if (record.kind == WEIGHTS_RECORD_SUM)
			err = weights_record_sources(&record, sources, ret_n);
	}
	munmap((void *)(uintptr_t)journal.p, journal.n);
	return err;
}

/* Adds the other's sum, unless it is here already. */
static int merge_sum(struct weights *w, struct weights_sift *other, const struct weights_id *store)
{
	struct weights_source own[LIMIT_WEIGHTS_SOURCES], theirs = { *store, mark_of(&other->sum, w->n_cells) };
	uint32_t n = 0;
	if (theirs.mark == 0)
		return 0;
	int err = own_sources(w, own, &n);
	if (err < 0)
		return err;
	bool overlap = same_store(store, &w->header->store);
	for (uint32_t i = 0; i < n; i++) {
		if (same_store(&own[i].store, store) && own[i].mark == theirs.mark)
			return 0;
		overlap |= same_store(&own[i].store, store);
		for (uint32_t j = 0; j < other->sum.n_sources; j++)
			overlap |= same_store(&own[i].store, &other->sources[j].store);
	}
	for (uint32_t j = 0; j < other->sum.n_sources; j++)
		overlap |= same_store(&other->sources[j].store, &w->header->store);
	if (overlap)
		return weights_fail(
		    w, ERR_UNSUPPORTED,
		    "Both sides hold older lessons that were merged before and can no longer be told apart: adding them would count "
		    "them twice. Nothing was changed.");
	if (other->sum.n_sources + 1 + n > LIMIT_WEIGHTS_SOURCES)
		return weights_fail(w, ERR_LIMIT, "Lessons of %u machines were merged already, which is the most.", LIMIT_WEIGHTS_SOURCES);
	other->sources[other->sum.n_sources++] = theirs;
	return weights_append(w, weights_sift_sum(other, w->n_cells), NULL);
}

/* Was it taught here too? A lesson that was taken back here stays so, unless it was taught again since. */
static bool known_here(struct weights *w, const struct weights_record *theirs)
{
	struct weights_record ours;
	return weights_index_find(w, &theirs->id, &ours) &&
	       (ours.kind == WEIGHTS_RECORD_LESSON || (ours.time == theirs->time && ours.label == theirs->label));
}

static int merge_lessons(struct weights *w, struct weights_sift *other, struct weights_merged *merged)
{
	struct weights_record record;
	struct weights_group *groups;
	int err = 0;
	for (uint32_t i = 0; i < other->kept.n; i++)
		for (struct span left = other->kept.v[i]; err == 0 && left.n; left = span_skip(left, record.bytes)) {
			arena_reset(&other->decoded);
			if (weights_record_read(left, w->n_cells, &record) < 0 ||
			    weights_record_groups(&record, w->n_cells, &other->decoded, &groups) < 0)
				return weights_fail(w, ERR_SYNTAX,
						    "The other journal is damaged in the middle; the lessons before were added.");
			if (known_here(w, &record)) {
				merged->known++;
				continue;
			}
			err = weights_append(w, span_first(left, record.bytes), groups);
			merged->lessons += err == 0;
		}
	return err;
}

static int merge(struct weights *w, const char *path, struct span journal, struct weights_sift *other, struct weights_merged *ret)
{
	struct weights_record_header header;
	struct weights_merged merged = { 0 };
	int err = weights_record_read_header(journal, &header);
	if (err == 0 && (header.format != w->header->format || header.n_cells != w->n_cells))
		return weights_fail(w, ERR_UNSUPPORTED, "%s was learned by a postern that reads messages otherwise: it cannot be added.",
				    path);
	if (err == 0)
		err = weights_sift(journal, w->n_cells, UINT64_MAX, other);
	if (err < 0)
		return weights_fail(w, err, "%s is damaged: it is no journal of lessons.", path);
	merged.older = other->sum.spam + other->sum.ham;
	merged.ignored_bytes = journal.n - other->end;
	err = weights_begin(w);
	if (err < 0)
		return err;
	err = merge_sum(w, other, &header.store);
	if (err == 0)
		err = merge_lessons(w, other, &merged);
	weights_end(w);
	if (err == 0)
		*ret = merged;
	return err;
}

int weights_merge(struct weights *into, const char *from, struct weights_merged *ret)
{
	char *path;
	struct span journal;
	struct weights_sift other = { 0 };
	if (into->ids || into->mode != WEIGHTS_LEARN)
		return weights_fail(into, ERR_UNSUPPORTED, "Only a file open for learning can take in another.");
	if (asprintf(&path, "%s.journal", from) < 0)
		abort();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? weights_fail(into, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s.", path, strerror(errno))
			 : weights_journal_map(into, fd, path, &journal);
	if (err == 0) {
		err = merge(into, path, journal, &other, ret);
		weights_sift_release(&other);
		munmap((void *)(uintptr_t)journal.p, journal.n);
	}
	if (fd >= 0)
		close(fd);
	free(path);
	return err;
}
