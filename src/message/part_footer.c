/* message/part_footer.c - plain text that list software appends behind base64: "____\nTo unsubscribe ...".
 *
 * Programs that stop at the end of the data lose it, those that go on show it as rubbish behind the text, those that undo the base64 first
 * show it as it is. It becomes a reading of its own (PART_ALTERNATE), and the rubbish is left out of the part's text, unless it is none:
 * then somebody wrote on in base64 behind a line of words, for the programs that go on.
 * Does not: find a footer without two words in a line, which looks like base64 to everybody. */
#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "message/mime.h"

enum {
	LINES_BYTES = 400, /* how far before the first character that is no base64 the text it belongs to is looked for */
	TEXT_RUN_MIN = 10, /* readable characters in a row: "http://a.b" has them, rubbish made of words hardly ever */
};

/* Plain words in a line, as people write and no base64 encoder does: "to unsubscribe". */
static bool has_words(struct span text)
{
	for (size_t at = 1; at + 1 < text.n && (at = span_find_byte(text, ' ', at)) != SPAN_NPOS; at++)
		if (ascii_is_alnum(text.p[at - 1]) && at + 1 < text.n && ascii_is_alnum(text.p[at + 1]))
			return true;
	return false;
}

/* Where the text around offset bad begins: at the empty line before it, or else at its own line. */
static size_t begin_of(struct span body, size_t bad)
{
	size_t line = span_rfind_byte(span_first(body, bad), '\n');
	for (size_t up = line; up != SPAN_NPOS && bad - up < LINES_BYTES;) {
		struct span before = span_first(body, up);
		if (before.n && before.p[before.n - 1] == '\r')
			before.n--;
		if (before.n == 0 || before.p[before.n - 1] == '\n')
			return up + 1;
		up = span_rfind_byte(before, '\n');
	}
	return line == SPAN_NPOS ? bad : line + 1;
}

/* Is there anything to read in what base64 made of it? NUL is passed over: UTF-16 has it between its letters. */
static bool is_readable(struct span decoded)
{
	unsigned run = 0;
	for (size_t at = 0; at < decoded.n;) {
		uint32_t c;
		at += utf8_decode(decoded, at, &c);
		if (c == UTF8_REPLACEMENT || (c < ' ' && c && !ascii_is_space((int)c)) || c == 0x7F)
			run = 0;
		else if (c && ++run == TEXT_RUN_MIN)
			return true;
	}
	return false;
}

size_t part_footer(struct message *m, uint16_t index, const struct transfer_facts *facts)
{
	struct part *part = &m->parts.v[index];
	bool odd = facts->junk || facts->after_padding, shown = part->kind == PART_TEXT || part->kind == PART_HTML;
	if (!odd && !(facts->first_blank && shown))
		return SPAN_NPOS;
	size_t bad = !odd || (facts->first_blank && facts->first_blank < facts->first_bad) ? facts->first_blank : facts->first_bad;
	size_t begin = begin_of(part->raw_body, bad);
	if (!has_words(span_skip(part->raw_body, begin)))
		return SPAN_NPOS;
	if (!shown || m->decoded_bytes + begin > LIMIT_DECODED_BYTES(m->raw.n))
		return odd ? begin : SPAN_NPOS;
	struct transfer_facts head_facts;
	struct span head = base64_decode(span_first(part->raw_body, begin), m->arena, &head_facts);
	m->decoded_bytes += begin;
	m->steps += part->raw_body.n;
	if (is_readable(span_skip(part->bytes, head.n)))
		return odd ? begin : SPAN_NPOS; /* "aGlk ZGVu": blanks in base64 */
	part->bytes = head;
	return begin;
}
