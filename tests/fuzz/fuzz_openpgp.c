/* tests/fuzz/fuzz_openpgp.c - any text as one with OpenPGP blocks, and any bytes as an S/MIME object; work stays linear. */
#include "message/openpgp.h"
#include "message/smime.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct openpgp_scan scan = { .text = span_of(data, size) };
	struct openpgp_block block;
	arena_init(&arena);
	while (openpgp_next(&scan, &arena, &block))
		if (block.from >= block.to || block.to > size)
			__builtin_trap();
	if (scan.steps > size)
		__builtin_trap();
	smime_judge(span_of(data, size), SMIME_SIGNATURE);
	smime_judge(span_of(data, size), SMIME_OPAQUE);
	arena_release(&arena);
	return 0;
}
