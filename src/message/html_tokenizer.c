/* message/html_tokenizer.c - see html_tokenizer.h */
#include "message/html_tokenizer.h"
#include "base/ascii.h"

enum { BLANK = 1, ENDS_NAME = 2, ENDS_UNQUOTED = 4 };

/* Tab, LF, FF, CR, space; '/', '=', '>'. */
static const uint8_t classes[256] = {
	['\t'] = BLANK | ENDS_NAME | ENDS_UNQUOTED,
	['\n'] = BLANK | ENDS_NAME | ENDS_UNQUOTED,
	['\f'] = BLANK | ENDS_NAME | ENDS_UNQUOTED,
	['\r'] = BLANK | ENDS_NAME | ENDS_UNQUOTED,
	[' '] = BLANK | ENDS_NAME | ENDS_UNQUOTED,
	['/'] = ENDS_NAME,
	['='] = ENDS_NAME,
	['>'] = ENDS_NAME | ENDS_UNQUOTED,
};

void html_tokenizer_start(struct html_tokenizer *t, struct span source) { *t = (struct html_tokenizer){ .source = source }; }

static struct span cut(const uint8_t *from, const uint8_t *to) { return span_of(from, (size_t)(to - from)); }

/* Adds an attribute unless nobody reads it or the tag has it already (13.2.5.33). */
static void add_attribute(struct html_token *token, uint64_t *seen, struct span name, struct span value)
{
	enum html_attribute_id id = html_attribute_of(name);
	if (id == HTML_ATTRIBUTE_UNKNOWN) {
		if (name.n >= sizeof "onblur" - 1 && (name.p[0] | 0x20) == 'o' && (name.p[1] | 0x20) == 'n' && ascii_is_alpha(name.p[2]))
			token->handlers++;
		return;
	}
	if (*seen >> id & 1)
		return;
	*seen |= 1ull << id;
	token->attributes[token->n_attributes++] = (struct html_attribute){ id, value };
}

/* p stands after the value's '='; sets *value and returns where the next attribute may begin, or NULL when the source ends first. */
static const uint8_t *read_value(const uint8_t *p, const uint8_t *end, struct span *value)
{
	while (p < end && classes[*p] & BLANK)
		p++;
	if (p == end)
		return NULL;
	if (*p == '"' || *p == '\'') {
		const uint8_t *close = memchr(p + 1, *p, (size_t)(end - p - 1));
		if (!close)
			return NULL;
		*value = cut(p + 1, close);
		return close + 1;
	}
	const uint8_t *begin = p;
	while (p < end && !(classes[*p] & ENDS_UNQUOTED))
		p++;
	*value = cut(begin, p);
	return p;
}

/* p stands after the tag's name; returns what follows its '>', or NULL when the source ends first: then there is no tag (13.2.5.32-40). */
static const uint8_t *read_attributes(const uint8_t *p, const uint8_t *end, struct html_token *token)
{
	uint64_t seen = 0;
	for (;;) {
		while (p < end && (classes[*p] & BLANK || *p == '/'))
			p++;
		if (p == end)
			return NULL;
		if (*p == '>')
			return p + 1;
		const uint8_t *begin = p++; /* a '=' here belongs to the name */
		while (p < end && !(classes[*p] & ENDS_NAME))
			p++;
		struct span name = cut(begin, p), value = span_of(p, 0);
		while (p < end && classes[*p] & BLANK)
			p++;
		if (p < end && *p == '=') {
			p = read_value(p + 1, end, &value);
			if (!p)
				return NULL;
		}
		add_attribute(token, &seen, name, value);
	}
}

/* p stands at the '<' of a start or end tag. */
static const uint8_t *read_tag(const uint8_t *p, const uint8_t *end, struct html_token *token)
{
	bool close = p[1] == '/';
	const uint8_t *begin = p + 1 + close, *q = begin;
	while (q < end && (!(classes[*q] & ENDS_NAME) || *q == '='))
		q++;
	token->kind = close ? HTML_TOKEN_CLOSE : HTML_TOKEN_START;
	token->text = cut(begin, q);
	token->element = html_element_of(token->text);
	token->n_attributes = token->handlers = 0;
	return q < end && *q == '>' ? q + 1 : read_attributes(q, end, token);
}

/* begin stands after "<!--"; returns what follows the comment and sets its content (13.2.5.43-52). */
static const uint8_t *read_comment(const uint8_t *begin, const uint8_t *end, struct span *content)
{
	for (const uint8_t *p = begin; (p = memchr(p, '>', (size_t)(end - p))) != NULL; p++) {
		size_t n = (size_t)(p - begin);
		if (n == 0 || (n == 1 && p[-1] == '-')) { /* <!--> and <!---> */
			*content = span_of(begin, 0);
			return p + 1;
		}
		size_t tail = n >= 2 && p[-1] == '-' && p[-2] == '-' ? 2 : n >= 3 && p[-1] == '!' && p[-2] == '-' && p[-3] == '-' ? 3 : 0;
		if (tail) {
			*content = span_of(begin, n - tail);
			return p + 1;
		}
		if (p + 1 == end)
			break;
	}
	*content = cut(begin, end);
	return end;
}

/* p stands at "<!", "<?" or "</" that begin no tag. */
static const uint8_t *read_declaration(const uint8_t *p, const uint8_t *end, struct html_token *token)
{
	token->kind = HTML_TOKEN_COMMENT;
	token->true_comment = end - p >= 4 && p[1] == '!' && p[2] == '-' && p[3] == '-';
	if (token->true_comment)
		return read_comment(p + 4, end, &token->text);
	if (span_istarts(cut(p, end), SPAN("<!doctype")))
		token->kind = HTML_TOKEN_DOCTYPE;
	const uint8_t *begin = p + 1 + (p[1] != '?');
	const uint8_t *close = memchr(begin, '>', (size_t)(end - begin));
	token->text = cut(begin, close ? close : end);
	return close ? close + 1 : end;
}

/* True when p, which stands at '<', begins anything but text. "</" at the very end is text, "</>" is an empty declaration. */
static bool begins_markup(const uint8_t *p, const uint8_t *end)
{
	if (end - p < 2)
		return false;
	return ascii_is_alpha(p[1]) || p[1] == '!' || p[1] == '?' || (p[1] == '/' && end - p > 2);
}

/* True when p, which stands at '<', begins `prefix` + name + blank, '/' or '>'. */
static bool begins_with(const uint8_t *p, const uint8_t *end, struct span prefix, struct span name)
{
	struct span rest = cut(p, end);
	if (rest.n <= prefix.n + name.n || !span_starts(rest, prefix) || !span_istarts(span_skip(rest, prefix.n), name))
		return false;
	uint8_t next = rest.p[prefix.n + name.n];
	return classes[next] & ENDS_NAME && next != '=';
}

static struct span raw_name(enum html_element element)
{
	static const struct span names[HTML_ELEMENTS] = {
		[HTML_ELEMENT_IFRAME] = SPAN_INIT("iframe"),     [HTML_ELEMENT_NOEMBED] = SPAN_INIT("noembed"),
		[HTML_ELEMENT_NOFRAMES] = SPAN_INIT("noframes"), [HTML_ELEMENT_SCRIPT] = SPAN_INIT("script"),
		[HTML_ELEMENT_STYLE] = SPAN_INIT("style"),       [HTML_ELEMENT_TEXTAREA] = SPAN_INIT("textarea"),
		[HTML_ELEMENT_TITLE] = SPAN_INIT("title"),       [HTML_ELEMENT_XMP] = SPAN_INIT("xmp"),
	};
	return names[element];
}

/* Where a script ends: "<!--" followed by "<script" hides one "</script" (13.2.5.18-31). */
static const uint8_t *find_script_end(const uint8_t *p, const uint8_t *end)
{
	enum { PLAIN, ESCAPED, DOUBLE } state = PLAIN;
	const uint8_t *dashes_from = p; /* the "--" of "-->" must not begin before this */
	for (; p < end; p++) {
		if (*p == '>' && state != PLAIN && p - dashes_from >= 2 && p[-1] == '-' && p[-2] == '-') {
			state = PLAIN;
		} else if (*p == '<') {
			if (begins_with(p, end, SPAN("</"), SPAN("script"))) {
				if (state != DOUBLE)
					return p;
				state = ESCAPED;
			} else if (state == PLAIN && span_starts(cut(p, end), SPAN("<!--"))) {
				state = ESCAPED;
				dashes_from = p + 2; /* "<!-->" ends at once */
			} else if (state == ESCAPED && begins_with(p, end, SPAN("<"), SPAN("script"))) {
				state = DOUBLE;
			}
		}
	}
	return end;
}

static const uint8_t *find_raw_end(enum html_element element, const uint8_t *p, const uint8_t *end)
{
	struct span name = raw_name(element);
	if (element == HTML_ELEMENT_SCRIPT)
		return find_script_end(p, end);
	while (name.n && p < end && (p = memchr(p, '<', (size_t)(end - p))) != NULL) {
		if (begins_with(p, end, SPAN("</"), name))
			return p;
		p++;
	}
	return end; /* <plaintext> has no end */
}

static const uint8_t *find_text_end(const uint8_t *p, const uint8_t *end)
{
	while (p < end) {
		p = memchr(p, '<', (size_t)(end - p));
		if (!p)
			return end;
		if (begins_markup(p, end))
			return p;
		p++;
	}
	return end;
}

bool html_tokenizer_next(struct html_tokenizer *t, struct html_token *token)
{
	const uint8_t *begin = t->source.p + t->at, *end = t->source.p + t->source.n, *p;
	if (t->at >= t->source.n)
		return false;
	token->from = (uint32_t)t->at;
	token->element = t->inside;
	token->raw = (html_element_flags[t->inside] & HTML_RAW_TEXT) != 0;
	if (t->inside) {
		p = find_raw_end(t->inside, begin, end);
		t->inside = HTML_ELEMENT_UNKNOWN;
	} else {
		p = *begin == '<' && begins_markup(begin, end) ? begin : find_text_end(begin, end);
	}
	if (p > begin) {
		token->kind = HTML_TOKEN_TEXT;
		token->text = cut(begin, p);
	} else {
		token->element = HTML_ELEMENT_UNKNOWN;
		bool tag = ascii_is_alpha(begin[1]) || (begin[1] == '/' && end - begin > 2 && ascii_is_alpha(begin[2]));
		p = tag ? read_tag(begin, end, token) : read_declaration(begin, end, token);
		if (!p) { /* the source ends within the tag */
			t->at = t->source.n;
			return false;
		}
		if (token->kind == HTML_TOKEN_START && html_element_flags[token->element] & (HTML_RAW_TEXT | HTML_TITLE_TEXT))
			t->inside = token->element;
	}
	t->at = token->to = (uint32_t)(p - t->source.p);
	return true;
}
