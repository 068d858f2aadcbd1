/* session/unpack.h - a compressed body, taken apart as it arrives, under a ceiling: zlib (spamc -z) or zstd (rspamc -z).
 *
 * Promises: never more than max bytes come out, whatever went in; a few hundred kB of memory at most (of zstd, windows up to 8 MB are
 * accepted: the largest its levels up to 19 make). Owner: the caller. */
#ifndef SESSION_UNPACK_H
#define SESSION_UNPACK_H

#include "base/err.h"
#include "base/span.h"

enum unpack_kind { UNPACK_ZLIB, UNPACK_ZSTD };

struct unpack;

struct unpack *unpack_new(enum unpack_kind kind, uint64_t max);
void unpack_free(struct unpack *unpack); /* NULL allowed */
/* Hands on what comes out of the next bytes. put's failure ends it. ERR_SYNTAX: damaged, or more after its end; ERR_LIMIT: more than max.
 */
int unpack_feed(struct unpack *unpack, struct span packed, int (*put)(void *context, struct span bytes), void *context);
/* All of it came; false: it was cut short. */
bool unpack_is_whole(const struct unpack *unpack);

#endif
