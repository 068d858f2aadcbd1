/* base/buf.h - text that grows, in an arena, under a ceiling.
 *
 * Promises: never grows past the ceiling given at the start; what does not fit is dropped and
 * `full` is set, so that the caller can say so.
 * Owner: the arena. Only one buffer should grow at a time where speed matters (it then grows in place). */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"

struct buf {
	struct arena *arena;
	uint8_t *p;
	size_t n, cap, ceiling;
	bool full;
};

void buf_init(struct buf *buf, struct arena *arena, size_t ceiling);
/* Makes room for n more bytes; false (and full) when the ceiling forbids. Then buf->p + buf->n may be
 * written for n bytes and buf->n advanced by the caller. */
bool buf_room(struct buf *buf, size_t n);
void buf_put(struct buf *buf, struct span s);
static inline void buf_byte(struct buf *buf, uint8_t byte)
{
	if (buf->n < buf->cap || buf_room(buf, 1))
		buf->p[buf->n++] = byte;
}
void buf_cstr(struct buf *buf, const char *s);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* In decimal, with zeros in front up to `digits` of them; at a tenth of the cost of a printf. */
void buf_number(struct buf *buf, uint64_t n, unsigned digits);
/* One character as UTF-8; surrogates and values above U+10FFFF become U+FFFD. */
void buf_utf8(struct buf *buf, uint32_t character);
static inline struct span buf_span(const struct buf *buf) { return span_of(buf->p, buf->n); }

#endif
