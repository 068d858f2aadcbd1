/* base/visible.c - see visible.h */
#include "base/visible.h"
#include "base/utf8.h"

static const struct {
	uint32_t from, to;
} hidden[] = {
	{ 0x00, 0x1F },     { 0x7F, 0x9F }, /* C0, DEL, C1: a terminal obeys them */
	{ 0xAD, 0xAD },     { 0x34F, 0x34F },   { 0x61C, 0x61C },     { 0x115F, 0x1160 },
	{ 0x17B4, 0x17B5 }, { 0x180B, 0x180F }, { 0x200B, 0x200F }, /* zero width, left-to-right and right-to-left marks */
	{ 0x2028, 0x202E },                                         /* line and paragraph separators, embeddings and overrides (UAX 9) */
	{ 0x2060, 0x206F }, { 0x3164, 0x3164 }, { 0xFE00, 0xFE0F },   { 0xFEFF, 0xFEFF },
	{ 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFFB }, { 0xE0000, 0xE0FFF }, /* tags, variation selectors */
};

bool visible_is_hidden(uint32_t c)
{
	if (c >= 0x20 && c < 0x7F)
		return false;
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (c >= hidden[i].from && c <= hidden[i].to)
			return true;
	return false;
}

/* Offset of the first byte that is not plain printable ASCII. */
static size_t plain_run(struct span s, size_t at)
{
	while (at < s.n && s.p[at] >= 0x20 && s.p[at] < 0x7F)
		at++;
	return at;
}

static void put_hidden(struct buf *out, uint32_t c)
{
	switch (c) {
	case '\n': buf_cstr(out, "\\n"); break;
	case '\r': buf_cstr(out, "\\r"); break;
	case '\t': buf_cstr(out, "\\t"); break;
	case 0x1B: buf_cstr(out, "\\e"); break;
	default: buf_printf(out, c > 0xFFFF ? "\\u{%X}" : "\\u%04X", c); break;
	}
}

/* The longest head of whole characters within max bytes. */
static struct span head(struct span text, size_t max)
{
	if (max == VISIBLE_ALL || text.n <= max)
		return text;
	size_t n = max;
	while (n > 0 && max - n < 4 && (text.p[n] & 0xC0) == 0x80)
		n--;
	return span_first(text, n);
}

void visible_put(struct buf *out, struct span text, size_t max)
{
	struct span s = head(text, max);
	for (size_t at = 0; at < s.n;) {
		size_t end = plain_run(s, at);
		buf_put(out, span_slice(s, at, end));
		at = end;
		if (at == s.n)
			break;
		uint32_t c;
		size_t n = utf8_decode(s, at, &c);
		if (n == 1 && s.p[at] >= 0x80)
			buf_printf(out, "\\x%02X", s.p[at]);
		else if (visible_is_hidden(c))
			put_hidden(out, c);
		else
			buf_put(out, span_slice(s, at, at + n));
		at += n;
	}
	if (s.n < text.n)
		buf_cstr(out, "...");
}

struct span visible_text(struct span text, size_t max, struct arena *arena)
{
	if ((max == VISIBLE_ALL || text.n <= max) && plain_run(text, 0) == text.n)
		return text;
	struct buf out;
	buf_init(&out, arena, 8 * text.n + 8);
	visible_put(&out, text, max);
	return buf_span(&out);
}
