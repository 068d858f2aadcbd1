/* tests/fuzz/fuzz_charset.c - a label, a line end, and any bytes to UTF-8. */
#include "base/utf8.h"
#include "message/charset.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct span input = span_of(data, size), label = span_first(input, span_find_byte(input, '\n', 0)), name;
	enum charset_fact fact;
	arena_reset(&arena);
	struct span text = charset_to_utf8(span_skip(input, label.n + 1), label, &arena, &fact, &name);
	if (!utf8_valid(text) || name.n == 0 || fact > CHARSET_HAD_INVALID_BYTES)
		abort();
	return 0;
}
