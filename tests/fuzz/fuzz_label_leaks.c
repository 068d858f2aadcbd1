/* tests/fuzz/fuzz_label_leaks.c - any bytes as a message: what is kept is the message with bytes of its header left out. */
#include "learn/label_leaks.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span raw = span_of(data, size);
	struct arena arena;
	arena_init(&arena);
	struct span kept = label_leaks_cut(raw, &arena);
	size_t body = span_find(raw, SPAN("\n\n"), 0), at = 0;
	for (size_t i = 0; i < raw.n && at < kept.n; i++)
		at += raw.p[i] == kept.p[at];
	if (at != kept.n || (body != SPAN_NPOS && !span_ends(kept, span_skip(raw, body + 1))))
		abort();
	arena_release(&arena);
	return 0;
}
