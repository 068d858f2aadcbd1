/* Kept answers: what can be read is written and read again to the same bytes. */
#include "tests/fuzz/fuzz.h"

#include "facts/answers_record.h"

#include <stdlib.h>

static struct span written(const struct answers *answers, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, SIZE_MAX);
	answers_record_write(answers, &out);
	return buf_span(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct answers answers, again;
	arena_init(&arena);
	if (answers_record_read(span_of(data, size), &arena, &answers) == 0) {
		struct span first = written(&answers, &arena);
		if (answers_record_read(first, &arena, &again) != 0 || !span_eq(first, written(&again, &arena)))
			abort();
	}
	arena_release(&arena);
	return 0;
}
