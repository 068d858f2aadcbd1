/* Lessons: what can be read is written and read again to the same bytes. */
#include "tests/fuzz/fuzz.h"

#include "app/learner.h"

#include <stdlib.h>

static struct span written(const struct lesson *lesson, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, SIZE_MAX);
	lesson_write(lesson, &out);
	return buf_span(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct lesson *lesson, *again;
	arena_init(&arena);
	if (lesson_read(span_of(data, size), &lesson) == 0) {
		struct span first = written(lesson, &arena);
		if (lesson_read(first, &again) != 0 || !span_eq(first, written(again, &arena)))
			abort();
		lesson_free(again);
		lesson_free(lesson);
	}
	arena_release(&arena);
	return 0;
}
