/* tests/fuzz/fuzz_phrases.c - any bytes as a display name in which phrases are looked for. */
#include "check/phrases.h"
#include "message/unicode.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static const struct phrase_table *table(void)
{
	static struct phrase_table phrases;
	static struct arena arena;
	if (!phrases.used) {
		unicode_warm_up();
		phrase_table_add(&phrases, SPAN("paypal|pay pal|bank of the west"), 1, &arena);
		phrase_table_add(&phrases, SPAN("dhl|postverwaltung|\xd1\x81\xd0\xb1\xd0\xb5\xd1\x80\xd0\xb1\xd0\xb0\xd0\xbd\xd0\xba"), 2,
				 &arena);
	}
	return &phrases;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	for (int dressed = 0; dressed < 2; dressed++) {
		struct phrase_hits hits;
		arena_reset(&arena);
		phrases_find(table(), span_of(data, size), dressed, &arena, &hits);
		if (hits.n > sizeof hits.v / sizeof *hits.v || hits.words > PHRASE_TEXT_WORDS)
			abort();
		for (uint32_t i = 0; i < hits.n; i++)
			if (hits.v[i].id < 1 || hits.v[i].id > 2 || !hits.v[i].text.n || hits.v[i].first + hits.v[i].words > hits.words)
				abort();
	}
	return 0;
}
