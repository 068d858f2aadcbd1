/* tests/fuzz/fuzz_family.c - a record of everything remembered, then, behind a line of its own, subject and text of a probe. */
#include "tests/fuzz/fuzz.h"
#include "trap/memory.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena kept, arena;
	static struct own_set *set;
	static struct trap_memory *memory;
	if (!set) {
		struct own_address own = { .ip = ip_from_v4(0xC6336407) };
		arena_init(&kept);
		arena_init(&arena);
		memory = trap_memory_new(1);
		if (own_address_build(&own, 1, &kept, &set) != 0)
			abort();
	}
	arena_reset(&arena);
	struct span rest = span_of(data, size), subject;
	struct cursor c = cursor_of(rest);
	(void)families_read(memory->families, &c);
	if (!span_split(&rest, '\n', &subject))
		return 0;
	struct own_finds a = { 0 }, b = { 0 };
	struct family_shape shape;
	own_address_find(set, subject, &arena, &a);
	own_address_find(set, rest, &arena, &b);
	family_shape_take(subject, &a, rest, &b, &arena, &shape);
	if (shape.n > LIMIT_FAMILY_TOKENS || shape.words > shape.n)
		abort();
	(void)family_published(subject, &a, rest, &b, span_none, span_none, &arena);
	for (uint32_t i = 0; i < 2; i++)
		families_see(memory->families, &(struct family_sight){ .shape = &shape, .sender = ip_from_v4(i), .time = i });
	return 0;
}
