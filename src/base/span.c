/* base/span.c - see span.h */
#include "base/span.h"
#include "base/ascii.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

bool span_ieq(struct span a, struct span b)
{
	return a.n == b.n && span_icmp(a, b) == 0;
}

bool span_istarts(struct span s, struct span head)
{
	return s.n >= head.n && span_ieq(span_first(s, head.n), head);
}

bool span_iends(struct span s, struct span tail)
{
	return s.n >= tail.n && span_ieq(span_skip(s, s.n - tail.n), tail);
}

int span_icmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	for (size_t i = 0; i < n; i++) {
		int d = ascii_lower(a.p[i]) - ascii_lower(b.p[i]);
		if (d)
			return d;
	}
	return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

size_t span_find_byte(struct span s, uint8_t byte, size_t from)
{
	if (from >= s.n)
		return SPAN_NPOS;
	const uint8_t *hit = memchr(s.p + from, byte, s.n - from);
	return hit ? (size_t)(hit - s.p) : SPAN_NPOS;
}

size_t span_rfind_byte(struct span s, uint8_t byte)
{
	if (s.n == 0)
		return SPAN_NPOS;
	const uint8_t *hit = memrchr(s.p, byte, s.n);
	return hit ? (size_t)(hit - s.p) : SPAN_NPOS;
}

#ifdef __SSE2__
/* Short needles: sixteen places at a time, by their first and last byte. The C library's memmem looks at a byte at a time, which is a fifth of
 * the cost of parsing a message. The candidates cost at most needle.n each, so needles are kept short (FIND_SHORT). */
enum { FIND_SHORT = 16, BLOCK = 16 };
static size_t find_short(struct span s, struct span needle, size_t from)
{
	__m128i first = _mm_set1_epi8((char)needle.p[0]), last = _mm_set1_epi8((char)needle.p[needle.n - 1]);
	size_t i = from;
	for (; i + BLOCK + needle.n - 1 <= s.n; i += BLOCK) {
		__m128i head = _mm_loadu_si128((const __m128i *)(s.p + i)), tail = _mm_loadu_si128((const __m128i *)(s.p + i + needle.n - 1));
		unsigned mask = (unsigned)_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(head, first), _mm_cmpeq_epi8(tail, last)));
		for (; mask; mask &= mask - 1) {
			size_t at = i + (size_t)__builtin_ctz(mask);
			if (memcmp(s.p + at, needle.p, needle.n) == 0)
				return at;
		}
	}
	const uint8_t *hit = i + needle.n <= s.n ? memmem(s.p + i, s.n - i, needle.p, needle.n) : NULL;
	return hit ? (size_t)(hit - s.p) : SPAN_NPOS;
}
#else
enum { FIND_SHORT = 0 };
static size_t find_short(struct span s, struct span needle, size_t from) { (void)s; (void)needle; return from; }
#endif

size_t span_find(struct span s, struct span needle, size_t from)
{
	if (from > s.n || needle.n > s.n - from)
		return SPAN_NPOS;
	if (needle.n == 0)
		return from;
	if (needle.n <= FIND_SHORT)
		return find_short(s, needle, from);
	const uint8_t *hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
	return hit ? (size_t)(hit - s.p) : SPAN_NPOS;
}

size_t span_ifind(struct span s, struct span needle, size_t from)
{
	if (from > s.n || needle.n > s.n - from)
		return SPAN_NPOS;
	if (needle.n == 0)
		return from;
	uint8_t lower = ascii_lower(needle.p[0]), upper = ascii_upper(needle.p[0]);
	size_t last = s.n - needle.n;
	size_t next_lower = span_find_byte(s, lower, from);
	size_t next_upper = lower == upper ? SPAN_NPOS : span_find_byte(s, upper, from);
	for (;;) {
		size_t at = next_lower < next_upper ? next_lower : next_upper;
		if (at == SPAN_NPOS || at > last)
			return SPAN_NPOS;
		if (span_ieq(span_slice(s, at, at + needle.n), needle))
			return at;
		if (at == next_lower)
			next_lower = span_find_byte(s, lower, at + 1);
		else
			next_upper = span_find_byte(s, upper, at + 1);
	}
}

struct span span_trim(struct span s)
{
	while (s.n && ascii_is_space(s.p[0]))
		s = span_skip(s, 1);
	while (s.n && ascii_is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool span_split(struct span *rest, uint8_t sep, struct span *ret_head)
{
	if (!rest->p)
		return false;
	size_t at = span_find_byte(*rest, sep, 0);
	if (at == SPAN_NPOS) {
		*ret_head = *rest;
		*rest = span_none;
	} else {
		*ret_head = span_first(*rest, at);
		*rest = span_skip(*rest, at + 1);
	}
	return true;
}

bool span_to_uint(struct span s, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;
	if (s.n == 0 || s.n > 20)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_digit(s.p[i]))
			return false;
		unsigned digit = s.p[i] - '0';
		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value > max)
		return false;
	*ret_value = value;
	return true;
}
