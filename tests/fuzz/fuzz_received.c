/* tests/fuzz/fuzz_received.c - any bytes as one Received line. */
#include "base/limits.h"
#include "message/clue.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct received r;
	int64_t time, slack;
	arena_init(&arena);
	received_parse(span_of(data, size), &arena, &r);
	const struct span spans[] = { r.helo, r.rdns, r.ip_text, r.by, r.with, r.id, r.ident, r.envelope_from, r.recipient, r.from_clause };
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
		if (spans[i].n && !span_within(span_of(data, size), spans[i]))
			abort();
	clue_received_id(&r, &time, &slack);
	arena_release(&arena);
	return 0;
}
