/* base/buf.c - see buf.h */
#include "base/buf.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

void buf_init(struct buf *buf, struct arena *arena, size_t ceiling) { *buf = (struct buf){ .arena = arena, .ceiling = ceiling }; }

bool buf_room(struct buf *buf, size_t n)
{
	if (buf->cap - buf->n >= n)
		return true;
	if (n > buf->ceiling || buf->n > buf->ceiling - n) {
		buf->full = true;
		return false;
	}
	size_t cap = buf->cap ? buf->cap * 2 : 128;
	if (cap < buf->n + n)
		cap = buf->n + n;
	if (cap > buf->ceiling)
		cap = buf->ceiling;
	buf->p = arena_grow(buf->arena, buf->p, buf->cap, cap);
	buf->cap = cap;
	return true;
}

void buf_put(struct buf *buf, struct span s)
{
	if (s.n && buf_room(buf, s.n)) {
		memcpy(buf->p + buf->n, s.p, s.n);
		buf->n += s.n;
	}
}

void buf_cstr(struct buf *buf, const char *s) { buf_put(buf, span_cstr(s)); }

void buf_printf(struct buf *buf, const char *format, ...)
{
	char small[512];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(small, sizeof small, format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n < sizeof small) {
		buf_put(buf, span_of(small, (size_t)n));
		return;
	}
	char *large = arena_alloc(buf->arena, (size_t)n + 1);
	va_start(args, format);
	vsnprintf(large, (size_t)n + 1, format, args);
	va_end(args);
	buf_put(buf, span_of(large, (size_t)n));
}

void buf_number(struct buf *buf, uint64_t n, unsigned digits)
{
	uint8_t text[20]; /* of 2^64 - 1 */
	unsigned at = sizeof text, first = digits < sizeof text ? (unsigned)sizeof text - digits : 0;
	for (; n || at > first || at == sizeof text; n /= 10)
		text[--at] = (uint8_t)('0' + n % 10);
	buf_put(buf, span_of(text + at, sizeof text - at));
}

void buf_utf8(struct buf *buf, uint32_t character)
{
	uint8_t bytes[4];
	buf_put(buf, span_of(bytes, utf8_encode(character, bytes)));
}
