/* tests/fuzz/fuzz_lists.c - any bytes as the value of `lists`; what is read must be written so that it reads back the same. */
#include "config/settings_reading.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static int read_lists(struct span yaml, struct arena *arena, struct settings_lists *ret)
{
	struct settings_reading r;
	int err = settings_reading_open(&r, SPAN("lists"), yaml, arena);
	while (!err && !(err = settings_reading_next(&r)) && r.event.type != YAML_SEQUENCE_START_EVENT)
		if (r.event.type == YAML_STREAM_END_EVENT)
			err = 1;
	if (!err)
		err = settings_reading_lists(&r, ret);
	settings_reading_close(&r);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct settings_lists lists, again;
	arena_init(&arena);
	if (size <= 65536 && read_lists(span_of(data, size), &arena, &lists) == 0) {
		struct buf out;
		buf_init(&out, &arena, 1 << 24);
		buf_byte(&out, '[');
		for (size_t i = 0; i < lists.n; i++) {
			buf_cstr(&out, i ? ", " : "");
			list_declaration_put(&lists.v[i], &out);
		}
		buf_byte(&out, ']');
		if (read_lists(buf_span(&out), &arena, &again) || again.n != lists.n)
			abort();
		for (size_t i = 0; i < lists.n; i++)
			if (again.v[i].asks != lists.v[i].asks || again.v[i].codes.n != lists.v[i].codes.n ||
			    list_most(&again.v[i]) != list_most(&lists.v[i]))
				abort();
	}
	arena_release(&arena);
	return 0;
}
