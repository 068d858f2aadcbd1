/* SPF records: every term that RFC 7208 12 allows is read, and one that it does not spoils the record with words that quote it. */
#include "auth/spf_record.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "tests/test.h"

static struct arena arena;

static void records(void **state)
{
	static const struct {
		const char *text, *terms; /* qualifier result, text, domain|bits|bits6, one a line; NULL: refused with problem */
		const char *problem;
	} cases[] = {
		{ "v=spf1", "", NULL },
		{ "v=spf1  ", "", NULL },
		{ "V=SPF1 -All", "fail all;", NULL },
		{ "v=spf1 a mx ~all", "pass a 32 128;pass mx 32 128;softfail all;", NULL },
		{ "v=spf1 +a:b.example/24//64 ?mx/8 -ptr", "pass a b.example 24 64;neutral mx 8 128;fail ptr;", NULL },
		{ "v=spf1 a//0 mx:x.example//1", "pass a 32 0;pass mx x.example 32 1;", NULL },
		{ "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32", "pass ip4 24;pass ip6 32;", NULL },
		{ "v=spf1 ip6:::ffff:192.0.2.1", "pass ip6 128;", NULL },
		{ "v=spf1 include:_spf.%{d2} exists:%{ir}.x.example", "pass include _spf.%{d2};pass exists %{ir}.x.example;", NULL },
		{ "v=spf1 a:x.example. ptr:%{h}", "pass a x.example. 32 128;pass ptr %{h};", NULL },
		{ "v=spf1 a:has/slash.example/24", "pass a has/slash.example 24 128;", NULL },
		{ "v=spf1 a:a-b.x-1", "pass a a-b.x-1 32 128;", NULL },
		{ "v=spf1 redirect=x.example exp=%{d}", "redirect x.example;exp %{d};", NULL },
		{ "v=spf1 moo=%{s}%%x ra-x_y.z= -all", "fail all;", NULL },
		{ "v=spf1 ipv4:192.0.2.1", NULL, "an unknown mechanism \"ipv4\"" },
		{ "v=spf1 -", NULL, "an unknown mechanism \"\"" },
		{ "v=spf1\tall", NULL, "an unknown mechanism" },
		{ "v=spf1 -all.", NULL, "an unknown mechanism \"all.\"" },
		{ "v=spf1 all:x.example", NULL, "something after \"all\" in \"all:x.example\"" },
		{ "v=spf1 ++all", NULL, "unknown mechanism" },
		{ "v=spf1 a:", NULL, "a wrong domain in \"a:\"" },
		{ "v=spf1 a:plain", NULL, "a wrong domain in" },
		{ "v=spf1 a:192.0.2.1", NULL, "a wrong domain in" },
		{ "v=spf1 a:x.example-", NULL, "a wrong domain in" },
		{ "v=spf1 a:x.example/", NULL, "a wrong domain in" },
		{ "v=spf1 a:x.example:25", NULL, "a wrong domain in" },
		{ "v=spf1 a:x.example/33", NULL, "a wrong prefix length in \"a:x.example/33\"" },
		{ "v=spf1 a/024", NULL, "a wrong prefix length" },
		{ "v=spf1 a//129", NULL, "a wrong prefix length" },
		{ "v=spf1 a///64", NULL, "a wrong domain" },
		{ "v=spf1 a/99999999999999999999999", NULL, "a wrong prefix length" },
		{ "v=spf1 include", NULL, "no domain in \"include\"" },
		{ "v=spf1 include:", NULL, "a wrong domain in" },
		{ "v=spf1 include/24", NULL, "a wrong domain" },
		{ "v=spf1 exists:%{c}.x.example", NULL, "a wrong domain" },
		{ "v=spf1 exists:%{d.x.example", NULL, "a wrong domain" },
		{ "v=spf1 exists:%{d0}.x.example", NULL, "a wrong domain" },
		{ "v=spf1 exists:%(ir).x.example", NULL, "a wrong domain" },
		{ "v=spf1 ip4", NULL, "a wrong address in \"ip4\"" },
		{ "v=spf1 ip4:192.0.2", NULL, "a wrong address" },
		{ "v=spf1 ip4:192.0.2.01", NULL, "a wrong address" },
		{ "v=spf1 ip4:192.0.2.256", NULL, "a wrong address" },
		{ "v=spf1 ip4:[192.0.2.1]", NULL, "a wrong address" },
		{ "v=spf1 ip4:::ffff:192.0.2.1", NULL, "a wrong address" },
		{ "v=spf1 ip4:192.0.2.1//24", NULL, "a wrong address" },
		{ "v=spf1 ip6:192.0.2.1", NULL, "a wrong address" },
		{ "v=spf1 ip6:fe80::1%eth0", NULL, "a wrong address" },
		{ "v=spf1 ip6:2001:db8::/129", NULL, "a wrong prefix length" },
		{ "v=spf1 redirect=", NULL, "a wrong domain in \"redirect=\"" },
		{ "v=spf1 redirect=a.example redirect=b.example", NULL, "a second \"redirect=b.example\"" },
		{ "v=spf1 exp=a.example EXP=b.example", NULL, "a second" },
		{ "v=spf1 1up=x", NULL, "an unknown mechanism" },
		{ "v=spf1 x=%", NULL, "a wrong macro in \"x=%\"" },
		{ "v=spf1 a:x\xc3\xa9.example", NULL, "a wrong domain" },
		{ "v=spf1 -all\n", NULL, "an unknown mechanism" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct spf_record record;
		struct span problem = span_none;
		struct buf got;
		arena_reset(&arena);
		int err = spf_record_parse(span_cstr(cases[i].text), &arena, &record, &problem);
		if (!cases[i].terms) {
			if (err != ERR_SYNTAX || !span_has(problem, span_cstr(cases[i].problem)))
				fail_msg("%s: %d, \"%.*s\"", cases[i].text, err, SPAN_ARG(problem));
			continue;
		}
		if (err)
			fail_msg("%s: refused: %.*s", cases[i].text, SPAN_ARG(problem));
		buf_init(&got, &arena, 4096);
		for (uint32_t t = 0; t < record.terms.n; t++) {
			const struct spf_term *term = &record.terms.v[t];
			static const char *const names[] = { "all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists" };
			buf_printf(&got, "%s %s", spf_result_name(term->result), names[term->mechanism]);
			if (term->domain.p)
				buf_printf(&got, " %.*s", SPAN_ARG(term->domain));
			if (term->mechanism == SPF_A || term->mechanism == SPF_MX)
				buf_printf(&got, " %u %u", term->bits, term->bits6);
			if (term->mechanism == SPF_IP4 || term->mechanism == SPF_IP6)
				buf_printf(&got, " %u", term->bits);
			buf_byte(&got, ';');
		}
		if (record.redirect.p)
			buf_printf(&got, "redirect %.*s;", SPAN_ARG(record.redirect));
		if (record.explanation.p)
			buf_printf(&got, "exp %.*s;", SPAN_ARG(record.explanation));
		assert_span(buf_span(&got), cases[i].terms);
	}
	(void)state;
}

static void which_are_records(void **state)
{
	static const struct {
		const char *text;
		bool is;
	} cases[] = {
		{ "v=spf1", true },        { "v=spf1 -all", true },    { "V=sPf1 ", true },
		{ "v=spf10", false },      { "v=spf1\t-all", false },  { " v=spf1 -all", false },
		{ "v=spf2.0/pra", false }, { "\"v=spf1 -all", false }, { "", false },
		{ "v=spf", false },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		if (spf_record_is(span_cstr(cases[i].text)) != cases[i].is)
			fail_msg("%s", cases[i].text);
	(void)state;
}

static void long_records(void **state)
{
	struct spf_record record;
	struct span problem;
	struct buf text;
	buf_init(&text, &arena, LIMIT_SPF_RECORD_BYTES + 1);
	buf_cstr(&text, "v=spf1");
	while (text.n + 14 <= LIMIT_SPF_RECORD_BYTES)
		buf_cstr(&text, " ip4:192.0.2.1");
	assert_int_equal(spf_record_parse(buf_span(&text), &arena, &record, &problem), 0);
	while (!text.full)
		buf_byte(&text, ' ');
	text.full = false;
	assert_int_equal(spf_record_parse(buf_span(&text), &arena, &record, &problem), ERR_SYNTAX);
	assert_true(span_has(problem, SPAN("longer than 8192 bytes")));
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(records), cmocka_unit_test(which_are_records),
					    cmocka_unit_test(long_records) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("auth/spf_record", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
