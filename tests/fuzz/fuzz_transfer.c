/* tests/fuzz/fuzz_transfer.c - base64, quoted-printable and uuencode: output within its bounds, facts within the input. */
#include "message/transfer.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void expect(struct span in, struct span out, const struct transfer_facts *facts)
{
	if (out.n > in.n + 4 || facts->first_bad > in.n || facts->after_padding > in.n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct transfer_facts facts;
	struct span in = span_of(data, size), name, bytes;
	size_t begin, after = 0;
	arena_reset(&arena);
	expect(in, base64_decode(in, &arena, &facts), &facts);
	expect(in, quoted_printable_decode(in, false, &arena, &facts), &facts);
	expect(in, quoted_printable_decode(in, true, &arena, &facts), &facts);
	for (size_t from = 0; uuencode_find(in, from, &arena, &name, &bytes, &begin, &after, &facts); from = after)
		if (begin < from || after <= begin || after > size || bytes.n > after - begin)
			abort();
	return 0;
}
