/* session/unpack: whole, in pieces, damaged, cut short, and bombs. */
#include "base/buf.h"
#include "session/unpack.h"
#include "tests/test.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { TEXT = 300000 };

static struct arena arena;
static uint8_t text[TEXT], packed[TEXT];

static struct span pack(enum unpack_kind kind)
{
	uLongf n = sizeof packed;
	if (kind == UNPACK_ZLIB)
		assert_int_equal(compress(packed, &n, text, TEXT), Z_OK);
	else
		n = ZSTD_compress(packed, sizeof packed, text, TEXT, 3);
	return span_of(packed, n);
}

static int put(void *context, struct span bytes)
{
	buf_put(context, bytes);
	return ((struct buf *)context)->full ? ERR_IO : ERR_OK;
}

static int unpack(enum unpack_kind kind, struct span bytes, size_t piece, uint64_t max, struct buf *out, bool *ret_whole)
{
	struct unpack *u = unpack_new(kind, max);
	int err = ERR_OK;
	for (; bytes.n && !err; bytes = span_skip(bytes, piece))
		err = unpack_feed(u, span_first(bytes, piece), put, out);
	*ret_whole = unpack_is_whole(u);
	unpack_free(u);
	return err;
}

static void both_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEXT; i++)
		text[i] = (uint8_t)("postern "[i % 8] + (i / 1000) % 3);
	for (enum unpack_kind kind = UNPACK_ZLIB; kind <= UNPACK_ZSTD; kind++) {
		struct span bytes = pack(kind);
		struct buf out;
		bool whole;
		for (size_t piece = 1; piece <= bytes.n; piece = piece * 7 + 1) {
			buf_init(&out, &arena, TEXT);
			assert_int_equal(unpack(kind, bytes, piece, TEXT, &out, &whole), ERR_OK);
			assert_true(whole);
			assert_true(span_eq(buf_span(&out), span_of(text, TEXT)));
		}
		/* one byte more than is allowed */
		buf_init(&out, &arena, TEXT);
		assert_int_equal(unpack(kind, bytes, SIZE_MAX, TEXT - 1, &out, &whole), ERR_LIMIT);
		/* whoever takes it has enough */
		buf_init(&out, &arena, TEXT / 2);
		assert_int_equal(unpack(kind, bytes, SIZE_MAX, TEXT, &out, &whole), ERR_IO);
		/* cut short */
		buf_init(&out, &arena, TEXT);
		assert_int_equal(unpack(kind, span_first(bytes, bytes.n - 1), SIZE_MAX, TEXT, &out, &whole), ERR_OK);
		assert_false(whole);
		/* more behind the end */
		packed[bytes.n] = 'x';
		buf_init(&out, &arena, TEXT);
		assert_int_equal(unpack(kind, span_of(packed, bytes.n + 1), SIZE_MAX, TEXT, &out, &whole), ERR_SYNTAX);
		/* not packed at all */
		buf_init(&out, &arena, TEXT);
		assert_int_equal(unpack(kind, SPAN("Subject: x\r\n\r\n"), SIZE_MAX, TEXT, &out, &whole), ERR_SYNTAX);
		assert_int_equal(unpack(kind, SPAN(""), SIZE_MAX, TEXT, &out, &whole), ERR_OK);
		assert_false(whole);
	}
}

/* A gigabyte of nothing in a megabyte: refused after what is allowed, not after a gigabyte. */
static void bomb(void **state)
{
	static uint8_t nothing[1 << 20], small[1 << 16];
	z_stream z = { 0 };
	bool whole;
	struct buf out;
	(void)state;
	assert_int_equal(deflateInit(&z, 9), Z_OK);
	z.next_out = small;
	z.avail_out = sizeof small;
	for (int i = 0; i < 60; i++) {
		z.next_in = nothing;
		z.avail_in = sizeof nothing;
		assert_int_equal(deflate(&z, Z_NO_FLUSH), Z_OK);
	}
	deflate(&z, Z_SYNC_FLUSH);
	buf_init(&out, &arena, 1 << 30);
	assert_int_equal(unpack(UNPACK_ZLIB, span_of(small, sizeof small - z.avail_out), SIZE_MAX, 100000, &out, &whole), ERR_LIMIT);
	assert_true(out.n <= 100000);
	deflateEnd(&z);
	unpack_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(both_kinds), cmocka_unit_test(bomb) };
	return cmocka_run_group_tests_name("session/unpack", tests, NULL, NULL);
}
