/* message/parameter.c - see parameter.h
 *
 * A field is read by the grammar of RFC 2045 with the tolerance that programs have; when it holds a comment, a backslash or an open quote
 * it is read once more by the naive grammar of programs that know neither. Pieces of RFC 2231 are put together at the end
 * (parameter_2231.c). */
#include "message/parameter.h"
#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/encoded_word.h"
#include "message/parameter_reader.h"

enum grammar { GRAMMAR_RFC, GRAMMAR_NAIVE };

/* A name=value pair as it stands. */
struct pair {
	struct span name, value; /* value: inside the quotes, or trimmed up to the next ';' */
	struct span tail;        /* what stands directly behind a closing quote */
	bool quoted, open;       /* open: the quote is never closed */
};

/* The offset after the comment that begins at at; comments nest, backslash quotes (RFC 5322 3.2.2). One that is never closed is no comment,
 * and then nothing behind it is looked at as one either (*comments_end becomes 0): a row of "(" must not be read again and again. */
static size_t after_comment(struct span s, size_t at, size_t *comments_end)
{
	unsigned depth = 0;
	for (size_t i = at; i < s.n; i++) {
		if (s.p[i] == '\\') {
			i++;
		} else if (s.p[i] == '(') {
			depth++;
		} else if (s.p[i] == ')' && --depth == 0) {
			return i + 1;
		}
	}
	*comments_end = 0;
	return at + 1;
}

static void skip_blanks(struct parameter_reader *r, enum grammar grammar)
{
	while (r->at < r->s.n)
		if (ascii_is_space(r->s.p[r->at]))
			r->at++;
		else if (grammar == GRAMMAR_RFC && r->s.p[r->at] == '(' && r->at < r->comments_end)
			r->at = after_comment(r->s, r->at, &r->comments_end);
		else
			break;
}

/* What stands before the first ';', without comments and blanks. */
static struct span read_value(struct parameter_reader *r)
{
	uint8_t *out = arena_alloc(r->arena, r->s.n);
	size_t n = 0;
	bool blank = false;
	for (; r->at < r->s.n && r->s.p[r->at] != ';' && r->s.p[r->at] != '='; r->at++) {
		uint8_t c = r->s.p[r->at];
		if (c == '(' && r->at < r->comments_end) {
			r->at = after_comment(r->s, r->at, &r->comments_end) - 1;
		} else if (ascii_is_space(c) || c == '"') {
			blank = n > 0;
		} else if (blank && c != '/' && out[n - 1] != '/') {
			return span_of(out, n); /* "text/html charset=utf-8": what follows the blank is a parameter */
		} else {
			blank = false;
			out[n++] = ascii_lower(c);
		}
	}
	return span_of(out, n);
}

static void read_quoted(struct parameter_reader *r, enum grammar grammar, struct pair *pair)
{
	size_t begin = ++r->at;
	while (r->at < r->s.n && r->s.p[r->at] != '"')
		r->at += grammar == GRAMMAR_RFC && r->s.p[r->at] == '\\' ? 2 : 1;
	pair->open = r->at >= r->s.n;
	if (pair->open && grammar == GRAMMAR_NAIVE) {
		size_t end = span_find_byte(r->s, ';', begin);
		r->at = end == SPAN_NPOS ? r->s.n : end;
	}
	if (r->at > r->s.n)
		r->at = r->s.n;
	pair->quoted = true;
	pair->value = span_slice(r->s, begin, r->at);
	if (pair->open)
		return;
	begin = ++r->at;
	while (r->at < r->s.n && r->s.p[r->at] != ';' && !ascii_is_space(r->s.p[r->at]))
		r->at++;
	pair->tail = span_slice(r->s, begin, r->at);
}

static void read_token(struct parameter_reader *r, enum grammar grammar, struct pair *pair)
{
	size_t begin = r->at;
	while (r->at < r->s.n && r->s.p[r->at] != ';')
		if (grammar == GRAMMAR_RFC && r->s.p[r->at] == '\\')
			r->at += 2;
		else if (grammar == GRAMMAR_RFC && r->s.p[r->at] == '(' && r->at < r->comments_end)
			r->at = after_comment(r->s, r->at, &r->comments_end);
		else
			r->at++;
	if (r->at > r->s.n)
		r->at = r->s.n;
	pair->value = span_trim(span_slice(r->s, begin, r->at));
}

static bool read_pair(struct parameter_reader *r, enum grammar grammar, struct pair *ret)
{
	memset(ret, 0, sizeof *ret);
	for (skip_blanks(r, grammar); span_at(r->s, r->at) == ';'; skip_blanks(r, grammar))
		r->at++;
	if (r->at >= r->s.n)
		return false;
	size_t begin = r->at;
	while (r->at < r->s.n && r->s.p[r->at] != '=' && r->s.p[r->at] != ';')
		r->at++;
	ret->name = span_slice(r->s, begin, r->at);
	size_t comment = grammar == GRAMMAR_RFC ? span_find_byte(ret->name, '(', 0) : SPAN_NPOS;
	if (comment != SPAN_NPOS)
		ret->name.n = comment;
	ret->name = span_trim(ret->name);
	ret->value = span_of("", 0);
	if (r->at >= r->s.n || r->s.p[r->at] == ';')
		return true;
	r->at++;
	skip_blanks(r, grammar);
	if (span_at(r->s, r->at) == '"')
		read_quoted(r, grammar, ret);
	else
		read_token(r, grammar, ret);
	return true;
}

void parameter_add(struct parameter_reader *r, struct span name, struct span value, enum parameter_reading reading)
{
	struct field_value *all = r->value;
	for (uint32_t i = 0; i < all->parameters.n; i++)
		if (span_eq(all->parameters.v[i].name, name) && span_eq(all->parameters.v[i].value, value))
			return;
	if (all->parameters.n >= LIMIT_PARAMETERS) {
		r->cut = true;
		return;
	}
	struct place at = r->place;
	if (span_within(r->message, value)) {
		at.from = (uint32_t)(value.p - r->message.p);
		at.to = at.from + (uint32_t)value.n;
	}
	*(struct parameter *)vec_push(r->arena, &all->parameters) =
	    (struct parameter){ .name = name, .value = value, .reading = reading, .at = at };
}

static bool has(const struct field_value *all, struct span name) { return field_value_get(all, name).p != NULL; }

static struct span as_utf8(struct span bytes, struct arena *arena)
{
	enum charset_fact fact;
	struct span used;
	return utf8_valid(bytes) ? bytes : charset_to_utf8(bytes, SPAN("windows-1252"), arena, &fact, &used);
}

/* Without the backslashes that quote, or without comments. */
static struct span stripped(struct span s, bool comments, struct arena *arena)
{
	if (span_find_byte(s, comments ? '(' : '\\', 0) == SPAN_NPOS)
		return s;
	uint8_t *out = arena_alloc(arena, s.n);
	size_t n = 0, last_close = comments ? span_rfind_byte(s, ')') : 0;
	for (size_t i = 0; i < s.n;) {
		if (comments && s.p[i] == '(' && i < last_close) {
			i = after_comment(s, i, &last_close);
			continue;
		}
		if (!comments && s.p[i] == '\\' && i + 1 < s.n)
			i++;
		out[n++] = s.p[i++];
	}
	return span_trim(span_of(out, n));
}

/* Up to the first character that RFC 2045 5.1 allows in no token. */
static struct span token(struct span s)
{
	size_t n = 0;
	while (n < s.n && s.p[n] > ' ' && s.p[n] != 0x7f && !memchr("()<>@,;:\\\"/[]?=", s.p[n], 15))
		n++;
	return span_first(s, n);
}

static bool is_name(struct span name) { return span_eq(name, SPAN("name")) || span_eq(name, SPAN("filename")); }

/* An unquoted value. File names are shown whole, blanks and all; of anything else programs take the first token. */
static void add_token(struct parameter_reader *r, struct span name, struct span value)
{
	struct span plain = as_utf8(stripped(value, false, r->arena), r->arena), first = token(value);
	bool one = first.n == value.n || value.n == 0;
	first = as_utf8(first, r->arena);
	if (!one && !is_name(name) && first.n)
		parameter_add(r, name, first, PARAMETER_PLAIN);
	parameter_add(r, name, plain, one || is_name(name) ? PARAMETER_PLAIN : PARAMETER_LENIENT);
	if (one)
		return;
	parameter_add(r, name, stripped(plain, true, r->arena), PARAMETER_LENIENT);
	if (value.n > 2 && value.p[0] == '\'' && value.p[value.n - 1] == '\'')
		parameter_add(r, name, span_slice(plain, 1, plain.n - 1), PARAMETER_LENIENT);
	else if (first.n)
		parameter_add(r, name, first, PARAMETER_LENIENT);
}

static void add_quoted(struct parameter_reader *r, struct span name, const struct pair *pair)
{
	struct span plain = as_utf8(stripped(pair->value, false, r->arena), r->arena);
	parameter_add(r, name, plain, PARAMETER_PLAIN);
	if (plain.p != pair->value.p && is_name(name))
		parameter_add(r, name, as_utf8(pair->value, r->arena), PARAMETER_LENIENT);
	if (pair->tail.n) {
		struct span tail = as_utf8(pair->tail, r->arena);
		parameter_add(r, name, arena_printf(r->arena, "%.*s%.*s", SPAN_ARG(plain), SPAN_ARG(tail)), PARAMETER_LENIENT);
	}
}

static void note(struct parameter_reader *r, enum anomaly_kind kind) { anomaly_add(r->anomalies, r->arena, kind, r->place); }

/* All readings of one pair. */
static void take_pair(struct parameter_reader *r, const struct pair *pair, enum grammar grammar)
{
	struct span name = arena_lower(r->arena, pair->name);
	if (span_find_byte(name, '*', 0) != SPAN_NPOS) {
		parameter_2231_piece(r, name, pair->value);
		return;
	}
	if (grammar == GRAMMAR_RFC) {
		if (pair->open || pair->tail.n || name.n == 0)
			note(r, ANOMALY_PARAMETER_BAD);
		if (has(r->value, name))
			note(r, ANOMALY_PARAMETER_DUPLICATE);
	}
	if (span_has(pair->value, SPAN("=?"))) {
		struct span decoded = encoded_words_decode(pair->value, r->arena, r->anomalies, r->place);
		if (!span_eq(decoded, pair->value))
			parameter_add(r, name, decoded, PARAMETER_ENCODED_WORD);
	}
	if (pair->quoted)
		add_quoted(r, name, pair);
	else
		add_token(r, name, pair->value);
}

/* Reads all pairs from offset from by one grammar. */
static void read_pairs(struct parameter_reader *r, size_t from, enum grammar grammar)
{
	struct pair pair;
	r->at = from;
	r->n_pieces = 0;
	unsigned n = 0;
	while (n++ < LIMIT_PARAMETERS && read_pair(r, grammar, &pair))
		take_pair(r, &pair, grammar);
	r->cut |= n > LIMIT_PARAMETERS && read_pair(r, grammar, &pair);
	parameter_2231_join(r);
}

/* Do programs that know neither comments nor escapes read this otherwise? */
static bool naive_differs(struct span s)
{
	if (span_find_byte(s, '(', 0) != SPAN_NPOS || span_find_byte(s, '\\', 0) != SPAN_NPOS)
		return true;
	size_t quotes = 0;
	for (size_t at = 0; (at = span_find_byte(s, '"', at)) != SPAN_NPOS; at++)
		quotes++;
	return quotes & 1;
}

void field_value_parse(struct span message, const struct header *header, struct arena *arena, struct anomalies *anomalies,
		       struct field_value *ret_value)
{
	memset(ret_value, 0, sizeof *ret_value);
	struct parameter_reader r = {
		.message = message,
		.s = header_unfolded(header, arena),
		.arena = arena,
		.anomalies = anomalies,
		.place = header_place(message, header),
		.value = ret_value,
	};
	size_t last_close = span_rfind_byte(r.s, ')');
	r.comments_end = last_close == SPAN_NPOS ? 0 : last_close;
	ret_value->value = read_value(&r);
	if (r.at < r.s.n && r.s.p[r.at] == '=') { /* "charset=utf-8" without a type */
		r.at = 0;
		ret_value->value = span_of("", 0);
	}
	size_t from = r.at;
	read_pairs(&r, from, GRAMMAR_RFC);
	if (from < r.s.n && naive_differs(span_skip(r.s, from)))
		read_pairs(&r, from, GRAMMAR_NAIVE);
	if (r.cut)
		note(&r, ANOMALY_PARAMETER_LIMIT);
}

struct span field_value_get(const struct field_value *value, struct span name)
{
	for (uint32_t i = 0; i < value->parameters.n; i++)
		if (span_eq(value->parameters.v[i].name, name))
			return value->parameters.v[i].value;
	return span_none;
}
