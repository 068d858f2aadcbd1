/* tests/zip_make.h - builds ZIP files for tests, lies included; the bytes are freed by zip_make_free. */
#ifndef TESTS_ZIP_MAKE_H
#define TESTS_ZIP_MAKE_H

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/span.h"

enum { ZIP_MAKE_DEFLATE = 1, ZIP_MAKE_ENCRYPTED = 2, ZIP_MAKE_UNLISTED = 4 };

struct zip_make {
	uint8_t *local, *central;
	size_t local_n, central_n;
	unsigned entries;
};

static inline void zip_make_put_(uint8_t **to, size_t *n, const void *bytes, size_t more)
{
	*to = realloc(*to, *n + more + 1);
	if (more)
		memcpy(*to + *n, bytes, more);
	*n += more;
}
static inline void zip_make_u_(uint8_t **to, size_t *n, uint32_t value, unsigned bytes)
{
	uint8_t b[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24) };
	zip_make_put_(to, n, b, bytes);
}

/* The common fields of a local header and a directory entry: version, flags, method, time, CRC, sizes, name length, extra length. */
static inline void zip_make_common_(uint8_t **to, size_t *n, unsigned how, uint32_t packed, uint32_t unpacked, size_t name_n)
{
	zip_make_u_(to, n, 20, 2);
	zip_make_u_(to, n, how & ZIP_MAKE_ENCRYPTED ? 1 : 0, 2);
	zip_make_u_(to, n, how & ZIP_MAKE_DEFLATE ? 8 : 0, 2);
	zip_make_u_(to, n, 0, 4);
	zip_make_u_(to, n, 0, 4);
	zip_make_u_(to, n, packed, 4);
	zip_make_u_(to, n, unpacked, 4);
	zip_make_u_(to, n, (uint32_t)name_n, 2);
	zip_make_u_(to, n, 0, 2);
}

static inline void zip_make_add_names(struct zip_make *z, const char *local_name, const char *central_name, struct span content,
				      unsigned how)
{
	uLongf packed_n = compressBound(content.n) + 64;
	uint8_t *packed = malloc(packed_n);
	struct span data = content;
	if (how & ZIP_MAKE_DEFLATE) {
		z_stream s = { .next_in = (Bytef *)(uintptr_t)content.p,
			       .avail_in = (uInt)content.n,
			       .next_out = packed,
			       .avail_out = (uInt)packed_n };
		deflateInit2(&s, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
		deflate(&s, Z_FINISH);
		data = span_of(packed, packed_n - s.avail_out);
		deflateEnd(&s);
	}
	uint32_t offset = (uint32_t)z->local_n;
	zip_make_put_(&z->local, &z->local_n, "PK\3\4", 4);
	zip_make_common_(&z->local, &z->local_n, how, (uint32_t)data.n, (uint32_t)content.n, strlen(local_name));
	zip_make_put_(&z->local, &z->local_n, local_name, strlen(local_name));
	zip_make_put_(&z->local, &z->local_n, data.p, data.n);
	free(packed);
	if (how & ZIP_MAKE_UNLISTED)
		return;
	zip_make_put_(&z->central, &z->central_n, "PK\1\2\x14\0", 6);
	zip_make_common_(&z->central, &z->central_n, how, (uint32_t)data.n, (uint32_t)content.n, strlen(central_name));
	for (int i = 0; i < 10; i++)
		zip_make_u_(&z->central, &z->central_n, 0, 1);
	zip_make_u_(&z->central, &z->central_n, offset, 4);
	zip_make_put_(&z->central, &z->central_n, central_name, strlen(central_name));
	z->entries++;
}

static inline void zip_make_add(struct zip_make *z, const char *name, struct span content, unsigned how)
{
	zip_make_add_names(z, name, name, content, how);
}

static inline struct span zip_make_end(struct zip_make *z)
{
	uint32_t offset = (uint32_t)z->local_n;
	zip_make_put_(&z->local, &z->local_n, z->central, z->central_n);
	zip_make_put_(&z->local, &z->local_n, "PK\5\6\0\0\0\0", 8);
	zip_make_u_(&z->local, &z->local_n, z->entries, 2);
	zip_make_u_(&z->local, &z->local_n, z->entries, 2);
	zip_make_u_(&z->local, &z->local_n, (uint32_t)z->central_n, 4);
	zip_make_u_(&z->local, &z->local_n, offset, 4);
	zip_make_u_(&z->local, &z->local_n, 0, 2);
	return span_of(z->local, z->local_n);
}

static inline void zip_make_free(struct zip_make *z)
{
	free(z->local);
	free(z->central);
	*z = (struct zip_make){ 0 };
}

#endif
