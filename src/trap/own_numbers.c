/* trap/own_numbers.c - IPv4 addresses written in decimal or octal numbers; see own_address.h */
#include "base/ascii.h"
#include "trap/own_parts.h"

enum { GAP_BYTES = 7 }; /* " [dot] " */

struct number {
	uint64_t value, octal, mirrored; /* mirrored: its digits backwards */
	uint32_t digits;
	bool leading_zero, octal_digits;
	size_t from, to;
};

static size_t read_number(struct span s, size_t from, struct number *ret)
{
	struct number n = { .from = from, .octal_digits = true, .leading_zero = s.p[from] == '0' };
	uint64_t power = 1;
	size_t i = from;
	for (; i < s.n && ascii_is_digit(s.p[i]); i++) {
		uint64_t digit = s.p[i] - '0';
		if (i - from < 18) {
			n.value = n.value * 10 + digit;
			n.octal = n.octal * 8 + digit;
			n.mirrored += digit * power;
			power *= 10;
		}
		n.octal_digits &= digit < 8;
	}
	n.to = i;
	n.digits = i - from > 255 ? 255 : (uint32_t)(i - from);
	*ret = n;
	return i;
}

/* "dot" or signs, no letters or digits else: "192 dot 0 dot 2 dot 1", "192[.]0[.]2[.]1". */
static bool is_gap(struct span gap)
{
	if (gap.n == 0 || gap.n > GAP_BYTES)
		return false;
	size_t letters = 0, first = 0;
	for (size_t i = 0; i < gap.n; i++) {
		if (ascii_is_digit(gap.p[i]) || gap.p[i] >= 0x80)
			return false;
		if (ascii_is_alpha(gap.p[i])) {
			first = letters ? first : i;
			letters++;
		}
	}
	return letters == 0 ? gap.n <= 3 : letters == 3 && span_ieq(span_slice(gap, first, first + 3), SPAN("dot"));
}

static enum own_spelling gap_spelling(struct span bytes, const struct number *n, struct span gap)
{
	bool bracketed = (span_at(bytes, n[0].from - 1) == '[' && span_at(bytes, n[3].to) == ']') || span_has(gap, SPAN("]"));
	if (bracketed)
		return OWN_BRACKETED;
	if (gap.n == 1)
		return gap.p[0] == '.' ? OWN_DOTTED : gap.p[0] == '-' ? OWN_DASHED : gap.p[0] == '_' ? OWN_UNDERSCORED : OWN_PARTED;
	return OWN_PARTED;
}

static bool try_v4(struct own_search *s, uint64_t a, uint64_t b, uint64_t c, uint64_t d, enum own_spelling spelling, const struct number *n)
{
	if (a > 255 || b > 255 || c > 255 || d > 255)
		return false;
	const struct own_slot *slot = own_map_find(&s->set->v4, own_octets(a, b, c, d));
	if (!slot)
		return false;
	own_search_found(s, slot->which, spelling, n[0].from, n[3].to);
	return true;
}

/* A number with a zero before it is octal to inet_aton(3), others of the same address may be decimal. */
static uint64_t octet(const struct number *n) { return n->leading_zero && n->digits > 1 && n->octal_digits ? n->octal : n->value; }

/* "198.51. 100.7": a blank may be what is left of a line's end. */
static bool same_gap(struct span a, struct span b)
{
	struct span bare = span_trim(a);
	return span_eq(a, b) || (bare.n && span_eq(bare, span_trim(b)));
}

static void four_numbers(struct own_search *s, const struct number *n)
{
	struct span bytes = s->text.bytes, gap = span_slice(bytes, n[0].to, n[1].from);
	bool padded = false, zero = false, three = true;
	for (unsigned i = 0; i < 4; i++) {
		if (n[i].digits > 4)
			return;
		zero |= n[i].leading_zero && n[i].digits > 1;
		padded |= n[i].leading_zero && n[i].digits == 3;
		three &= n[i].digits <= 3;
	}
	if (!same_gap(gap, span_slice(bytes, n[1].to, n[2].from)) || !same_gap(gap, span_slice(bytes, n[2].to, n[3].from)))
		return;
	if (three) {
		enum own_spelling as = padded ? OWN_PADDED : gap_spelling(bytes, n, gap);
		if (try_v4(s, n[0].value, n[1].value, n[2].value, n[3].value, as, n) ||
		    try_v4(s, n[3].value, n[2].value, n[1].value, n[0].value, OWN_REVERSED, n) ||
		    try_v4(s, n[3].mirrored, n[2].mirrored, n[1].mirrored, n[0].mirrored, OWN_BACKWARDS, n))
			return;
	}
	if (zero && !try_v4(s, octet(n), octet(n + 1), octet(n + 2), octet(n + 3), OWN_OCTAL, n))
		try_v4(s, octet(n + 3), octet(n + 2), octet(n + 1), octet(n), OWN_OCTAL, n);
}

static void one_number(struct own_search *s, const struct number *n)
{
	const struct own_slot *slot = n->digits <= 15 ? own_map_find(&s->set->numbers, n->value) : NULL;
	if (slot && (slot->digits == 0 || slot->digits == n->digits))
		own_search_found(s, slot->which, slot->spelling, n->from, n->to);
	if (n->leading_zero && n->octal_digits && n->digits <= 13 && n->octal <= UINT32_MAX) {
		slot = own_map_find(&s->set->v4, n->octal);
		if (slot)
			own_search_found(s, slot->which, OWN_OCTAL, n->from, n->to);
	}
}

/* "192000-002001": the padded number in two halves. */
static void two_halves(struct own_search *s, const struct number *a, const struct number *b)
{
	if (a->digits != 6 || b->digits != 6 || b->from - a->to != 1)
		return;
	const struct own_slot *slot = own_map_find(&s->set->numbers, a->value * 1000000 + b->value);
	if (slot && slot->digits == 12)
		own_search_found(s, slot->which, slot->spelling, a->from, b->to);
}

void own_numbers_scan(struct own_search *s)
{
	struct span bytes = s->text.bytes;
	struct number last[4] = { 0 };
	unsigned n = 0;
	for (size_t i = 0; i < bytes.n;) {
		if (!ascii_is_digit(bytes.p[i])) {
			i++;
			continue;
		}
		struct number now;
		i = read_number(bytes, i, &now);
		if (now.digits >= 7)
			one_number(s, &now);
		if (n > 0 && !is_gap(span_slice(bytes, last[n - 1].to, now.from)))
			n = 0;
		if (n > 0)
			two_halves(s, &last[n - 1], &now);
		if (n == 4) {
			memmove(last, last + 1, 3 * sizeof *last);
			n = 3;
		}
		last[n++] = now;
		if (n == 4)
			four_numbers(s, last);
	}
}
