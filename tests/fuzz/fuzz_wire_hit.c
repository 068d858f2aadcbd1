/* tests/fuzz/fuzz_wire_hit.c - what the trap tells the keeper, from a process that hostile bytes may have taken over: any record is refused
 * or read, what is read can be written and read again the same, judged, and remembered, and what is remembered can be read back. */
#include "app/wire.h"
#include "tests/fuzz/fuzz.h"
#include "trap/memory.h"
#include "verdict/verdict.h"

#include <stdlib.h>

enum { REMEMBERED = 500 };

static void judge(const struct reading *reading, struct trap_memory *memory, struct arena *arena)
{
	static const struct verdict_thresholds thresholds = { .mark = 2000, .quarantine = 4000, .reject = 8000 };
	struct evidence_set evidence = { .arena = arena };
	struct trap_where where = { .country = "AT", .as = 64500, .listed = reading->tls };
	struct trap_told told;
	trap_memory_see(memory, reading, &where, &evidence, &told);
	verdict_judge(&evidence, &thresholds);
	for (const char *c = told.family; *c; c++) /* it is printed */
		if (*c <= ' ' || *c > '~')
			abort();
}

/* Written and read it is the same. */
static void again(const struct wire_hit *hit, const struct reading *reading, struct arena *arena)
{
	struct wire_hit hit2;
	struct reading reading2;
	struct buf record, wire;
	buf_init(&record, arena, SIZE_MAX);
	buf_init(&wire, arena, SIZE_MAX);
	reading_write(reading, &record);
	wire_put_hit(&(struct wire_hit){ .over = hit->over, .reading = buf_span(&record) }, &wire);
	if (wire_hit(buf_span(&wire), &hit2) != 0 || hit2.over != hit->over || reading_read(hit2.reading, arena, &reading2) != 0)
		abort();
	struct buf record2;
	buf_init(&record2, arena, SIZE_MAX);
	reading_write(&reading2, &record2);
	if (!span_eq(buf_span(&record), buf_span(&record2)))
		abort();
}

/* Begun anew now and then, after it was read back. */
static struct trap_memory *remember(struct trap_memory *memory, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, SIZE_MAX);
	trap_memory_write(memory, &out);
	trap_memory_free(memory);
	memory = trap_memory_new(7);
	if (trap_memory_read(memory, buf_span(&out)) != 0)
		abort();
	trap_memory_free(memory);
	return trap_memory_new(7);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	static struct trap_memory *memory;
	static unsigned n;
	struct wire_hit hit;
	struct reading reading;
	if (!memory) {
		arena_init(&arena);
		memory = trap_memory_new(7);
	}
	arena_reset(&arena);
	if (wire_hit(span_of(data, size), &hit) != 0 || reading_read(hit.reading, &arena, &reading) != 0)
		return 0;
	again(&hit, &reading, &arena);
	judge(&reading, memory, &arena);
	if (++n % REMEMBERED == 0)
		memory = remember(memory, &arena);
	return 0;
}
