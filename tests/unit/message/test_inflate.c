/* message/inflate: never more than allowed comes out, damage gives what came before it, and one inflater serves all. */
#include "message/inflate.h"
#include "tests/test.h"

#include <stdlib.h>
#include <zlib.h>

static struct arena arena;

static struct span deflated(struct span plain, int bits)
{
	uLong room = compressBound(plain.n) + 64;
	uint8_t *out = arena_alloc(&arena, room);
	z_stream z = { .next_in = (Bytef *)(uintptr_t)plain.p, .avail_in = (uInt)plain.n, .next_out = out, .avail_out = (uInt)room };
	deflateInit2(&z, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY);
	deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return span_of(out, room - z.avail_out);
}

static void ends(void **state)
{
	struct inflater f = { .arena = &arena };
	enum inflate_end end;
	uint8_t head[4];
	(void)state;
	struct span raw = deflated(SPAN("hello world"), -MAX_WBITS), zlib = deflated(SPAN("hello world"), MAX_WBITS);
	assert_span(inflate_all(&f, INFLATE_RAW, raw, 100, &end), "hello world");
	assert_int_equal(end, INFLATE_WHOLE);
	assert_span(inflate_all(&f, INFLATE_ZLIB, zlib, 100, &end), "hello world");
	assert_int_equal(end, INFLATE_WHOLE);
	assert_span(inflate_all(&f, INFLATE_ZLIB, zlib, 5, &end), "hello");
	assert_int_equal(end, INFLATE_FULL);
	assert_int_equal(inflate_all(&f, INFLATE_ZLIB, raw, 100, &end).n, 0);
	assert_int_equal(end, INFLATE_BROKEN);
	assert_int_equal(inflate_all(&f, INFLATE_RAW, span_none, 100, &end).n, 0);
	assert_int_equal(inflate_all(&f, INFLATE_RAW, raw, 0, &end).n, 0);
	assert_int_equal(inflate_head(&f, INFLATE_RAW, raw, head, sizeof head), 4);
	assert_memory_equal(head, "hell", 4);
	/* Cut in the middle: what came stays. */
	struct span some = inflate_all(&f, INFLATE_RAW, span_first(raw, raw.n - 3), 100, &end);
	assert_true(some.n < 11 && span_starts(SPAN("hello world"), some));
	assert_int_not_equal(end, INFLATE_WHOLE);
}

static void bomb(void **state)
{
	struct inflater f = { .arena = &arena };
	enum inflate_end end;
	size_t n = 8u * 1024 * 1024, limit = 1u * 1024 * 1024;
	uint8_t *zeros = calloc(1, n);
	(void)state;
	struct span packed = deflated(span_of(zeros, n), -MAX_WBITS);
	free(zeros);
	assert_true(packed.n < 10000);
	size_t before = arena.taken;
	assert_int_equal(inflate_all(&f, INFLATE_RAW, packed, limit, &end).n, limit);
	assert_int_equal(end, INFLATE_FULL);
	assert_true(arena.taken - before < 4 * limit);
}

/* Thousands of tiny streams: each takes about what comes out of it. */
static void tiny(void **state)
{
	struct inflater f = { .arena = &arena };
	enum inflate_end end;
	(void)state;
	struct span packed = deflated(SPAN("x"), -MAX_WBITS);
	inflate_all(&f, INFLATE_RAW, packed, 100, &end);
	size_t before = arena.taken;
	for (unsigned i = 0; i < 1000; i++)
		assert_span(inflate_all(&f, INFLATE_RAW, packed, 1u << 20, &end), "x");
	assert_true(arena.taken - before < 1000 * 512);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(ends), cmocka_unit_test(bomb), cmocka_unit_test(tiny) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("message/inflate", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
