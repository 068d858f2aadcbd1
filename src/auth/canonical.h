/* auth/canonical.h - header fields and bodies in the form in which DKIM and ARC hash them: simple and relaxed (RFC 6376 3.4).
 *
 * Promises: streaming and linear: nothing is copied but what passes through a small buffer, and long stretches that need no change go
 * straight from the message to the taker; every LF is read as CRLF, however the message was stored; a CR without LF is an ordinary byte.
 * Does not: hash, choose fields, know tags. Owner: the caller owns everything. */
#ifndef AUTH_CANONICAL_H
#define AUTH_CANONICAL_H

#include "message/header.h"

enum dkim_canonical { DKIM_SIMPLE, DKIM_RELAXED };

struct canonical {
	void (*take)(void *taker, const uint8_t *p, size_t n); /* is given the canonical bytes, piece by piece */
	void *taker;
	uint64_t looked; /* bytes of the message gone over so far: tests hold it linear */
	size_t n;
	uint8_t buffer[2048];
};

void canonical_init(struct canonical *canonical, void (*take)(void *taker, const uint8_t *p, size_t n), void *taker);
/* One field, CRLF at its end unless it is the last of what is hashed. cut, within the field, is left out (the value of b=); span_none. */
void canonical_field(struct canonical *canonical, enum dkim_canonical form, const struct header *field, struct span cut, bool last);
/* A whole body. What follows the last line that is not empty is left out, and the last line is ended (3.4.3, 3.4.4). */
void canonical_body(struct canonical *canonical, enum dkim_canonical form, struct span body);
/* Hands over what still stands in the buffer. */
void canonical_finish(struct canonical *canonical);

#endif
