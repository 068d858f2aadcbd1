/* base/span.c - see span.h */
#include "base/span.h"
#include "base/ascii.h"

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

size_t span_find(struct span s, struct span needle, size_t from)
{
	if (from > s.n || needle.n > s.n - from)
		return SPAN_NPOS;
	if (needle.n == 0)
		return from;
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
