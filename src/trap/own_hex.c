/* trap/own_hex.c - addresses written in hex: eight digits in a run, pairs with signs between, and IPv6; see own_address.h */
#include "base/ascii.h"
#include "trap/own_parts.h"

/* Of each byte: 1 to 16 for a hex digit, OTHER for the letters left, SIGN for all else. */
enum { SIGN = 0, O = 17, OTHER = O };
static const uint8_t classes[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['A'] = 11,
	['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['g'] = O,  ['h'] = O,  ['i'] = O,  ['j'] = O,  ['k'] = O,  ['l'] = O,  ['m'] = O,  ['n'] = O,  ['o'] = O,  ['p'] = O,  ['q'] = O,
	['r'] = O,  ['s'] = O,  ['t'] = O,  ['u'] = O,  ['v'] = O,  ['w'] = O,  ['x'] = O,  ['y'] = O,  ['z'] = O,  ['G'] = O,  ['H'] = O,
	['I'] = O,  ['J'] = O,  ['K'] = O,  ['L'] = O,  ['M'] = O,  ['N'] = O,  ['O'] = O,  ['P'] = O,  ['Q'] = O,  ['R'] = O,  ['S'] = O,
	['T'] = O,  ['U'] = O,  ['V'] = O,  ['W'] = O,  ['X'] = O,  ['Y'] = O,  ['Z'] = O
};
static uint8_t class_of(uint8_t c) { return classes[c]; }
static bool is_hex(uint8_t c) { return (uint8_t)(class_of(c) - 1) < 16; }

struct run {
	size_t from, to;
	uint32_t value; /* of the last eight digits */
};

static bool found(struct own_search *s, uint32_t value, enum own_spelling spelling, size_t from, size_t to)
{
	const struct own_slot *slot = own_map_find(&s->set->v4, value);
	if (slot)
		own_search_found(s, slot->which, spelling, from, to);
	return slot != NULL;
}

/* Standing alone, or with one digit glued to one side as in "1D9808AFD:8080", else inside something longer: a digest, an id. */
static void eight_digits(struct own_search *s, uint32_t value, const struct run *run, size_t to)
{
	bool inside = run->to - run->from > 9;
	if (!found(s, value, inside ? OWN_HEX_INSIDE : OWN_HEX, to - 8, to))
		found(s, __builtin_bswap32(value), inside ? OWN_HEX_INSIDE : OWN_HEX_REVERSED, to - 8, to);
}

static size_t read_run(struct own_search *s, size_t from, struct run *ret)
{
	struct span bytes = s->text.bytes;
	struct run run = { .from = from, .to = from };
	while (run.to < bytes.n && is_hex(bytes.p[run.to]))
		run.to++;
	for (size_t i = from; i < run.to; i++) {
		run.value = run.value << 4 | (class_of(bytes.p[i]) - 1u);
		if (i - from >= 7)
			eight_digits(s, run.value, &run, i + 1);
	}
	/* printf("%x") of an address below 16.0.0.0 */
	bool alone = !ascii_is_alnum(from ? bytes.p[from - 1] : ' ') && !ascii_is_alnum(span_at(bytes, run.to));
	if (run.to - from == 7 && alone)
		found(s, run.value, OWN_HEX, from, run.to);
	*ret = run;
	return run.to;
}

/* What may stand between two pairs: one or two signs, with "0x" or "\x" before the next. */
static bool is_gap(struct span gap)
{
	if (gap.n && (gap.p[gap.n - 1] | 0x20) == 'x') {
		gap.n--;
		if (gap.n && (gap.p[gap.n - 1] == '0' || gap.p[gap.n - 1] == '\\'))
			gap.n--;
		else
			return false;
		return gap.n <= 2 && (gap.n == 0 || !ascii_is_alnum(gap.p[0])) && (gap.n < 2 || !ascii_is_alnum(gap.p[1]));
	}
	return gap.n >= 1 && gap.n <= 2 && !ascii_is_alnum(gap.p[0]) && !ascii_is_alnum(gap.p[gap.n - 1]);
}

static bool same_gaps(struct span bytes, const struct run *run, unsigned n)
{
	struct span gap = span_slice(bytes, run[0].to, run[1].from);
	for (unsigned i = 1; i + 1 < n; i++)
		if (!span_eq(gap, span_slice(bytes, run[i].to, run[i + 1].from)))
			return false;
	return true;
}

static void four_pairs(struct own_search *s, const struct run *run)
{
	for (unsigned i = 0; i < 4; i++)
		if (run[i].to - run[i].from > 2)
			return;
	if (!same_gaps(s->text.bytes, run, 4))
		return;
	uint32_t value = own_octets(run[0].value, run[1].value, run[2].value, run[3].value);
	if (!found(s, value, OWN_HEX_PARTED, run[0].from, run[3].to))
		found(s, __builtin_bswap32(value), OWN_HEX_PARTED, run[0].from, run[3].to);
}

/* "c0a8:0101", as the end of a mapped IPv6 address has it. */
static void two_halves(struct own_search *s, const struct run *run)
{
	if (run[0].to - run[0].from == 4 && run[1].to - run[1].from == 4 && run[1].from - run[0].to == 1)
		found(s, (run[0].value & 0xffff) << 16 | (run[1].value & 0xffff), OWN_HEX_PARTED, run[0].from, run[1].to);
}

void own_hex_scan(struct own_search *s)
{
	struct span bytes = s->text.bytes;
	struct run last[4] = { 0 };
	unsigned n = 0;
	for (size_t i = 0; i < bytes.n;) {
		if (!is_hex(bytes.p[i])) {
			i++;
			continue;
		}
		/* of "0x" */
		if (bytes.p[i] == '0' && (span_at(bytes, i + 1) | 0x20) == 'x') {
			i += 2;
			continue;
		}
		struct run now;
		i = read_run(s, i, &now);
		if (n > 0 && !is_gap(span_slice(bytes, last[n - 1].to, now.from)))
			n = 0;
		if (n == 4) {
			memmove(last, last + 1, 3 * sizeof *last);
			n = 3;
		}
		last[n++] = now;
		if (n >= 2)
			two_halves(s, last + n - 2);
		if (n == 4)
			four_pairs(s, last);
	}
}

static const struct own_slot *ip6_key(struct own_search *s, struct span text)
{
	struct ip ip;
	own_u128 key = 0;
	if (!ip_parse(text, &ip))
		return NULL;
	for (unsigned i = 0; i < 16; i++)
		key = key << 8 | ip.b[i];
	const struct own_slot *slot = own_map_find(&s->set->v6, key);
	return slot && slot->spelling == OWN_IP6_TEXT ? slot : NULL;
}

/* As RFC 4291 writes it, with another sign for the colon too. */
static void ip6_text(struct own_search *s, size_t from, size_t to, uint8_t colon)
{
	char copy[IP_TEXT_MAX];
	size_t n = to - from;
	if (n < 4 || n >= sizeof copy)
		return;
	for (size_t i = 0; i < n; i++)
		copy[i] = (char)(s->text.bytes.p[from + i] == colon ? ':' : s->text.bytes.p[from + i]);
	const struct own_slot *slot = ip6_key(s, span_of(copy, n));
	/* "IPv6:2001:db8::1": the 6 is no group */
	const char *colon_at = memchr(copy, ':', n);
	if (!slot && colon_at) {
		from += (size_t)(colon_at + 1 - copy);
		slot = ip6_key(s, span_of(colon_at + 1, (size_t)(copy + n - colon_at - 1)));
	}
	if (slot)
		own_search_found(s, slot->which, OWN_IP6_TEXT, from, to);
}

static void ip6_texts(struct own_search *s, uint8_t colon)
{
	struct span bytes = s->text.bytes;
	size_t done = 0;
	for (size_t i = 0; (i = span_find_byte(bytes, colon, i)) != SPAN_NPOS;) {
		size_t from = i, to = i + 1;
		while (from > done && (ascii_hex(bytes.p[from - 1]) >= 0 || bytes.p[from - 1] == colon))
			from--;
		while (to < bytes.n && (ascii_hex(bytes.p[to]) >= 0 || bytes.p[to] == colon || (colon == ':' && bytes.p[to] == '.')))
			to++;
		done = i = to;
		while (to > from && (bytes.p[to - 1] == '.' || (bytes.p[to - 1] == colon && (to - from < 2 || bytes.p[to - 2] != colon))))
			to--;
		ip6_text(s, from, to, colon);
	}
}

/* All 32 digits, in either order, with at most one sign between two: "2001-0db8-...", "1.0.0.0...8.b.d.0.1.0.0.2". */
static void ip6_digits(struct own_search *s)
{
	struct span bytes = s->text.bytes;
	own_u128 window = 0;
	size_t n = 0, starts[32] = { 0 };
	for (size_t i = 0; i < bytes.n; i++) {
		uint8_t class = class_of(bytes.p[i]);
		if (class == SIGN && i + 1 < bytes.n && is_hex(bytes.p[i + 1]))
			continue;
		if (class == SIGN || class == OTHER) {
			n = 0;
			continue;
		}
		starts[n++ % 32] = i;
		window = window << 4 | (class - 1u);
		const struct own_slot *slot = n >= 32 ? own_map_find(&s->set->v6, window) : NULL;
		if (slot)
			own_search_found(s, slot->which, slot->spelling == OWN_IP6_TEXT ? OWN_IP6_DIGITS : OWN_IP6_REVERSED, starts[n % 32],
					 i + 1);
	}
}

void own_ip6_scan(struct own_search *s)
{
	ip6_texts(s, ':');
	ip6_texts(s, '-');
	ip6_texts(s, '_');
	ip6_digits(s);
}
