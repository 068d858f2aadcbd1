/* tests/fuzz/fuzz_probe.c - a catch read and judged; and the record of a reading, of any bytes. */
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
	struct span rest = span_of(data, size), to = span_none, from = span_none;
	struct reading *reading = arena_new(&arena, struct reading), *again = arena_new(&arena, struct reading);
	struct trap_told told;
	struct evidence_set evidence = { .arena = &arena };
	if (reading_read(rest, &arena, reading) == 0)
		trap_memory_see(memory, reading, &(struct trap_where){ .country = "EU" }, &evidence, &told);
	span_split(&rest, '\n', &from);
	span_split(&rest, '\n', &to);
	struct trap_catch catch = { .mail_from = from, .recipients = &to, .n_recipients = 1, .message = rest, .time = 1 };
	reading_take(&catch, set, &arena, reading);
	struct buf out, twice;
	buf_init(&out, &arena, 1 << 20);
	reading_write(reading, &out);
	if (reading_read(buf_span(&out), &arena, again) != 0)
		abort();
	buf_init(&twice, &arena, 1 << 20);
	reading_write(again, &twice);
	if (!span_eq(buf_span(&out), buf_span(&twice)))
		abort();
	trap_memory_see(memory, again, &(struct trap_where){ .country = "" }, &evidence, &told);
	return 0;
}
