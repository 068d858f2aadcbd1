/* base/record.h - numbers and texts of the compact records that postern keeps and that its processes tell each other.
 *
 * A number is LEB128: seven bits a byte, the least first, at most ten bytes; a signed one is zigzagged first. A text is a number of bytes
 * and the bytes. Written into a buf, read with a cursor: reading past the end, or a number longer than ten bytes, sets its overrun, which
 * the reader tests once at the end. A count that is read must be held against what is left: each of its items takes a byte at least.
 * Owner: texts that are read borrow the record. */
#ifndef BASE_RECORD_H
#define BASE_RECORD_H

#include "base/buf.h"
#include "base/cursor.h"

enum { RECORD_NUMBER_BYTES = 10 };

static inline void record_put_number(struct buf *out, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		buf_byte(out, (uint8_t)(n | 0x80));
	buf_byte(out, (uint8_t)n);
}
static inline void record_put_signed(struct buf *out, int64_t n) { record_put_number(out, (uint64_t)n << 1 ^ (uint64_t)(n >> 63)); }
static inline void record_put_text(struct buf *out, struct span text)
{
	record_put_number(out, text.n);
	buf_put(out, text);
}

static inline uint64_t record_number(struct cursor *c)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < RECORD_NUMBER_BYTES; i++) {
		uint8_t byte = cursor_u8(c);
		n |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte < 0x80)
			return n;
	}
	c->overrun = true;
	return 0;
}
static inline int64_t record_signed(struct cursor *c)
{
	uint64_t n = record_number(c);
	return (int64_t)(n >> 1 ^ -(n & 1));
}
/* The same within bounds; else 0 and overrun. */
static inline uint64_t record_below(struct cursor *c, uint64_t end)
{
	uint64_t n = record_number(c);
	if (n < end)
		return n;
	c->overrun = true;
	return 0;
}
static inline int32_t record_int32(struct cursor *c)
{
	int64_t n = record_signed(c);
	if (n >= INT32_MIN && n <= INT32_MAX)
		return (int32_t)n;
	c->overrun = true;
	return 0;
}
static inline struct span record_text(struct cursor *c) { return cursor_take(c, record_number(c)); }
/* How many items follow: 0 and overrun when there cannot be so many. */
static inline uint64_t record_count(struct cursor *c)
{
	uint64_t n = record_number(c);
	if (n <= cursor_left(c))
		return n;
	c->overrun = true;
	return 0;
}

#endif
