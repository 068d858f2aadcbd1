/* message/inflate.c - see inflate.h */
#include "message/inflate.h"

#include <zlib.h>

#include "base/buf.h"

enum { STEP = 16384 };

static void *take(void *arena, unsigned n, unsigned size) { return arena_zalloc(arena, (size_t)n * size); }

static void leave(void *arena, void *p)
{
	(void)arena;
	(void)p;
}

static z_stream *begin(struct inflater *f, enum inflate_wrap wrap, struct span packed)
{
	int bits = wrap == INFLATE_RAW ? -MAX_WBITS : MAX_WBITS;
	z_stream *z = f->stream;
	if (!z) {
		z = arena_new(f->arena, z_stream);
		z->zalloc = take;
		z->zfree = leave;
		z->opaque = f->arena;
		if (inflateInit2(z, bits) != Z_OK)
			return NULL;
		f->stream = z;
	} else if (inflateReset2(z, bits) != Z_OK) {
		return NULL;
	}
	z->next_in = (Bytef *)(uintptr_t)packed.p; /* zlib does not write there */
	z->avail_in = packed.n > UINT32_MAX ? UINT32_MAX : (uInt)packed.n;
	return z;
}

size_t inflate_head(struct inflater *f, enum inflate_wrap wrap, struct span packed, uint8_t *to, size_t n)
{
	z_stream *z = begin(f, wrap, packed);
	if (!z)
		return 0;
	z->next_out = to;
	z->avail_out = (uInt)n;
	inflate(z, Z_SYNC_FLUSH);
	return n - z->avail_out;
}

struct span inflate_all(struct inflater *f, enum inflate_wrap wrap, struct span packed, size_t max, enum inflate_end *ret_end)
{
	z_stream *z = begin(f, wrap, packed);
	struct buf out;
	buf_init(&out, f->arena, max);
	int state = z ? Z_OK : Z_DATA_ERROR;
	size_t step = packed.n < STEP / 4 ? packed.n * 4 + 64 : STEP; /* thousands of tiny streams must not take a page each */
	while (state == Z_OK && out.n < max) {
		size_t room = max - out.n < step ? max - out.n : step;
		step = STEP;
		if (!buf_room(&out, room))
			break;
		z->next_out = out.p + out.n;
		z->avail_out = (uInt)room;
		state = inflate(z, Z_SYNC_FLUSH);
		out.n += room - z->avail_out;
	}
	*ret_end = state == Z_STREAM_END ? INFLATE_WHOLE : state == Z_OK ? INFLATE_FULL : INFLATE_BROKEN;
	return buf_span(&out);
}
