/* auth/authentication: which machine and return address are judged, and who counts as vouching. */
#include "auth/authentication.h"
#include "tests/test.h"

static void who_vouches(void **state)
{
	static const struct {
		const char *signer, *sender, *domain;
		enum dkim_result signature;
		enum spf_result spf;
		bool vouched;
	} cases[] = {
		{ "example.com", "", "example.com", DKIM_PASS, SPF_NONE, true },
		{ "mail.example.com", "", "example.com", DKIM_PASS, SPF_NONE, true },
		{ "example.com", "", "example.com", DKIM_FAIL, SPF_NONE, false },
		{ "example.com", "", "example.com", DKIM_TEMPERROR, SPF_NONE, false },
		{ "example.net", "", "example.com", DKIM_PASS, SPF_NONE, false },
		{ "notexample.com", "", "example.com", DKIM_PASS, SPF_NONE, false },
		{ "a.github.io", "", "b.github.io", DKIM_PASS, SPF_NONE, false },
		{ "", "bounce.example.com", "example.com", DKIM_NONE, SPF_PASS, true },
		{ "", "example.com", "example.com", DKIM_NONE, SPF_SOFTFAIL, false },
		{ "", "example.com", "example.com", DKIM_NONE, SPF_NEUTRAL, false },
		{ "", "example.net", "example.com", DKIM_NONE, SPF_PASS, false },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dkim_signature signature = { .domain = span_cstr(cases[i].signer), .result = cases[i].signature };
		struct authentication a = {
			.has_client = true,
			.mail_from = { .result = cases[i].spf, .domain = span_cstr(cases[i].sender) },
			.dkim = { .list = { .v = &signature, .n = 1 } },
		};
		if (authentication_vouched(&a, span_cstr(cases[i].domain)) != cases[i].vouched)
			fail_msg("case %zu", i);
	}
}

static void domains(void **state)
{
	(void)state;
	assert_span(authentication_domain(SPAN("a@example.org")), "example.org");
	assert_span(authentication_domain(SPAN("\"a@b\"@example.org")), "example.org");
	assert_span(authentication_domain(SPAN("@example.org")), "example.org");
	assert_span(authentication_domain(SPAN("example.org")), "example.org");
	assert_span(authentication_domain(SPAN("a@")), "");
	assert_span(authentication_domain(SPAN("")), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(who_vouches), cmocka_unit_test(domains) };
	return cmocka_run_group_tests_name("auth/authentication", tests, NULL, NULL);
}
