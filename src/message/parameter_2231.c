/* message/parameter_2231.c - parameters in pieces, with charset and percent signs (RFC 2231); declared in parameter_reader.h. */
#include "base/ascii.h"
#include "message/charset.h"
#include "message/encoded_word.h"
#include "message/parameter_reader.h"

#include <stdlib.h>

void parameter_2231_piece(struct parameter_reader *r, struct span name, struct span value)
{
	if (r->n_pieces >= LIMIT_PARAMETERS) {
		r->cut = true;
		return;
	}
	if (!r->pieces)
		r->pieces = arena_alloc(r->arena, LIMIT_PARAMETERS * sizeof *r->pieces);
	size_t star = span_find_byte(name, '*', 0);
	struct span rest = span_skip(name, star + 1);
	struct parameter_piece *piece = &r->pieces[r->n_pieces];
	*piece = (struct parameter_piece){ .name = span_first(name, star), .order = r->n_pieces, .value = value };
	if (rest.n == 0)
		piece->extended = true; /* name*= */
	if (rest.n && rest.p[rest.n - 1] == '*') {
		piece->extended = true;
		rest.n--;
	}
	uint64_t number = 0;
	if (rest.n && !span_to_uint(rest, 9999, &number))
		return;
	piece->number = (uint32_t)number;
	r->n_pieces++;
}

static int by_name_and_number(const void *a, const void *b)
{
	const struct parameter_piece *x = a, *y = b;
	int names = span_icmp(x->name, y->name);
	if (names)
		return names;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static size_t percent_decode(struct span s, uint8_t *out)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int high = s.p[i] == '%' ? ascii_hex(span_at(s, i + 1)) : -1, low = s.p[i] == '%' ? ascii_hex(span_at(s, i + 2)) : -1;
		if (high >= 0 && low >= 0) {
			out[n++] = (uint8_t)(high << 4 | low);
			i += 2;
		} else {
			out[n++] = s.p[i];
		}
	}
	return n;
}

/* charset'language'text: takes the first two off. */
static struct span take_charset(struct span *text)
{
	size_t one = span_find_byte(*text, '\'', 0), two = one == SPAN_NPOS ? one : span_find_byte(*text, '\'', one + 1);
	if (two == SPAN_NPOS)
		return span_none;
	struct span charset = span_first(*text, one);
	*text = span_skip(*text, two + 1);
	return charset.n ? charset : span_none;
}

/* The pieces [from, to) are one name's, in order: their values together. Gaps are passed over, of two with one number the first counts. */
static struct span join(struct parameter_reader *r, uint32_t from, uint32_t to)
{
	size_t room = 0, n = 0;
	for (uint32_t i = from; i < to; i++)
		room += r->pieces[i].value.n;
	uint8_t *out = arena_alloc(r->arena, room);
	struct span charset = span_none;
	for (uint32_t i = from; i < to; i++) {
		struct parameter_piece *piece = &r->pieces[i];
		if (i > from && piece->number == r->pieces[i - 1].number)
			continue;
		if (i == from && piece->extended)
			charset = take_charset(&piece->value);
		if (piece->extended) {
			n += percent_decode(piece->value, out + n);
		} else {
			memcpy(out + n, piece->value.p, piece->value.n);
			n += piece->value.n;
		}
	}
	enum charset_fact fact;
	struct span used, text = charset_to_utf8(span_of(out, n), charset, r->arena, &fact, &used);
	return span_has(text, SPAN("=?")) ? encoded_words_decode(text, r->arena, r->anomalies, r->place) : text;
}

/* Most programs prefer it to name=value: it is put before the first reading of its name. */
static void add_first(struct parameter_reader *r, struct span name, struct span text)
{
	uint32_t before = r->value->parameters.n;
	parameter_add(r, name, text, PARAMETER_RFC2231);
	if (r->value->parameters.n == before)
		return;
	struct parameter *v = r->value->parameters.v, mine = v[before];
	for (uint32_t i = 0; i < before; i++)
		if (span_eq(v[i].name, name)) {
			memmove(&v[i + 1], &v[i], (before - i) * sizeof *v);
			v[i] = mine;
			return;
		}
}

void parameter_2231_join(struct parameter_reader *r)
{
	if (r->n_pieces == 0)
		return;
	qsort(r->pieces, r->n_pieces, sizeof *r->pieces, by_name_and_number);
	for (uint32_t from = 0, to; from < r->n_pieces; from = to) {
		for (to = from + 1; to < r->n_pieces && span_ieq(r->pieces[to].name, r->pieces[from].name); to++)
			;
		add_first(r, r->pieces[from].name, join(r, from, to));
	}
}
