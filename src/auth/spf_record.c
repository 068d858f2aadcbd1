/* auth/spf_record.c - see spf_record.h */
#include "auth/spf_record.h"
#include "auth/spf_macro.h"
#include "base/ascii.h"
#include "base/err.h"
#include "base/limits.h"

struct reading {
	struct arena *arena;
	struct spf_record *record;
	struct span problem;
};

static int wrong(struct reading *r, const char *what, struct span term)
{
	r->problem = arena_printf(r->arena, "has %s \"%.*s\"", what, SPAN_ARG(span_first(term, LIMIT_EVIDENCE_DETAIL)));
	return ERR_SYNTAX;
}

bool spf_record_is(struct span text) { return span_istarts(text, SPAN("v=spf1")) && (text.n == 6 || text.p[6] == ' '); }

/* toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum ) */
static bool is_top_label(struct span s)
{
	bool other_than_digit = false;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '-')
			return false;
		other_than_digit |= !ascii_is_digit(s.p[i]);
	}
	return other_than_digit && s.p[0] != '-' && s.p[s.n - 1] != '-';
}

/* domain-spec = macro-string ( "." toplabel [ "." ] / macro-expand ) */
static bool is_domain_spec(struct span s)
{
	bool ends_in_macro;
	if (s.n == 0 || !spf_macro_valid(s, SPF_MACRO_RECORD, &ends_in_macro))
		return false;
	if (ends_in_macro)
		return true;
	if (s.p[s.n - 1] == '.')
		s.n--;
	size_t dot = span_rfind_byte(s, '.');
	return dot != SPAN_NPOS && is_top_label(span_skip(s, dot + 1));
}

/* "/24" or "//64" at the end of *rest, cut off. False: there, but no prefix length. */
static bool take_prefix(struct span *rest, struct span slashes, uint64_t max, uint8_t *bits)
{
	size_t i = rest->n;
	uint64_t value;
	while (i > 0 && ascii_is_digit(rest->p[i - 1]))
		i--;
	struct span digits = span_skip(*rest, i), before = span_first(*rest, i);
	if (digits.n == 0 || !span_ends(before, slashes))
		return true;
	if ((digits.n > 1 && digits.p[0] == '0') || !span_to_uint(digits, max, &value))
		return false;
	*bits = (uint8_t)value;
	*rest = span_first(before, before.n - slashes.n);
	return true;
}

/* a, mx: [ ":" domain-spec ] [ "/" bits ] [ "//" bits ] */
static int read_host(struct reading *r, struct span rest, struct spf_term *term)
{
	term->bits = 32;
	term->bits6 = 128;
	if (!take_prefix(&rest, SPAN("//"), 128, &term->bits6) || !take_prefix(&rest, SPAN("/"), 32, &term->bits))
		return wrong(r, "a wrong prefix length in", term->text);
	if (rest.n == 0)
		return ERR_OK;
	term->domain = span_skip(rest, 1);
	return rest.p[0] == ':' && is_domain_spec(term->domain) ? ERR_OK : wrong(r, "a wrong domain in", term->text);
}

/* include, exists: ":" domain-spec; ptr: the same, or nothing */
static int read_domain(struct reading *r, struct span rest, struct spf_term *term)
{
	if (rest.n == 0 && term->mechanism == SPF_PTR)
		return ERR_OK;
	if (rest.n == 0)
		return wrong(r, "no domain in", term->text);
	term->domain = span_skip(rest, 1);
	return rest.p[0] == ':' && is_domain_spec(term->domain) ? ERR_OK : wrong(r, "a wrong domain in", term->text);
}

static int read_nothing(struct reading *r, struct span rest, struct spf_term *term)
{
	return rest.n == 0 ? ERR_OK : wrong(r, "something after \"all\" in", term->text);
}

/* Four numbers without leading zeros; ip_parse is kinder, and slower: large senders list dozens of networks. */
static bool read_ip4(struct span s, struct ip *ret)
{
	uint32_t address = 0, number = 0, digits = 0, dots = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (ascii_is_digit(s.p[i]) && digits < 3 && (digits == 0 || number > 0)) {
			number = number * 10 + (uint32_t)(s.p[i] - '0');
			digits++;
		} else if (s.p[i] == '.' && digits && number < 256 && dots < 3) {
			address = address << 8 | number;
			number = digits = 0;
			dots++;
		} else {
			return false;
		}
	}
	*ret = ip_from_v4(address << 8 | number);
	return dots == 3 && digits && number < 256;
}

static bool read_ip6(struct span s, struct ip *ret)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_hex(s.p[i]) < 0 && s.p[i] != ':' && s.p[i] != '.')
			return false;
	return span_find_byte(s, ':', 0) != SPAN_NPOS && ip_parse(s, ret);
}

static int read_address(struct reading *r, struct span rest, struct spf_term *term)
{
	bool four = term->mechanism == SPF_IP4;
	term->bits = four ? 32 : 128;
	if (!take_prefix(&rest, SPAN("/"), term->bits, &term->bits))
		return wrong(r, "a wrong prefix length in", term->text);
	struct span address = span_skip(rest, 1);
	if (rest.n == 0 || rest.p[0] != ':' || !(four ? read_ip4(address, &term->ip) : read_ip6(address, &term->ip)))
		return wrong(r, "a wrong address in", term->text);
	return ERR_OK;
}

static const struct {
	struct span name;
	enum spf_mechanism mechanism;
	int (*read)(struct reading *r, struct span rest, struct spf_term *term);
} mechanisms[] = {
	{ SPAN_INIT("ip4"), SPF_IP4, read_address }, { SPAN_INIT("include"), SPF_INCLUDE, read_domain }, /* most often */
	{ SPAN_INIT("all"), SPF_ALL, read_nothing }, { SPAN_INIT("a"), SPF_A, read_host },
	{ SPAN_INIT("mx"), SPF_MX, read_host },      { SPAN_INIT("ip6"), SPF_IP6, read_address },
	{ SPAN_INIT("ptr"), SPF_PTR, read_domain },  { SPAN_INIT("exists"), SPF_EXISTS, read_domain },
};

static enum spf_result qualifier(int c)
{
	switch (c) {
	case '-': return SPF_FAIL;
	case '~': return SPF_SOFTFAIL;
	case '?': return SPF_NEUTRAL;
	case '+': return SPF_PASS;
	default: return SPF_NONE;
	}
}

static int read_mechanism(struct reading *r, struct span text)
{
	struct spf_term term = { .text = text, .result = qualifier(text.p[0]) };
	struct span rest = text;
	if (term.result != SPF_NONE)
		rest = span_skip(rest, 1);
	else
		term.result = SPF_PASS;
	size_t n = 0;
	while (n < rest.n && rest.p[n] != ':' && rest.p[n] != '/')
		n++;
	struct span name = span_first(rest, n);
	for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++) {
		if (!span_eq(name, mechanisms[i].name) && !span_ieq(name, mechanisms[i].name))
			continue;
		term.mechanism = mechanisms[i].mechanism;
		int err = mechanisms[i].read(r, span_skip(rest, n), &term);
		term.has_macro = span_find_byte(term.domain, '%', 0) != SPAN_NPOS;
		if (!err)
			*(struct spf_term *)vec_push(r->arena, &r->record->terms) = term;
		return err;
	}
	return wrong(r, "an unknown mechanism", name);
}

/* redirect and exp may come once (6); other names are for later versions, and need only be well-formed. */
static int read_modifier(struct reading *r, struct span text, size_t equals)
{
	struct span name = span_first(text, equals), value = span_skip(text, equals + 1), *known = NULL;
	bool ignored;
	if (span_ieq(name, SPAN("redirect")))
		known = &r->record->redirect;
	else if (span_ieq(name, SPAN("exp")))
		known = &r->record->explanation;
	if (!known)
		return spf_macro_valid(value, SPF_MACRO_MODIFIER, &ignored) ? ERR_OK : wrong(r, "a wrong macro in", text);
	if (known->p)
		return wrong(r, "a second", text);
	*known = value;
	return is_domain_spec(value) ? ERR_OK : wrong(r, "a wrong domain in", text);
}

/* Where the "=" of a modifier stands, or SPAN_NPOS: name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ) */
static size_t modifier_name(struct span text)
{
	size_t i = 0;
	while (i < text.n && (ascii_is_alnum(text.p[i]) || text.p[i] == '-' || text.p[i] == '_' || text.p[i] == '.'))
		i++;
	return span_at(text, i) == '=' && ascii_is_alpha(text.p[0]) ? i : SPAN_NPOS;
}

int spf_record_parse(struct span text, struct arena *arena, struct spf_record *ret_record, struct span *ret_problem)
{
	struct spf_record record = { .redirect = span_none };
	struct reading r = { .arena = arena, .record = &record };
	struct span rest = span_skip(text, 6), term;
	int err = ERR_OK;
	if (text.n > LIMIT_SPF_RECORD_BYTES) {
		*ret_problem = arena_printf(arena, "is longer than %u bytes", LIMIT_SPF_RECORD_BYTES);
		return ERR_SYNTAX;
	}
	while (!err && span_split(&rest, ' ', &term)) {
		size_t equals = modifier_name(term);
		if (term.n)
			err = equals == SPAN_NPOS ? read_mechanism(&r, term) : read_modifier(&r, term, equals);
	}
	if (err)
		*ret_problem = r.problem;
	else
		*ret_record = record;
	return err;
}
