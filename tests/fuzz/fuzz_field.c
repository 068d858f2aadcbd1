/* tests/fuzz/fuzz_field.c - any text as the value of a field: it stays one value. */
#include "action/field.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct buf out;
	arena_init(&arena);
	buf_init(&out, &arena, SIZE_MAX);
	field_put_text(&out, size % 40, span_of(data, size));
	struct span value = buf_span(&out);
	for (size_t i = 0; i < value.n; i++) {
		uint8_t c = value.p[i];
		if ((c < 0x20 && c != '\r' && c != '\n' && c != '\t') || c > 0x7e)
			abort();
		if ((c == '\r') != (span_at(value, i + 1) == '\n'))
			abort();
		if (c == '\n' && span_at(value, i + 1) != ' ' && span_at(value, i + 1) != '\t')
			abort();
	}
	arena_release(&arena);
	return 0;
}
