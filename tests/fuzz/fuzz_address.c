/* Address fields, paths and addr-specs from anybody. */
#include "message/address.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	static bool ready;
	struct addresses all;
	struct address one;
	if (!ready)
		arena_init(&arena);
	ready = true;
	arena_reset(&arena);
	addresses_parse_text(span_of(data, size), &arena, &all);
	address_parse_path(span_of(data, size), &arena, &one);
	address_spec_valid(span_of(data, size));
	return 0;
}
