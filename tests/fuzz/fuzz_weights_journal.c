/* tests/fuzz/fuzz_weights_journal.c - any bytes as a journal of lessons.
 *
 * A fuzzer does not guess checksums, so they are made to fit first: what stands behind them is what has to hold. */
#include "state/weights_sift.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <xxhash.h>

enum { CELLS = 64 };

static void seal(uint8_t *p, size_t n)
{
	struct weights_record record;
	if (n < WEIGHTS_RECORD_HEADER)
		return;
	struct weights_record_header header = { .n_cells = CELLS, .keep = 4, .store = { { 1 } } };
	weights_record_write_header(&header, p);
	for (size_t at = WEIGHTS_RECORD_HEADER; weights_record_peek(span_of(p + at, n - at), CELLS, &record) == 0 && record.bytes <= n - at;
	     at += record.bytes) {
		uint64_t sum = XXH3_64bits(p + at + 8, record.bytes - 8);
		memcpy(p + at, &sum, sizeof sum);
	}
}

/* What decodes, encodes again, and decodes to the same. */
static void again(const struct weights_record *record, const struct weights_group *groups, struct arena *arena)
{
	struct span bytes;
	struct weights_record back;
	struct weights_group *same;
	if (weights_record_write(arena, record, groups, record->n_groups, CELLS, &bytes) < 0 ||
	    weights_record_read(bytes, CELLS, &back) < 0 || weights_record_groups(&back, CELLS, arena, &same) < 0)
		abort();
	for (uint32_t g = 0; g < record->n_groups; g++)
		if (same[g].by != groups[g].by || same[g].n != groups[g].n ||
		    memcmp(same[g].at, groups[g].at, groups[g].n * sizeof *same[g].at) != 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct weights_sift sift;
	struct weights_record record;
	struct weights_group *groups;
	uint8_t *copy = malloc(size + 1);
	memcpy(copy, data, size);
	for (int sealed = 0; sealed < 2; sealed++) {
		struct span journal = span_of(copy, size);
		if (weights_sift(journal, CELLS, sealed ? 2 : 0, &sift) == 0)
			weights_sift_sum(&sift, CELLS);
		for (size_t at = WEIGHTS_RECORD_HEADER; at < sift.end; at += record.bytes) {
			if (weights_record_read(span_skip(journal, at), CELLS, &record) < 0)
				abort();
			if (weights_record_groups(&record, CELLS, &sift.arena, &groups) == 0)
				again(&record, groups, &sift.arena);
		}
		weights_sift_release(&sift);
		seal(copy, size);
	}
	free(copy);
	return 0;
}
