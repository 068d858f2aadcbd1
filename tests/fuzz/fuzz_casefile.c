/* Case files: what can be read is written and read again to the same bytes, and its verdict can be reached again. */
#include "tests/fuzz/fuzz.h"

#include "verdict/casefile.h"

#include <stdlib.h>

static struct span written(const struct casefile *casefile, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, SIZE_MAX);
	casefile_write(casefile, &out);
	return buf_span(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct casefile casefile, again;
	arena_init(&arena);
	if (casefile_read(span_of(data, size), &arena, &casefile) == 0) {
		struct counterfactual counterfactual;
		struct span first = written(&casefile, &arena);
		if (casefile_read(first, &arena, &again) != 0 || !span_eq(first, written(&again, &arena)))
			abort();
		if (casefile_verdict(&casefile).score != casefile_verdict(&again).score)
			abort();
		if (casefile.evidence.list.n < 32)
			verdict_counterfactual(&casefile.evidence, &casefile.verdict, &counterfactual);
	}
	arena_release(&arena);
	return 0;
}
