/* tests/fuzz/fuzz_parameter.c - "value; name=value" fields and charset labels: all readings are UTF-8, and no more than allowed. */
#include "base/limits.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/parameter.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct anomalies anomalies = { 0 };
	struct field_value value;
	struct span s = span_of(data, size), label = span_first(s, 12), used;
	struct header header = { .name = s, .value = s, .raw = s, .has_fold = true };
	enum charset_fact fact;
	arena_reset(&arena);
	field_value_parse(s, &header, &arena, &anomalies, &value);
	if (value.parameters.n > LIMIT_PARAMETERS)
		abort();
	for (uint32_t i = 0; i < value.parameters.n; i++)
		if (!utf8_valid(value.parameters.v[i].value))
			abort();
	size_t end = span_find_byte(label, '\n', 0);
	if (end != SPAN_NPOS && !utf8_valid(charset_to_utf8(span_skip(s, end + 1), span_first(s, end), &arena, &fact, &used)))
		abort();
	return 0;
}
