/* report/style.c - see style.h */
#include "report/style.h"
#include "base/visible.h"

static const char *const colours[] = {
	[STYLE_PLAIN] = "",          [STYLE_BOLD] = "\x1B[1m",    [STYLE_DIM] = "\x1B[2m",
	[STYLE_GOOD] = "\x1B[1;32m", [STYLE_WARN] = "\x1B[1;33m", [STYLE_BAD] = "\x1B[1;31m",
};

void style_put(const struct style *style, struct buf *out, enum style_kind kind, struct span text)
{
	bool coloured = style->colour && kind != STYLE_PLAIN && text.n;
	if (coloured)
		buf_cstr(out, colours[kind]);
	buf_put(out, text);
	if (coloured)
		buf_cstr(out, "\x1B[0m");
}

struct span style_safe(struct span text, struct arena *arena) { return visible_text(text, VISIBLE_ALL, arena); }

/* Characters a word takes on the screen: colours take none. */
static unsigned width_of(struct span word)
{
	unsigned width = 0;
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == 0x1B)
			while (i < word.n && word.p[i] != 'm')
				i++;
		else
			width += (word.p[i] & 0xC0) != 0x80;
	}
	return width;
}

static void new_line(struct buf *out, unsigned indent)
{
	buf_byte(out, '\n');
	for (unsigned i = 0; i < indent; i++)
		buf_byte(out, ' ');
}

/* A word wider than a line is broken between characters. */
static unsigned put_long(const struct style *style, struct buf *out, unsigned indent, struct span word)
{
	unsigned column = indent;
	for (size_t i = 0; i < word.n; i++) {
		if ((word.p[i] & 0xC0) != 0x80 && column++ == style->width) {
			new_line(out, indent);
			column = indent + 1;
		}
		buf_byte(out, word.p[i]);
	}
	return column;
}

void style_wrap(const struct style *style, struct buf *out, unsigned indent, struct span text)
{
	struct span rest = text, word;
	unsigned column = indent;
	bool first = true;
	if (style->width <= indent + 8) {
		buf_put(out, text);
		return;
	}
	while (span_split(&rest, ' ', &word)) {
		unsigned width = width_of(word);
		if (!first && column + 1 + width > style->width) {
			new_line(out, indent);
			column = indent;
		} else if (!first) {
			buf_byte(out, ' ');
			column++;
		}
		first = false;
		if (column == indent && indent + width > style->width) {
			column = put_long(style, out, indent, word);
			continue;
		}
		buf_put(out, word);
		column += width;
	}
}
