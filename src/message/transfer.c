/* message/transfer.c - see transfer.h */
#include "message/transfer.h"
#include "base/ascii.h"

/* Values of the base64 alphabet, shifted to their place in the 24 bits of a quantum; a byte outside has BAD set. Filled before main. */
#define BAD 0x80000000u
static uint32_t place0[256], place1[256], place2[256], place3[256];

__attribute__((constructor)) static void fill_places(void)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (unsigned i = 0; i < 256; i++)
		place0[i] = place1[i] = place2[i] = place3[i] = BAD;
	for (uint32_t i = 0; i < 64; i++) {
		uint8_t c = (uint8_t)alphabet[i];
		place0[c] = i << 18;
		place1[c] = i << 12;
		place2[c] = i << 6;
		place3[c] = i;
	}
}

static void first_bad(struct transfer_facts *facts, size_t at)
{
	if (!facts->junk && !facts->bad_escapes && !facts->after_padding)
		facts->first_bad = (uint32_t)at;
}

/* The slow way, a byte at a time, for what is not four letters in a row. */
struct quantum {
	uint32_t bits;
	unsigned n;
	bool padded; /* a '=' was seen since the last data */
};

static uint8_t *quantum_flush(struct quantum *q, uint8_t *out, struct transfer_facts *facts)
{
	if (q->n >= 2)
		*out++ = (uint8_t)(q->bits >> 16);
	if (q->n == 3)
		*out++ = (uint8_t)(q->bits >> 8);
	if (q->n == 1)
		facts->dropped_bits = 1;
	q->n = 0;
	q->bits = 0;
	return out;
}

static uint8_t *quantum_put(struct quantum *q, uint8_t c, size_t at, uint8_t *out, struct transfer_facts *facts)
{
	uint32_t value = place3[c];
	if (value == BAD) {
		if (c == '=') {
			out = quantum_flush(q, out, facts);
			q->padded = true;
		} else if (!ascii_is_space(c)) {
			first_bad(facts, at);
			facts->junk++;
		}
		return out;
	}
	if (q->padded) {
		/* Some programs stop at the padding, others go on: attackers use the difference (GMime 3.2.13, issue 150). */
		first_bad(facts, at);
		if (!facts->after_padding)
			facts->after_padding = (uint32_t)at;
		q->padded = false;
	}
	q->bits |= value << (18 - 6 * q->n);
	if (++q->n == 4) {
		out[0] = (uint8_t)(q->bits >> 16);
		out[1] = (uint8_t)(q->bits >> 8);
		out[2] = (uint8_t)q->bits;
		out += 3;
		q->bits = 0;
		q->n = 0;
	}
	return out;
}

/* No encoder puts blanks between letters: those are words. */
static void note_blank(struct span encoded, size_t at, struct transfer_facts *facts)
{
	if (at && ascii_is_alnum(encoded.p[at - 1]) && at + 1 < encoded.n && ascii_is_alnum(encoded.p[at + 1]))
		facts->first_blank = (uint32_t)at;
}

struct span base64_decode(struct span encoded, struct arena *arena, struct transfer_facts *facts)
{
	memset(facts, 0, sizeof *facts);
	uint8_t *begin = arena_alloc(arena, encoded.n / 4 * 3 + 8), *out = begin;
	const uint8_t *p = encoded.p, *end = p + encoded.n;
	struct quantum q = { 0 };
	while (p < end) {
		if (q.n == 0 && !q.padded)
			for (; end - p >= 4; p += 4, out += 3) {
				uint32_t v = place0[p[0]] | place1[p[1]] | place2[p[2]] | place3[p[3]];
				if (v & BAD)
					break;
				uint32_t big = __builtin_bswap32(v << 8);
				memcpy(out, &big, 4); /* one byte too many, overwritten next or within the 8 spare */
			}
		if (p < end) {
			if (*p == ' ' && !facts->first_blank)
				note_blank(encoded, (size_t)(p - encoded.p), facts);
			out = quantum_put(&q, *p, (size_t)(p - encoded.p), out, facts);
			p++;
		}
	}
	if (q.n)
		facts->dropped_bits = 1;
	out = quantum_flush(&q, out, facts);
	return span_of(begin, (size_t)(out - begin));
}

/* What follows a '=': two hex digits, or blanks and a line end (a soft break; the blanks are transport padding, RFC 2045 6.7 rule 3).
 * Returns how many bytes it takes, -1 when it is neither; *ret_byte is the character, -1 for a soft break. */
static ptrdiff_t escape(const uint8_t *p, const uint8_t *end, int *ret_byte)
{
	*ret_byte = -1;
	if (end - p >= 2) {
		int high = ascii_hex(p[0]), low = ascii_hex(p[1]);
		if ((high | low) >= 0) {
			*ret_byte = high << 4 | low;
			return 2;
		}
	}
	const uint8_t *q = p;
	while (q < end && (*q == ' ' || *q == '\t'))
		q++;
	if (q == end)
		return q - p;
	if (*q == '\n')
		return q + 1 - p;
	if (*q != '\r')
		return -1;
	q++;
	return q - p + (q < end && *q == '\n');
}

static size_t copy_run(uint8_t *out, const uint8_t *p, size_t n, bool header)
{
	memcpy(out, p, n);
	if (header)
		for (size_t i = 0; i < n; i++)
			if (out[i] == '_')
				out[i] = ' ';
	return n;
}

struct span quoted_printable_decode(struct span encoded, bool header, struct arena *arena, struct transfer_facts *facts)
{
	memset(facts, 0, sizeof *facts);
	uint8_t *begin = arena_alloc(arena, encoded.n), *out = begin;
	const uint8_t *p = encoded.p, *end = p + encoded.n;
	while (p < end) {
		const uint8_t *equals = memchr(p, '=', (size_t)(end - p));
		size_t run = (size_t)((equals ? equals : end) - p);
		out += copy_run(out, p, run, header);
		p += run;
		if (!equals)
			break;
		int byte;
		ptrdiff_t used = escape(p + 1, end, &byte);
		if (byte >= 0) {
			*out++ = (uint8_t)byte;
		} else if (used < 0) {
			first_bad(facts, (size_t)(p - encoded.p));
			facts->bad_escapes++;
			*out++ = '=';
			used = 0;
		}
		p += 1 + used;
	}
	return span_of(begin, (size_t)(out - begin));
}
