/* base/utf8.c - see utf8.h */
#include "base/utf8.h"

size_t utf8_encode(uint32_t c, uint8_t bytes[4])
{
	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		c = UTF8_REPLACEMENT;
	if (c < 0x80) {
		bytes[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		bytes[0] = (uint8_t)(0xC0 | c >> 6);
		bytes[1] = (uint8_t)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		bytes[0] = (uint8_t)(0xE0 | c >> 12);
		bytes[1] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
		bytes[2] = (uint8_t)(0x80 | (c & 0x3F));
		return 3;
	}
	bytes[0] = (uint8_t)(0xF0 | c >> 18);
	bytes[1] = (uint8_t)(0x80 | (c >> 12 & 0x3F));
	bytes[2] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
	bytes[3] = (uint8_t)(0x80 | (c & 0x3F));
	return 4;
}

size_t utf8_decode(struct span s, size_t at, uint32_t *ret_character)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = s.p[at];
	size_t n = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
	if (n == 1) {
		*ret_character = c;
		return 1;
	}
	if (n && n <= s.n - at) {
		c &= 0x7Fu >> n;
		size_t i = 1;
		for (; i < n && (s.p[at + i] & 0xC0) == 0x80; i++)
			c = c << 6 | (s.p[at + i] & 0x3F);
		if (i == n && c >= least[n] && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF)) {
			*ret_character = c;
			return n;
		}
	}
	*ret_character = UTF8_REPLACEMENT;
	return 1;
}

/* Offset of the first byte above 0x7F at or after i, or s.n. */
static size_t skip_ascii(struct span s, size_t i)
{
	for (; i + 8 <= s.n; i += 8) {
		uint64_t word;
		memcpy(&word, s.p + i, 8);
		if (word & 0x8080808080808080u)
			break;
	}
	while (i < s.n && s.p[i] < 0x80)
		i++;
	return i;
}

bool utf8_valid(struct span s)
{
	for (size_t i = skip_ascii(s, 0); i < s.n; i = skip_ascii(s, i)) {
		uint32_t c;
		size_t n = utf8_decode(s, i, &c);
		if (n == 1)
			return false;
		i += n;
	}
	return true;
}

bool utf8_is_ascii(struct span s) { return skip_ascii(s, 0) == s.n; }
