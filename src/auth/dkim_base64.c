/* auth/dkim_base64.c - see dkim_base64.h */
#include "auth/dkim_base64.h"
#include "base/err.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum { BAD = 64, PADDING = 65, SPACE = 66 }; /* bit 6: no digit */

/* What each byte stands for; built before main, so that threads only ever read it. */
static uint8_t values[256];

__attribute__((constructor)) static void fill_values(void)
{
	memset(values, BAD, sizeof values);
	for (uint8_t i = 0; i < 64; i++)
		values[(uint8_t)alphabet[i]] = i;
	values['='] = PADDING;
	values[' '] = values['\t'] = values['\r'] = values['\n'] = SPACE;
}

int dkim_base64_decode(struct span text, struct arena *arena, struct span *ret)
{
	uint8_t *out = arena_alloc(arena, text.n / 4 * 3 + 3);
	size_t n = 0, characters = 0, padding = 0;
	uint32_t bits = 0;
	for (size_t i = 0; i < text.n; i++) {
		/* Four digits at a time, wherever four stand together. */
		for (; i + 4 < text.n && characters % 4 == 0 && !padding; i += 4, characters += 4) {
			uint32_t a = values[text.p[i]], b = values[text.p[i + 1]], c = values[text.p[i + 2]], d = values[text.p[i + 3]];
			if ((a | b | c | d) & BAD)
				break;
			bits = a << 18 | b << 12 | c << 6 | d;
			out[n++] = (uint8_t)(bits >> 16);
			out[n++] = (uint8_t)(bits >> 8);
			out[n++] = (uint8_t)bits;
		}
		uint8_t value = values[text.p[i]];
		if (value == SPACE)
			continue;
		padding += value == PADDING;
		if (value == PADDING && padding <= 2)
			continue;
		if (value >= 64 || padding)
			return ERR_SYNTAX;
		bits = bits << 6 | value;
		if (++characters % 4 == 0) {
			out[n++] = (uint8_t)(bits >> 16);
			out[n++] = (uint8_t)(bits >> 8);
			out[n++] = (uint8_t)bits;
		}
	}
	if (characters == 0 || characters % 4 == 1)
		return ERR_SYNTAX;
	if (characters % 4 == 2)
		out[n++] = (uint8_t)(bits >> 4);
	if (characters % 4 == 3) {
		out[n++] = (uint8_t)(bits >> 10);
		out[n++] = (uint8_t)(bits >> 2);
	}
	*ret = span_of(out, n);
	return ERR_OK;
}

struct span dkim_base64_encode(struct span bytes, struct arena *arena)
{
	uint8_t *out = arena_alloc(arena, bytes.n / 3 * 4 + 4);
	size_t n = 0;
	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t left = bytes.n - i;
		uint32_t bits =
		    (uint32_t)bytes.p[i] << 16 | (left > 1 ? (uint32_t)bytes.p[i + 1] << 8 : 0) | (left > 2 ? bytes.p[i + 2] : 0);
		out[n++] = (uint8_t)alphabet[bits >> 18];
		out[n++] = (uint8_t)alphabet[bits >> 12 & 63];
		out[n++] = left > 1 ? (uint8_t)alphabet[bits >> 6 & 63] : '=';
		out[n++] = left > 2 ? (uint8_t)alphabet[bits & 63] : '=';
	}
	return span_of(out, n);
}
