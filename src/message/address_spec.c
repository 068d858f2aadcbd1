/* message/address_spec.c - is this an addr-spec? The grammar of RFC 5322 3.4.1 with its obsolete forms (4.4); declared in address.h
 *
 * One function a production; each returns where it ended, or NO when the text is not of that form. */
#include "base/ascii.h"
#include "message/address.h"

#define NO SPAN_NPOS

static bool is_atext(int c) { return ascii_is_alnum(c) || (c > 0 && c < 0x80 && strchr("!#$%&'*+-/=?^_`{|}~", c)); }

/* obs-NO-WS-CTL: controls that are not white space. */
static bool is_odd_control(int c) { return (c >= 1 && c <= 8) || c == 11 || c == 12 || (c >= 14 && c <= 31) || c == 127; }

static bool is_blank(int c) { return c == ' ' || c == '\t'; }

/* FWS: blanks, and line ends that blanks follow; two line ends in a row are none. */
static size_t fws(struct span s, size_t at)
{
	for (;;) {
		if (is_blank(span_at(s, at)))
			at++;
		else if (span_at(s, at) == '\r' && span_at(s, at + 1) == '\n' && is_blank(span_at(s, at + 2)))
			at += 3;
		else
			return at;
	}
}

static size_t quoted_pair(struct span s, size_t at)
{
	int c = span_at(s, at + 1);
	return c >= 0 && c < 0x80 ? at + 2 : NO;
}

/* From the '(' to behind its ')': comments nest. */
static size_t comment(struct span s, size_t at)
{
	size_t depth = 0;
	while (at < s.n) {
		int c = s.p[at];
		size_t next = fws(s, at);
		if (next > at) {
			at = next;
			continue;
		}
		if (c == '\\') {
			if ((at = quoted_pair(s, at)) == NO)
				return NO;
			continue;
		}
		if (!ascii_is_print(c) && !is_odd_control(c))
			return NO;
		at++;
		if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0)
			return at;
	}
	return NO;
}

static size_t cfws(struct span s, size_t at)
{
	for (;;) {
		at = fws(s, at);
		if (span_at(s, at) != '(')
			return at;
		if ((at = comment(s, at)) == NO)
			return NO;
	}
}

static size_t quoted_string(struct span s, size_t at)
{
	for (at++; at < s.n;) {
		int c = s.p[at];
		size_t next = fws(s, at);
		if (c == '"')
			return at + 1;
		if (next > at)
			at = next;
		else if (c == '\\')
			at = quoted_pair(s, at);
		else if (ascii_is_print(c) || is_odd_control(c))
			at++;
		else
			return NO;
	}
	return NO;
}

static size_t atom(struct span s, size_t at)
{
	size_t from = at;
	while (is_atext(span_at(s, at)))
		at++;
	return at > from ? at : NO;
}

/* A label of a host name neither begins nor ends with a hyphen (RFC 1123 2.1). */
static size_t label(struct span s, size_t at)
{
	size_t end = atom(s, at);
	return end == NO || s.p[at] == '-' || s.p[end - 1] == '-' ? NO : end;
}

static size_t domain_literal(struct span s, size_t at)
{
	for (at++; at < s.n;) {
		int c = s.p[at];
		size_t next = fws(s, at);
		if (c == ']')
			return at + 1;
		if (next > at)
			at = next;
		else if (c == '\\')
			at = quoted_pair(s, at);
		else if ((ascii_is_print(c) && c != '[') || is_odd_control(c))
			at++;
		else
			return NO;
	}
	return NO;
}

typedef size_t production(struct span s, size_t at);

static size_t word(struct span s, size_t at) { return span_at(s, at) == '"' ? quoted_string(s, at) : atom(s, at); }

/* one *("." one), with comments and blanks around each. */
static size_t dotted(struct span s, size_t at, production *one)
{
	for (;;) {
		if ((at = cfws(s, at)) == NO || (at = one(s, at)) == NO || (at = cfws(s, at)) == NO || span_at(s, at) != '.')
			return at;
		at++;
	}
}

static size_t domain(struct span s, size_t at)
{
	size_t from = cfws(s, at);
	if (from == NO || span_at(s, from) != '[')
		return dotted(s, at, label);
	from = domain_literal(s, from);
	return from == NO ? NO : cfws(s, from);
}

bool address_spec_valid(struct span text)
{
	size_t at = dotted(text, 0, word);
	return at != NO && span_at(text, at) == '@' && domain(text, at + 1) == text.n;
}
