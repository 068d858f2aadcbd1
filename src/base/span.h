/* base/span.h - a stretch of bytes that belongs to somebody else.
 *
 * Every byte from outside travels as a span: a pointer and a length, never NUL-terminated.
 * Promises: no function reads outside [p, p+n) or changes the bytes.
 * Owner: whoever made the bytes; a span dies with them. An empty span may have any pointer,
 * but span_none has p == NULL and says "there was none". */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const uint8_t *p;
	size_t n;
};

/* A span over a string literal. */
#define SPAN(literal) ((struct span){ (const uint8_t *)("" literal), sizeof(literal) - 1 })
/* The same as a constant initialiser, for static tables. */
#define SPAN_INIT(literal)                                                                                                                 \
	{                                                                                                                                  \
		(const uint8_t *)("" literal), sizeof(literal) - 1                                                                         \
	}
/* printf("%.*s", SPAN_ARG(s)) */
#define SPAN_ARG(s) (int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n), (const char *)((s).p ? (s).p : (const uint8_t *)"")

static const struct span span_none = { NULL, 0 };

static inline struct span span_of(const void *p, size_t n) { return (struct span){ (const uint8_t *)p, n }; }
static inline struct span span_cstr(const char *s) { return span_of(s, s ? strlen(s) : 0); }
/* Bytes [from, to), both clipped to the span. */
static inline struct span span_slice(struct span s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return s.p ? span_of(s.p + from, to - from) : s;
}
static inline struct span span_skip(struct span s, size_t n) { return span_slice(s, n, s.n); }
static inline struct span span_first(struct span s, size_t n) { return span_slice(s, 0, n); }
/* The byte at i, or -1 beyond the end. */
static inline int span_at(struct span s, size_t i) { return i < s.n ? s.p[i] : -1; }

static inline bool span_eq(struct span a, struct span b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }
static inline bool span_starts(struct span s, struct span head) { return s.n >= head.n && span_eq(span_first(s, head.n), head); }
static inline bool span_ends(struct span s, struct span tail) { return s.n >= tail.n && span_eq(span_skip(s, s.n - tail.n), tail); }

/* ASCII case is ignored by the span_i* family. */
int span_icmp(struct span a, struct span b);
/* Length and first letter tell nearly all apart, so they are compared in place. */
static inline bool span_ieq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || (((a.p[0] ^ b.p[0]) & 0xDF) == 0 && span_icmp(a, b) == 0));
}
static inline bool span_istarts(struct span s, struct span head) { return s.n >= head.n && span_ieq(span_first(s, head.n), head); }
static inline bool span_iends(struct span s, struct span tail) { return s.n >= tail.n && span_ieq(span_skip(s, s.n - tail.n), tail); }

#define SPAN_NPOS ((size_t)-1)
/* Offset of the first occurrence at or after from, or SPAN_NPOS. Linear: memchr and memmem. */
size_t span_find_byte(struct span s, uint8_t byte, size_t from);
size_t span_rfind_byte(struct span s, uint8_t byte);
size_t span_find(struct span s, struct span needle, size_t from);
/* Case-insensitive; O(n) expected, needle at most 64 bytes. */
size_t span_ifind(struct span s, struct span needle, size_t from);
static inline bool span_has(struct span s, struct span needle) { return span_find(s, needle, 0) != SPAN_NPOS; }
static inline bool span_ihas(struct span s, struct span needle) { return span_ifind(s, needle, 0) != SPAN_NPOS; }

/* Without leading and trailing space, tab, CR and LF. */
struct span span_trim(struct span s);
/* Everything before the first sep goes to *ret_head, what follows it to *rest; false when *rest was empty
 * (p == NULL). Without sep the whole is the head and *rest becomes span_none. */
bool span_split(struct span *rest, uint8_t sep, struct span *ret_head);
/* True when inner lies within outer's memory. */
static inline bool span_within(struct span outer, struct span inner)
{
	return inner.p && outer.p && inner.p >= outer.p && inner.p + inner.n <= outer.p + outer.n;
}
/* Decimal digits only, at most max; false otherwise. */
bool span_to_uint(struct span s, uint64_t max, uint64_t *ret_value);

#endif
