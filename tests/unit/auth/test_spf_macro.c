/* SPF macros: RFC 7208 7.4's own examples and the corners around them; what is no macro is refused; nothing grows without bound. */
#include "auth/spf_macro.h"
#include "base/limits.h"
#include "tests/test.h"

static struct arena arena;

static struct span expand(const char *text, const char *sender, const char *ip, const char *validated)
{
	struct spf_query query = {
		.sender = span_cstr(sender), .helo = SPAN("mx.example.org"), .receiver = SPAN("here.example"), .now = 1767225600
	};
	struct spf_macro_values values = { .query = &query, .domain = SPAN("email.example.com"), .validated = span_cstr(validated) };
	struct buf out;
	bool ignored;
	assert_true(ip_parse(span_cstr(ip), &query.ip));
	if (!spf_macro_valid(span_cstr(text), SPF_MACRO_EXPLANATION, &ignored))
		return SPAN("(wrong)");
	buf_init(&out, &arena, 4096);
	spf_macro_expand(span_cstr(text), &values, &out);
	return buf_span(&out);
}

static void values(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "%{s}", "strong-bad@email.example.com" },
		{ "%{o}", "email.example.com" },
		{ "%{d}", "email.example.com" },
		{ "%{d4}", "email.example.com" },
		{ "%{d3}", "email.example.com" },
		{ "%{d2}", "example.com" },
		{ "%{d1}", "com" },
		{ "%{dr}", "com.example.email" },
		{ "%{d2r}", "example.email" },
		{ "%{l}", "strong-bad" },
		{ "%{l-}", "strong.bad" },
		{ "%{lr}", "strong-bad" },
		{ "%{lr-}", "bad.strong" },
		{ "%{l1r-}", "strong" },
		{ "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com" },
		{ "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
		{ "%{c} %{h} %{r} %{t} %{p}", "192.0.2.3 mx.example.org here.example 1767225600 unknown" },
		{ "%{d99999999999999999999}", "email.example.com" },
		{ "%{DR}", "com.example.email" },
		{ "%{S}", "strong-bad%40email.example.com" },
		{ "%{o-.}", "email.example.com" },
		{ "%{h+,/_=}", "mx.example.org" },
		{ "%%%_%-%{v}", "% %20in-addr" },
		{ "100 percent: {plain} text", "100 percent: {plain} text" },
		{ "", "" },
		{ "%", "(wrong)" },
		{ "%{", "(wrong)" },
		{ "%{}", "(wrong)" },
		{ "%{d", "(wrong)" },
		{ "%{q}", "(wrong)" },
		{ "%{d0}", "(wrong)" },
		{ "%{dr2}", "(wrong)" },
		{ "%{d;}", "(wrong)" },
		{ "%{d.r}", "(wrong)" },
		{ "%x", "(wrong)" },
		{ "tab\there", "(wrong)" },
		{ "caf\xc3\xa9", "(wrong)" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		arena_reset(&arena);
		assert_span(expand(cases[i].text, "strong-bad@email.example.com", "192.0.2.3", NULL), cases[i].want);
	}
	(void)state;
}

static void other_senders(void **state)
{
	assert_span(expand("%{s} %{l} %{o}", "@example.org", "192.0.2.3", NULL), "postmaster@example.org postmaster example.org");
	assert_span(expand("%{s}", "example.org", "192.0.2.3", NULL), "postmaster@example.org");
	assert_span(expand("%{l}", "\"a@b\"@example.org", "192.0.2.3", NULL), "\"a@b\"");
	assert_span(expand("%{i1r}.%{v} %{c}", "a@b.example", "2001:DB8::cb01", NULL), "2.ip6 2001:db8::cb01");
	assert_span(expand("%{i}", "a@b.example", "2001:db8::cb01", NULL),
		    "2.0.0.1.0.D.B.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.C.B.0.1");
	assert_span(expand("%{i}", "a@b.example", "::ffff:192.0.2.3", NULL), "192.0.2.3");
	assert_span(expand("%{p}", "a@b.example", "192.0.2.3", "mx.b.example"), "mx.b.example");
	(void)state;
}

static void places(void **state)
{
	bool macro;
	assert_true(spf_macro_valid(SPAN("%{d}"), SPF_MACRO_RECORD, &macro) && macro);
	assert_true(spf_macro_valid(SPAN("%{d}.org"), SPF_MACRO_RECORD, &macro) && !macro);
	assert_true(spf_macro_valid(SPAN("x%_"), SPF_MACRO_RECORD, &macro) && macro);
	assert_false(spf_macro_valid(SPAN("%{t}"), SPF_MACRO_RECORD, &macro));
	assert_true(spf_macro_valid(SPAN("%{t}"), SPF_MACRO_MODIFIER, &macro));
	assert_false(spf_macro_valid(SPAN("a b"), SPF_MACRO_MODIFIER, &macro));
	assert_true(spf_macro_wants_name(SPAN("%{d}.%{P2r}")));
	assert_false(spf_macro_wants_name(SPAN("%{d}.p%%{p}")));
	(void)state;
}

static void domains_are_cut_at_the_left(void **state)
{
	char label[200];
	memset(label, 'a', sizeof label);
	for (size_t i = 49; i < sizeof label; i += 50)
		label[i] = '.';
	struct span domain = span_of(label, sizeof label - 1);
	struct spf_query query = { .sender = SPAN("a@b.example") };
	struct spf_macro_values values = { .query = &query, .domain = domain };
	struct span name = spf_macro_expand_domain(SPAN("%{d}.%{d}.x.example."), &values, &arena);
	assert_int_equal(name.n, 209); /* 409 without four labels of 49 */
	assert_true(span_ends(name, SPAN(".x.example")));
	(void)state;
}

/* A local part of 64 kB and a record of nothing but macros. */
static void bounded(void **state)
{
	size_t n = 65536;
	uint8_t *sender = arena_alloc(&arena, n);
	memset(sender, 'x', n);
	memcpy(sender + n - 10, "@b.example", 10);
	struct spf_query query = { .sender = span_of(sender, n) };
	struct spf_macro_values values = { .query = &query, .domain = SPAN("b.example") };
	struct buf text;
	buf_init(&text, &arena, LIMIT_SPF_RECORD_BYTES);
	while (!text.full)
		buf_cstr(&text, "%{s}");
	size_t before = arena.taken;
	struct buf one;
	buf_init(&one, &arena, 1 << 20);
	spf_macro_expand(SPAN("%{l}"), &values, &one);
	assert_int_equal(one.n, LIMIT_SPF_MACRO);
	assert_null(spf_macro_expand_domain(buf_span(&text), &values, &arena).p);
	assert_true(arena.taken - before < 200000);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(values), cmocka_unit_test(other_senders), cmocka_unit_test(places),
					    cmocka_unit_test(domains_are_cut_at_the_left), cmocka_unit_test(bounded) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("auth/spf_macro", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
