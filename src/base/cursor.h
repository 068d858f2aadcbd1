/* base/cursor.h - read numbers and byte runs out of a binary format, checking the bounds once at the end.
 *
 * Reading past the end gives zeros and sets `overrun`, which stays set: parse everything, test once.
 * Little-endian unless the name says be. */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include "base/span.h"

struct cursor {
	struct span s;
	size_t at;
	bool overrun;
};

static inline struct cursor cursor_of(struct span s) { return (struct cursor){ s, 0, false }; }
static inline size_t cursor_left(const struct cursor *c) { return c->s.n - c->at; }
/* The next n bytes; an empty span and overrun when they are not there. */
static inline struct span cursor_take(struct cursor *c, size_t n)
{
	if (n > cursor_left(c)) {
		c->overrun = true;
		c->at = c->s.n;
		return span_of(c->s.p, 0);
	}
	c->at += n;
	return span_of(c->s.p + c->at - n, n);
}
static inline void cursor_skip(struct cursor *c, size_t n) { (void)cursor_take(c, n); }
/* Goes to an absolute offset. */
static inline void cursor_seek(struct cursor *c, size_t at)
{
	if (at > c->s.n) {
		c->overrun = true;
		at = c->s.n;
	}
	c->at = at;
}
static inline uint8_t cursor_u8(struct cursor *c)
{
	struct span b = cursor_take(c, 1);
	return b.n ? b.p[0] : 0;
}
static inline uint16_t cursor_u16(struct cursor *c)
{
	struct span b = cursor_take(c, 2);
	return b.n ? (uint16_t)(b.p[0] | b.p[1] << 8) : 0;
}
static inline uint32_t cursor_u32(struct cursor *c)
{
	uint32_t low = cursor_u16(c);
	return low | (uint32_t)cursor_u16(c) << 16;
}
static inline uint64_t cursor_u64(struct cursor *c)
{
	uint64_t low = cursor_u32(c);
	return low | (uint64_t)cursor_u32(c) << 32;
}
static inline uint16_t cursor_be16(struct cursor *c)
{
	uint16_t v = cursor_u16(c);
	return (uint16_t)(v << 8 | v >> 8);
}
static inline uint32_t cursor_be32(struct cursor *c) { return __builtin_bswap32(cursor_u32(c)); }

#endif
