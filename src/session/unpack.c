/* session/unpack.c - see unpack.h */
#include "session/unpack.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { STEP = 32 * 1024, WINDOW_LOG_MAX = 23 };

struct unpack {
	enum unpack_kind kind;
	uint64_t left;
	bool whole;
	z_stream zlib;
	ZSTD_DStream *zstd;
};

struct unpack *unpack_new(enum unpack_kind kind, uint64_t max)
{
	struct unpack *u = calloc(1, sizeof *u);
	if (!u)
		abort();
	u->kind = kind;
	u->left = max;
	if (kind == UNPACK_ZLIB) {
		if (inflateInit(&u->zlib) != Z_OK)
			abort();
		return u;
	}
	u->zstd = ZSTD_createDStream();
	if (!u->zstd)
		abort();
	ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	return u;
}

void unpack_free(struct unpack *u)
{
	if (!u)
		return;
	if (u->kind == UNPACK_ZLIB)
		inflateEnd(&u->zlib);
	else
		ZSTD_freeDStream(u->zstd);
	free(u);
}

/* One step: how many bytes came out; *packed goes on behind what went in. */
static int step_zlib(struct unpack *u, struct span *packed, uint8_t *out, size_t *ret_n)
{
	u->zlib.next_in = (Bytef *)(uintptr_t)packed->p; /* zlib does not write there */
	u->zlib.avail_in = packed->n > UINT32_MAX ? UINT32_MAX : (uInt)packed->n;
	u->zlib.next_out = out;
	u->zlib.avail_out = STEP;
	uInt before = u->zlib.avail_in;
	int state = inflate(&u->zlib, Z_NO_FLUSH);
	*packed = span_skip(*packed, before - u->zlib.avail_in);
	*ret_n = STEP - u->zlib.avail_out;
	u->whole = state == Z_STREAM_END;
	/* Z_BUF_ERROR: nothing to do until more comes */
	return state == Z_OK || state == Z_STREAM_END || state == Z_BUF_ERROR ? ERR_OK : ERR_SYNTAX;
}

static int step_zstd(struct unpack *u, struct span *packed, uint8_t *out, size_t *ret_n)
{
	ZSTD_inBuffer in = { packed->p, packed->n, 0 };
	ZSTD_outBuffer to = { out, STEP, 0 };
	size_t hint = ZSTD_decompressStream(u->zstd, &to, &in);
	if (ZSTD_isError(hint))
		return ERR_SYNTAX;
	*packed = span_skip(*packed, in.pos);
	*ret_n = to.pos;
	u->whole = hint == 0;
	return ERR_OK;
}

int unpack_feed(struct unpack *u, struct span packed, int (*put)(void *context, struct span bytes), void *context)
{
	uint8_t out[STEP];
	size_t n = STEP;
	/* A full buffer may mean that more waits inside. */
	while (packed.n || (n == STEP && !u->whole)) {
		if (u->whole)
			return ERR_SYNTAX;
		int err = u->kind == UNPACK_ZLIB ? step_zlib(u, &packed, out, &n) : step_zstd(u, &packed, out, &n);
		if (err)
			return err;
		if (n > u->left)
			return ERR_LIMIT;
		u->left -= n;
		err = n ? put(context, span_of(out, n)) : ERR_OK;
		if (err)
			return err;
	}
	return ERR_OK;
}

bool unpack_is_whole(const struct unpack *u) { return u->whole; }
