/* tests/fuzz/fuzz_encoded_word.c - encoded words: whatever stands there, UTF-8 comes out. */
#include "base/utf8.h"
#include "message/encoded_word.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct anomalies anomalies = { 0 };
	arena_reset(&arena);
	struct span text = encoded_words_decode(span_of(data, size), &arena, &anomalies, (struct place){ 0 });
	if (!utf8_valid(text) || text.n > size * 12 + 16)
		abort();
	return 0;
}
