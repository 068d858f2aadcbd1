/* tests/fuzz/fuzz_header.c - a header section: every byte belongs to a field, to a recorded anomaly, or to the body. */
#include "message/header.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct anomalies anomalies = { 0 };
	struct headers headers;
	struct span bytes = span_of(data, size);
	uint32_t total = 0;
	size_t consumed;
	arena_reset(&arena);
	headers_parse(bytes, bytes, &arena, &anomalies, &total, &headers, &consumed);
	if (consumed > size || total != headers.list.n)
		abort();
	for (uint32_t i = 0; i < headers.list.n; i++) {
		const struct header *h = &headers.list.v[i];
		if (!span_within(bytes, h->raw) || !span_within(h->raw, h->name) || !span_within(h->raw, h->value))
			abort();
		struct span unfolded = header_unfolded(h, &arena);
		if (unfolded.n > h->value.n || !header_named(&headers, h->name))
			abort();
	}
	return 0;
}
