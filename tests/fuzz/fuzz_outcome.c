/* tests/fuzz/fuzz_outcome.c - any bytes as an outcome: what is read is written and read again to the same bytes, and its edits fit any
 * message. */
#include "action/outcome.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static struct span written(const struct outcome *outcome, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, SIZE_MAX);
	outcome_write(outcome, &out);
	return buf_span(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct outcome outcome, again;
	arena_init(&arena);
	if (outcome_read(span_of(data, size), &arena, &outcome) == 0) {
		struct span first = written(&outcome, &arena);
		struct buf out;
		if (outcome_read(first, &arena, &again) != 0 || !span_eq(first, written(&again, &arena)))
			abort();
		int32_t score = outcome_client_score(&outcome);
		if (score < -999 || score > 9999 || !outcome_client_action(&outcome))
			abort();
		buf_init(&out, &arena, SIZE_MAX);
		outcome_edit(&outcome, span_of(data, size), SPAN("\n"), &out);
	}
	arena_release(&arena);
	return 0;
}
