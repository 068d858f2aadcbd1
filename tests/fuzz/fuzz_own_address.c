/* tests/fuzz/fuzz_own_address.c - any bytes, searched for addresses of three kinds; places must lie in the bytes. */
#include "tests/fuzz/fuzz.h"
#include "trap/own_address.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena kept, arena;
	static struct own_set *set;
	if (!set) {
		struct own_address own[4] = { { .ip = ip_from_v4(0xC6336407) },
					      { .ip = ip_from_v4(0x08090A0B) },
					      { .name = SPAN("relay.example.org") } };
		arena_init(&kept);
		arena_init(&arena);
		if (!ip_parse(SPAN("2001:db8:5::c0de"), &own[3].ip) || own_address_build(own, 4, &kept, &set) != 0)
			abort();
	}
	arena_reset(&arena);
	struct own_finds finds = { 0 };
	own_address_find(set, span_of(data, size), &arena, &finds);
	for (uint32_t i = 0; i < finds.list.n; i++) {
		const struct own_find *f = &finds.list.v[i];
		if (f->from >= f->to || f->to > size || f->which > 3 || f->spelling >= OWN_SPELLINGS)
			abort();
	}
	return 0;
}
