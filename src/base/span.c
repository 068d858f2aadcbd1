/* base/span.c - see span.h */
#include "base/span.h"
#include "base/ascii.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/* Needles of up to FIND_SHORT bytes are looked for by their first and last byte, sixteen places at a time: the C library's memmem looks at
 * a byte at a time, which is a fifth of the cost of parsing a message. A candidate costs at most needle.n, so needles are kept short.
 * fold 0x20 makes one of the two cases of a letter (and of some signs: a candidate is only that). */
enum { FIND_SHORT = 16, BLOCK = 16 };

static bool matches(const uint8_t *at, struct span needle, uint8_t fold)
{
	return fold ? span_ieq(span_of(at, needle.n), needle) : memcmp(at, needle.p, needle.n) == 0;
}

#ifdef __SSE2__
static unsigned candidates(const uint8_t *at, __m128i first, __m128i last, size_t n, __m128i fold)
{
	__m128i head = _mm_or_si128(_mm_loadu_si128((const __m128i *)at), fold),
		tail = _mm_or_si128(_mm_loadu_si128((const __m128i *)(at + n - 1)), fold);
	return (unsigned)_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(head, first), _mm_cmpeq_epi8(tail, last)));
}

static inline size_t find_blocks(struct span s, struct span needle, size_t *at, uint8_t fold)
{
	__m128i first = _mm_set1_epi8((char)(needle.p[0] | fold)), last = _mm_set1_epi8((char)(needle.p[needle.n - 1] | fold)),
		folds = _mm_set1_epi8((char)fold);
	for (; *at + BLOCK + needle.n - 1 <= s.n; *at += BLOCK)
		for (unsigned mask = candidates(s.p + *at, first, last, needle.n, folds); mask; mask &= mask - 1) {
			size_t hit = *at + (size_t)__builtin_ctz(mask);
			if (matches(s.p + hit, needle, fold))
				return hit;
		}
	return SPAN_NPOS;
}
#else
static inline size_t find_blocks(struct span s, struct span needle, size_t *at, uint8_t fold)
{
	(void)s, (void)needle, (void)at, (void)fold;
	return SPAN_NPOS;
}
#endif

static inline size_t find_short(struct span s, struct span needle, size_t from, uint8_t fold)
{
	size_t at = from, hit = find_blocks(s, needle, &at, fold);
	if (hit != SPAN_NPOS)
		return hit;
	uint8_t first = needle.p[0] | fold, last = needle.p[needle.n - 1] | fold;
	for (; at + needle.n <= s.n; at++)
		if ((s.p[at] | fold) == first && (s.p[at + needle.n - 1] | fold) == last && matches(s.p + at, needle, fold))
			return at;
	return SPAN_NPOS;
}

size_t span_find(struct span s, struct span needle, size_t from)
{
	if (from > s.n || needle.n > s.n - from)
		return SPAN_NPOS;
	if (needle.n == 0)
		return from;
	if (needle.n <= FIND_SHORT)
		return find_short(s, needle, from, 0);
	const uint8_t *hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
	return hit ? (size_t)(hit - s.p) : SPAN_NPOS;
}

size_t span_ifind(struct span s, struct span needle, size_t from)
{
	if (from > s.n || needle.n > s.n - from)
		return SPAN_NPOS;
	return needle.n == 0 ? from : find_short(s, needle, from, 0x20);
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
