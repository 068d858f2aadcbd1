/* action/field.c - see field.h */
#include "action/field.h"
#include "base/ascii.h"
#include "base/utf8.h"

enum { LINE = 78, ENCODED_LINE = 76, NAME_MOST = 40, /* no name of ours comes near */ ENCODED_FRAME = 12 /* =?UTF-8?Q? and ?= */ };

static bool is_plain(struct span text)
{
	size_t word = 0;
	for (size_t i = 0; i < text.n; i++) {
		word = text.p[i] == ' ' ? 0 : word + 1;
		if (!ascii_is_print(text.p[i]) || word > LINE - 10)
			return false;
	}
	return !span_has(text, SPAN("=?"));
}

/* One character in Q (RFC 2047 4.2): what a reader of the raw field can read stays as it is. */
static size_t encode(struct span text, size_t at, uint8_t ret[12], size_t *ret_n)
{
	static const char hex[] = "0123456789ABCDEF";
	uint8_t bytes[4];
	uint32_t c;
	size_t step = utf8_decode(text, at, &c), n = 0;
	if (c == ' ' || (c < 0x80 && ascii_is_print((uint8_t)c) && !strchr("=?_\"()<>@,;:\\", (int)c))) {
		ret[0] = c == ' ' ? '_' : (uint8_t)c;
		*ret_n = 1;
		return step;
	}
	size_t length = utf8_encode(c, bytes);
	for (size_t i = 0; i < length; i++) {
		ret[n++] = '=';
		ret[n++] = (uint8_t)hex[bytes[i] >> 4];
		ret[n++] = (uint8_t)hex[bytes[i] & 15];
	}
	*ret_n = n;
	return step;
}

static void put_encoded(struct buf *out, size_t column, struct span text)
{
	size_t room = 0, n;
	uint8_t piece[12];
	if (column > NAME_MOST)
		column = NAME_MOST;
	for (size_t at = 0; at < text.n;) {
		size_t step = encode(text, at, piece, &n);
		if (room < n) {
			buf_cstr(out, at ? "?=" : "");
			if (at && column + 1 + ENCODED_FRAME + sizeof piece > ENCODED_LINE) {
				buf_cstr(out, "\r\n");
				column = 0;
			}
			buf_cstr(out, " =?UTF-8?Q?");
			room = ENCODED_LINE - ENCODED_FRAME - 1 - column;
			column = ENCODED_LINE;
		}
		buf_put(out, span_of(piece, n));
		room -= n;
		at += step;
	}
	buf_cstr(out, text.n ? "?=" : " ");
}

void field_put_text(struct buf *out, size_t column, struct span text)
{
	if (is_plain(text))
		field_put_words(out, column, span_trim(text));
	else
		put_encoded(out, column, text);
}

/* A word that may be broken behind its commas. */
static size_t put_word(struct buf *out, size_t column, struct span word)
{
	while (column + word.n > LINE) {
		size_t comma = span_rfind_byte(span_first(word, column < LINE ? LINE - column : 1), ',');
		if (comma == SPAN_NPOS && (comma = span_find_byte(word, ',', 0)) == SPAN_NPOS)
			break;
		buf_put(out, span_first(word, comma + 1));
		word = span_skip(word, comma + 1);
		if (!word.n)
			return column;
		buf_cstr(out, "\r\n\t");
		column = 8;
	}
	buf_put(out, word);
	return column + word.n;
}

void field_put_words(struct buf *out, size_t column, struct span words)
{
	struct span line, word;
	bool first = true;
	while (span_split(&words, '\n', &line)) {
		line = span_trim(line);
		for (bool begin = true; span_split(&line, ' ', &word); begin = false) {
			size_t first_piece = span_find_byte(word, ',', 0);
			bool fold = column + 1 + (first_piece == SPAN_NPOS ? word.n : first_piece + 1) > LINE;
			fold = (fold || begin) && !first;
			buf_cstr(out, fold ? "\r\n\t" : " ");
			column = put_word(out, fold ? 8 : column + 1, word);
			first = false;
		}
	}
	if (first)
		buf_byte(out, ' ');
}
