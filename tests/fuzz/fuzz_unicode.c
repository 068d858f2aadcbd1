/* tests/fuzz/fuzz_unicode.c - folding and examining any bytes. */
#include "message/unicode.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	if (!arena.first)
		arena_init(&arena);
	arena_reset(&arena);
	struct span text = span_of(data, size);
	struct unicode_facts facts = unicode_examine(text);
	if (facts.letters > size || facts.mixed_words > size || (facts.first_mixed.n && !span_within(text, facts.first_mixed)))
		abort();
	unicode_fold(text, &arena);
	unicode_skeleton(text, &arena);
	return 0;
}
