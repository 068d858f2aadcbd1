/* message/parameter.c - see parameter.h */
#include "message/parameter.h"
#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/encoded_word.h"

/* A name=value pair as it stands, before pieces are joined. */
struct pair {
	struct span name, value;
	bool quoted;
};

struct reader {
	struct span s; /* unfolded */
	size_t at;
	struct arena *arena;
	struct anomalies *anomalies;
	struct place place;
};

/* The offset after the comment that begins at at; comments nest, backslash quotes. */
static size_t after_comment(struct span s, size_t at)
{
	unsigned depth = 0;
	for (; at < s.n; at++) {
		if (s.p[at] == '\\') {
			at++;
		} else if (s.p[at] == '(') {
			depth++;
		} else if (s.p[at] == ')' && --depth == 0) {
			return at + 1;
		}
	}
	return s.n;
}

static void skip_blanks_and_comments(struct reader *r)
{
	while (r->at < r->s.n)
		if (ascii_is_space(r->s.p[r->at]))
			r->at++;
		else if (r->s.p[r->at] == '(')
			r->at = after_comment(r->s, r->at);
		else
			break;
}

/* What stands before the first ';', without comments and blanks. */
static struct span read_value(struct reader *r)
{
	uint8_t *out = arena_alloc(r->arena, r->s.n);
	size_t n = 0;
	while (r->at < r->s.n && r->s.p[r->at] != ';') {
		uint8_t c = r->s.p[r->at];
		if (c == '(') {
			r->at = after_comment(r->s, r->at);
			continue;
		}
		if (!ascii_is_space(c) && c != '"')
			out[n++] = ascii_lower(c);
		else if (n && c != '"')
			/* "text/html charset=utf-8": the type ends at the blank */
			break;
		r->at++;
	}
	return span_of(out, n);
}

static struct span read_quoted(struct reader *r)
{
	size_t begin = ++r->at;
	bool escaped = false;
	while (r->at < r->s.n && r->s.p[r->at] != '"') {
		if (r->s.p[r->at] == '\\') {
			escaped = true;
			r->at++;
		}
		r->at++;
	}
	if (r->at > r->s.n)
		r->at = r->s.n;
	struct span inner = span_slice(r->s, begin, r->at);
	if (r->at < r->s.n)
		r->at++;
	if (!escaped)
		return inner;
	uint8_t *out = arena_alloc(r->arena, inner.n);
	size_t n = 0;
	for (size_t i = 0; i < inner.n; i++) {
		if (inner.p[i] == '\\' && i + 1 < inner.n)
			i++;
		out[n++] = inner.p[i];
	}
	return span_of(out, n);
}

static bool read_pair(struct reader *r, struct pair *ret)
{
	for (;;) {
		skip_blanks_and_comments(r);
		if (r->at >= r->s.n)
			return false;
		if (r->s.p[r->at] != ';')
			break;
		r->at++;
	}
	size_t begin = r->at;
	while (r->at < r->s.n && r->s.p[r->at] != '=' && r->s.p[r->at] != ';')
		r->at++;
	ret->name = span_trim(span_slice(r->s, begin, r->at));
	ret->value = span_of("", 0);
	ret->quoted = false;
	if (r->at >= r->s.n || r->s.p[r->at] == ';')
		return true;
	r->at++;
	skip_blanks_and_comments(r);
	if (span_at(r->s, r->at) == '"') {
		ret->quoted = true;
		ret->value = read_quoted(r);
		while (r->at < r->s.n && r->s.p[r->at] != ';')
			r->at++;
		return true;
	}
	begin = r->at;
	while (r->at < r->s.n && r->s.p[r->at] != ';')
		r->at++;
	ret->value = span_trim(span_slice(r->s, begin, r->at));
	return true;
}

static struct span lower(struct span s, struct arena *arena)
{
	uint8_t *out = arena_alloc(arena, s.n);
	for (size_t i = 0; i < s.n; i++)
		out[i] = ascii_lower(s.p[i]);
	return span_of(out, s.n);
}

static struct span as_utf8(struct span bytes, struct span charset, struct arena *arena)
{
	enum charset_fact fact;
	struct span name;
	return charset_to_utf8(bytes, charset, arena, &fact, &name);
}

static struct span percent_decode(struct span s, struct arena *arena)
{
	uint8_t *out = arena_alloc(arena, s.n);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int high = ascii_hex(span_at(s, i + 1)), low = ascii_hex(span_at(s, i + 2));
		if (s.p[i] == '%' && (high | low) >= 0) {
			out[n++] = (uint8_t)(high << 4 | low);
			i += 2;
		} else {
			out[n++] = s.p[i];
		}
	}
	return span_of(out, n);
}

static void add(struct reader *r, struct field_value *value, struct span name, struct span text, enum parameter_reading reading)
{
	if (value->parameters.n >= LIMIT_PARAMETERS)
		return;
	*(struct parameter *)vec_push(r->arena, &value->parameters) =
		(struct parameter){ .name = name, .value = text, .reading = reading, .at = r->place };
}

/* charset'language'text of RFC 2231 4. */
static struct span extended(struct reader *r, struct span value)
{
	size_t one = span_find_byte(value, '\'', 0), two = one == SPAN_NPOS ? one : span_find_byte(value, '\'', one + 1);
	if (two == SPAN_NPOS)
		return as_utf8(percent_decode(value, r->arena), span_none, r->arena);
	return as_utf8(percent_decode(span_skip(value, two + 1), r->arena), span_first(value, one), r->arena);
}

static void keep(struct reader *r, struct field_value *value, const struct pair *pair)
{
	size_t star = span_find_byte(pair->name, '*', 0);
	struct span name = lower(span_first(pair->name, star == SPAN_NPOS ? pair->name.n : star), r->arena);
	if (star != SPAN_NPOS) {
		add(r, value, name, extended(r, pair->value), PARAMETER_RFC2231);
		return;
	}
	if (span_has(pair->value, SPAN("=?"))) {
		struct span decoded = encoded_words_decode(pair->value, r->arena, r->anomalies, r->place);
		if (!span_eq(decoded, pair->value))
			add(r, value, name, decoded, PARAMETER_ENCODED_WORD);
	}
	add(r, value, name, utf8_valid(pair->value) ? pair->value : as_utf8(pair->value, SPAN("windows-1252"), r->arena), PARAMETER_PLAIN);
}

void field_value_parse(struct span message, const struct header *header, struct arena *arena, struct anomalies *anomalies,
		       struct field_value *ret_value)
{
	struct reader r = { .s = header_unfolded(header, arena), .arena = arena, .anomalies = anomalies, .place = header_place(message, header) };
	memset(ret_value, 0, sizeof *ret_value);
	ret_value->value = read_value(&r);
	struct pair pair;
	while (ret_value->parameters.n < LIMIT_PARAMETERS && read_pair(&r, &pair))
		keep(&r, ret_value, &pair);
}

struct span field_value_get(const struct field_value *value, struct span name)
{
	for (uint32_t i = 0; i < value->parameters.n; i++)
		if (span_eq(value->parameters.v[i].name, name))
			return value->parameters.v[i].value;
	return span_none;
}
