/* message/html_reference.c - see html_reference.h and html.h */
#include "message/html_reference.h"
#include "base/ascii.h"
#include "base/utf8.h"
#include "message/html.h"

enum { LONGEST_NAME = 32, LONGEST_LEGACY_NAME = 6 };

/* Numbers 0x80 to 0x9F mean windows-1252, as HTML authors believed they did (13.2.5.80). */
static const uint16_t windows_1252[32] = {
	0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
	0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
};

static const struct html_entity *find_entity(struct span name)
{
	uint32_t h = 0; /* as in tools/make-html-tables */
	for (size_t i = 0; i < name.n; i++)
		h = h * 33 ^ name.p[i];
	h ^= h >> 13;
	for (h %= HTML_ENTITY_SLOTS; html_entity_slots[h]; h = (h + 1) % HTML_ENTITY_SLOTS) {
		const struct html_entity *e = &html_entities[html_entity_slots[h] - 1];
		if (e->n_name == name.n && memcmp(e->name, name.p, name.n) == 0)
			return e;
	}
	return NULL;
}

static bool read_number(struct span text, struct html_reference *ret)
{
	bool hex = (span_at(text, 2) | 0x20) == 'x';
	size_t i = hex ? 3 : 2, first = i;
	uint32_t value = 0;
	for (; i < text.n; i++) {
		int digit = hex ? ascii_hex(text.p[i]) : ascii_is_digit(text.p[i]) ? text.p[i] - '0' : -1;
		if (digit < 0)
			break;
		if (value <= 0x10FFFF) /* stays above once it is */
			value = value * (hex ? 16 : 10) + (uint32_t)digit;
	}
	if (i == first)
		return false;
	if (span_at(text, i) == ';')
		i++;
	if (value == 0)
		value = UTF8_REPLACEMENT;
	else if (value >= 0x80 && value <= 0x9F)
		value = windows_1252[value - 0x80];
	ret->n = i;
	ret->n_utf8 = (uint8_t)utf8_encode(value, ret->utf8);
	ret->needless = value < 0x80 && ascii_is_alnum((int)value);
	return true;
}

bool html_reference_read(struct span text, bool in_attribute, struct html_reference *ret)
{
	if (span_at(text, 1) == '#')
		return read_number(text, ret);
	size_t n = 0;
	struct span name = span_skip(text, 1);
	while (n < name.n && n < LONGEST_NAME && ascii_is_alnum(name.p[n]))
		n++;
	name.n = n;
	bool semicolon = span_at(text, n + 1) == ';';
	const struct html_entity *e = n && semicolon ? find_entity(name) : NULL;
	if (e) {
		ret->n = n + 2;
	} else { /* only the old names may go without ';', and then the longest that fits counts */
		for (n = n < LONGEST_LEGACY_NAME ? n : LONGEST_LEGACY_NAME; n >= 2; n--) {
			e = find_entity(span_first(name, n));
			if (e && e->legacy)
				break;
			e = NULL;
		}
		if (!e)
			return false;
		int next = span_at(text, n + 1);
		if (in_attribute && (next == '=' || ascii_is_alnum(next)))
			return false;
		ret->n = n + 1;
	}
	memcpy(ret->utf8, e->value, sizeof ret->utf8);
	ret->n_utf8 = e->n_value;
	ret->needless = false;
	return true;
}

struct span html_decode_references(struct span text, bool in_attribute, struct arena *arena)
{
	size_t at = span_find_byte(text, '&', 0);
	if (at == SPAN_NPOS)
		return text;
	/* "&nGt;" is five bytes and gives six: nothing grows more. */
	uint8_t *out = arena_alloc(arena, text.n + text.n / 4 + 8);
	size_t n = 0, done = 0;
	for (; at != SPAN_NPOS; at = span_find_byte(text, '&', at)) {
		struct html_reference reference;
		memcpy(out + n, text.p + done, at - done);
		n += at - done;
		done = at;
		if (!html_reference_read(span_skip(text, at), in_attribute, &reference)) {
			at++;
			continue;
		}
		memcpy(out + n, reference.utf8, reference.n_utf8);
		n += reference.n_utf8;
		done = at += reference.n;
	}
	memcpy(out + n, text.p + done, text.n - done);
	return span_of(out, n + text.n - done);
}
