/* message/uuencode.c - files written into the text of a message (POSIX uuencode); declared in transfer.h.
 *
 * Promises: linear: a "begin" that leads to nothing is passed over and never looked at again. */
#include "base/ascii.h"
#include "message/charset.h"
#include "message/transfer.h"

/* Bytes that a line says it carries, by its first character; '`' and ' ' are none. */
static size_t line_bytes(struct span line) { return line.n == 0 ? 0 : (size_t)((line.p[0] - ' ') & 63); }

static struct span next_line(struct span text, size_t *at)
{
	size_t end = span_find_byte(text, '\n', *at), from = *at;
	*at = end == SPAN_NPOS ? text.n : end + 1;
	struct span line = span_slice(text, from, end == SPAN_NPOS ? text.n : end);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* A data line: its count and then enough characters of the alphabet (mailers strip blanks at the end, and some add a check character). */
static bool is_data(struct span line)
{
	size_t bytes = line_bytes(line), want = (bytes + 2) / 3 * 4;
	if (line.n < 2 || line.p[0] < ' ' || line.p[0] > '`' || bytes == 0 || line.n > want + 3)
		return false;
	for (size_t i = 1; i < line.n; i++)
		if (line.p[i] < ' ' || line.p[i] > '`')
			return false;
	return line.n + 4 > want;
}

static uint8_t *decode_line(struct span line, uint8_t *out)
{
	size_t bytes = line_bytes(line);
	for (size_t i = 1; bytes > 0; i += 4) {
		uint32_t v = 0;
		for (size_t j = 0; j < 4; j++)
			v = v << 6 | (i + j < line.n ? (uint32_t)(line.p[i + j] - ' ') & 63 : 0);
		for (int shift = 16; shift >= 0 && bytes > 0; shift -= 8, bytes--)
			*out++ = (uint8_t)(v >> shift);
	}
	return out;
}

/* "begin 644 name": three or four octal digits, then the name to the end of the line. */
static bool is_begin(struct span line, struct span *ret_name)
{
	size_t at = 6;
	while (at < line.n && line.p[at] >= '0' && line.p[at] <= '7')
		at++;
	if (at < 9 || at > 10 || span_at(line, at) != ' ')
		return false;
	*ret_name = span_trim(span_skip(line, at + 1));
	return true;
}

static struct span decode_block(struct span text, size_t *at, struct arena *arena, struct transfer_facts *facts)
{
	/* Every data line decodes to less than its own length: count first, so that memory follows what is there. */
	size_t end = *at, lines = 0;
	for (size_t next = end; next < text.n; end = next, lines++)
		if (!is_data(next_line(text, &next)))
			break;
	uint8_t *begin = arena_alloc(arena, end - *at + 64), *out = begin;
	for (size_t next = *at; next < end;)
		out = decode_line(next_line(text, &next), out);
	*at = end;
	size_t after = end;
	struct span line = next_line(text, &after);
	if (line.n == 1 && line_bytes(line) == 0)
		line = next_line(text, &after);
	if (span_eq(span_trim(line), SPAN("end")))
		*at = after;
	else
		facts->junk = 1;
	return span_of(begin, (size_t)(out - begin));
}

bool uuencode_find(struct span text, size_t from, struct arena *arena, struct span *ret_name, struct span *ret_bytes, size_t *ret_begin,
		   size_t *ret_after, struct transfer_facts *facts)
{
	memset(facts, 0, sizeof *facts);
	for (size_t at = from; at < text.n; at++) {
		at = span_find(text, SPAN("begin "), at);
		if (at == SPAN_NPOS)
			return false;
		size_t after = at;
		struct span name, first, line = at == 0 || text.p[at - 1] == '\n' ? next_line(text, &after) : span_none;
		if (!is_begin(line, &name))
			continue;
		size_t peek = after;
		first = next_line(text, &peek);
		if (!is_data(first))
			continue;
		enum charset_fact fact;
		struct span charset;
		*ret_name = charset_to_utf8(name, span_none, arena, &fact, &charset);
		*ret_begin = at;
		*ret_bytes = decode_block(text, &after, arena, facts);
		*ret_after = after;
		return true;
	}
	return false;
}
