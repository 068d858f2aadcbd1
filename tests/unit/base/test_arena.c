/* Arena: growth in place, reuse after reset, alignment. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "tests/heap.h"
#include "tests/test.h"

static void reuses_chunks(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 1000; i++)
			memset(arena_alloc(&arena, 1000), 1, 1000);
		arena_reset(&arena);
	}
	size_t calls = arena.system_calls;
	for (int i = 0; i < 1000; i++)
		arena_alloc(&arena, 1000);
	assert_int_equal(arena.system_calls, calls);
	arena_release(&arena);
}

static void grows(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	VEC(int) ints = { 0 };
	for (int i = 0; i < 10000; i++)
		*(int *)vec_push(&arena, &ints) = i;
	for (int i = 0; i < 10000; i++)
		assert_int_equal(ints.v[i], i);
	assert_true(((uintptr_t)arena_alloc(&arena, 3) & 15) == 0);
	assert_span(arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
	assert_span(arena_join(&arena, SPAN("a"), span_none, SPAN("bc"), SPAN("")), "abc");
	assert_span(arena_join(&arena, span_none), "");
	assert_span(arena_lower(&arena, SPAN("aB-\xC4.Z")), "ab-\xC4.z");
	assert_null(arena_lower(&arena, span_none).p);
	arena_release(&arena);
}

/* Chunks of 2, 4, 8 kB ... of the heap; also when it is used again. */
static void begins_small(void **state)
{
	(void)state;
	struct arena arena;
	arena_init_small(&arena);
	for (int round = 0; round < 2; round++) {
		size_t before = heap_bytes();
		arena_alloc(&arena, 1500);
		assert_in_range(heap_bytes() - before, 1500, 2048);
		for (int i = 0; i < 100; i++)
			memset(arena_alloc(&arena, 1500), 1, 1500);
		assert_in_range(arena.system_calls, 1, (round + 1) * 8);
		arena_release(&arena);
	}
}

/* One large message does not make the process large for ever. */
static void keeps_little(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	for (int i = 0; i < 64; i++)
		arena_alloc(&arena, 1024 * 1024);
	arena_reset(&arena);
	size_t calls = arena.system_calls, kept = 0;
	for (; arena.system_calls == calls; kept += 1024 * 1024)
		arena_alloc(&arena, 1024 * 1024);
	assert_true(kept > LIMIT_ARENA_KEEP / 2 && kept <= LIMIT_ARENA_KEEP + 1024 * 1024);
	arena_release(&arena);
}

static void buffers_keep_to_their_ceiling(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	struct buf buf;
	buf_init(&buf, &arena, 10);
	buf_cstr(&buf, "12345678");
	buf_cstr(&buf, "abc");
	assert_true(buf.full);
	assert_span(buf_span(&buf), "12345678");
	buf_byte(&buf, '9');
	buf_utf8(&buf, 0x20AC);
	assert_span(buf_span(&buf), "123456789");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reuses_chunks),
		cmocka_unit_test(grows),
		cmocka_unit_test(begins_small),
		cmocka_unit_test(keeps_little),
		cmocka_unit_test(buffers_keep_to_their_ceiling),
	};
	return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
