/* message/inflate.h - zlib over memory, with a ceiling on what comes out (RFC 1950, 1951).
 *
 * Promises: never writes more than it was allowed to; all memory from the arena; one inflater serves all members of a message.
 * Owner: the arena. */
#ifndef MESSAGE_INFLATE_H
#define MESSAGE_INFLATE_H

#include "base/arena.h"

struct inflater {
	struct arena *arena;
	void *stream; /* NULL until first used */
};

enum inflate_wrap { INFLATE_RAW, INFLATE_ZLIB };
enum inflate_end { INFLATE_WHOLE, INFLATE_FULL, INFLATE_BROKEN }; /* all came out; the ceiling was met; the data are damaged or cut */

/* Unpacks the beginning into ret_bytes; returns how many bytes came. */
size_t inflate_head(struct inflater *inflater, enum inflate_wrap wrap, struct span packed, uint8_t *ret_bytes, size_t n);
/* Unpacks at most max bytes into the arena. What came before damage is returned. */
struct span inflate_all(struct inflater *inflater, enum inflate_wrap wrap, struct span packed, size_t max, enum inflate_end *ret_end);

#endif
