/* auth/canonical.c - see canonical.h
 *
 * Mail that arrived by SMTP is nearly canonical already: words with one blank between them and CRLF at line ends. So the body is searched
 * sixteen bytes at a time for the next place that would change, and what lies before it is handed over as it is. */
#include "auth/canonical.h"
#include "base/ascii.h"

enum { DIRECT = 512 }; /* longer stretches are not worth a copy */

void canonical_init(struct canonical *c, void (*take)(void *taker, const uint8_t *p, size_t n), void *taker)
{
	c->take = take;
	c->taker = taker;
	c->looked = 0;
	c->n = 0;
}

void canonical_finish(struct canonical *c)
{
	if (c->n)
		c->take(c->taker, c->buffer, c->n);
	c->n = 0;
}

static void put(struct canonical *c, const uint8_t *p, size_t n)
{
	if (c->n + n > sizeof c->buffer || n >= DIRECT)
		canonical_finish(c);
	if (n >= DIRECT) {
		c->take(c->taker, p, n);
		return;
	}
	if (n)
		memcpy(c->buffer + c->n, p, n);
	c->n += n;
}

static void put_crlf(struct canonical *c) { put(c, (const uint8_t *)"\r\n", 2); }

static bool is_blank(int c) { return c == ' ' || c == '\t'; }

/* --- header fields --- */

/* Line ends inside a field as CRLF. */
static void simple_text(struct canonical *c, struct span text)
{
	size_t from = 0;
	for (size_t lf = 0; (lf = span_find_byte(text, '\n', lf)) != SPAN_NPOS; lf++)
		if (lf == 0 || text.p[lf - 1] != '\r') {
			put(c, text.p + from, lf - from);
			put(c, (const uint8_t *)"\r", 1);
			from = lf;
		}
	if (text.n)
		put(c, text.p + from, text.n - from);
}

/* Unfolded, runs of blanks as one, none at either end; *gap and *begun carry over from one piece of a value to the next. */
static void relaxed_text(struct canonical *c, struct span text, bool *gap, bool *begun)
{
	for (size_t i = 0; i < text.n;) {
		size_t from = i;
		int byte = text.p[i];
		if (is_blank(byte) || byte == '\n' || (byte == '\r' && span_at(text, i + 1) == '\n')) {
			*gap = true;
			i++;
			continue;
		}
		while (i < text.n && text.p[i] > ' ')
			i++;
		if (i == from) /* a control character, or a CR without LF */
			i++;
		if (*gap && *begun)
			put(c, (const uint8_t *)" ", 1);
		put(c, text.p + from, i - from);
		*gap = false;
		*begun = true;
	}
}

static void put_lower(struct canonical *c, struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		uint8_t lower = ascii_lower(name.p[i]);
		put(c, &lower, 1);
	}
}

void canonical_field(struct canonical *c, enum dkim_canonical form, const struct header *field, struct span cut, bool last)
{
	struct span all = form == DKIM_SIMPLE ? field->raw : field->value, tail = span_none;
	if (form == DKIM_SIMPLE) {
		all.n -= span_ends(all, SPAN("\n"));
		all.n -= span_ends(all, SPAN("\r"));
	}
	c->looked += all.n;
	if (span_within(all, cut)) {
		tail = span_skip(all, (size_t)(cut.p + cut.n - all.p));
		all.n = (size_t)(cut.p - all.p);
	}
	if (form == DKIM_SIMPLE) {
		simple_text(c, all);
		simple_text(c, tail);
	} else {
		bool gap = false, begun = false;
		put_lower(c, field->name);
		put(c, (const uint8_t *)":", 1);
		relaxed_text(c, all, &gap, &begun);
		relaxed_text(c, tail, &gap, &begun);
	}
	if (!last)
		put_crlf(c);
}

/* --- bodies --- */

/* Where the last line that says something ends: before its line end and, relaxed, the blanks before that. */
static size_t content_end(struct span body, enum dkim_canonical form)
{
	size_t end = body.n;
	for (;;) {
		size_t before = end;
		if (end && body.p[end - 1] == '\n')
			end -= end > 1 && body.p[end - 2] == '\r' ? 2 : 1;
		while (form == DKIM_RELAXED && end && is_blank(body.p[end - 1]))
			end--;
		if (end == before)
			return end;
	}
}

/* Sixteen bytes at a time, whatever the machine has for it. */
typedef uint8_t bytes16 __attribute__((vector_size(16)));

static bytes16 load(const uint8_t *p)
{
	bytes16 v;
	memcpy(&v, p, sizeof v);
	return v;
}

static bytes16 every(uint8_t byte)
{
	bytes16 v;
	memset(&v, byte, sizeof v);
	return v;
}

/* Index of the first byte that is not zero; 16: none. */
static size_t first_set(bytes16 v)
{
	uint64_t half[2];
	memcpy(half, &v, sizeof half);
	if ((half[0] | half[1]) == 0)
		return 16;
	uint64_t word = half[0] ? half[0] : half[1];
	unsigned bit = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? (unsigned)__builtin_ctzll(word) : (unsigned)__builtin_clzll(word);
	return (half[0] ? 0 : 8) + bit / 8;
}

/* Does the byte at i change: an LF without CR; relaxed also a tab, or a blank before white space? */
static bool changes(struct span s, size_t i, bool relaxed)
{
	int byte = s.p[i];
	if (byte == '\n')
		return i == 0 || s.p[i - 1] != '\r';
	return relaxed && (byte == '\t' || (byte == ' ' && ascii_is_space(span_at(s, i + 1))));
}

/* The first place at or after `at` that changes, or the end. */
static size_t next_change(struct span s, size_t at, bool relaxed)
{
	bytes16 blank = every(' '), tab = every('\t'), lf = every('\n'), cr = every('\r');
	if (at == 0 && s.n && !changes(s, at, relaxed))
		at++; /* so that there is a byte before */
	for (; at && at + 17 <= s.n; at += 16) {
		bytes16 here = load(s.p + at), before = load(s.p + at - 1);
		bytes16 change = (bytes16)((here == lf) & (before != cr));
		if (relaxed) {
			bytes16 after = load(s.p + at + 1);
			change |= (bytes16)((here == tab) |
					    ((here == blank) & ((after == blank) | (after == tab) | (after == lf) | (after == cr))));
		}
		size_t first = first_set(change);
		if (first < 16)
			return at + first;
	}
	while (at < s.n && !changes(s, at, relaxed))
		at++;
	return at;
}

/* A run of blanks inside the body becomes one, at the end of a line none. Returns where it ends. */
static size_t put_blanks(struct canonical *c, struct span content, size_t at)
{
	while (is_blank(span_at(content, at)))
		at++;
	bool line_end = span_at(content, at) == '\n' || (span_at(content, at) == '\r' && span_at(content, at + 1) == '\n');
	if (!line_end)
		put(c, (const uint8_t *)" ", 1);
	return at;
}

void canonical_body(struct canonical *c, enum dkim_canonical form, struct span body)
{
	struct span content = span_first(body, content_end(body, form));
	c->looked += body.n;
	for (size_t at = 0; at < content.n;) {
		size_t change = next_change(content, at, form == DKIM_RELAXED);
		put(c, content.p + at, change - at);
		at = change;
		if (at == content.n)
			break;
		if (content.p[at] == '\n') {
			put_crlf(c);
			at++;
		} else {
			at = put_blanks(c, content, at);
		}
	}
	if (content.n || form == DKIM_SIMPLE)
		put_crlf(c);
}
