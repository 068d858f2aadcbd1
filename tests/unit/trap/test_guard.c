/* trap/guard: webmail, shared networks and anything large need a person's yes. */
#include "trap/guard.h"

#include "tests/test.h"

static void answers(void **state)
{
	(void)state;
	static const struct {
		const char *net, *rdns;
		uint32_t as;
		bool corresponds;
		enum guard_answer want;
	} cases[] = {
		{ "203.0.113.9", "host9.dyn.example.net", 64500, false, GUARD_YES },
		{ "203.0.113.9", NULL, 0, false, GUARD_YES },
		{ "2001:db8:1:2::/64", NULL, 0, false, GUARD_YES },
		{ "2001:db8:1:2::7", NULL, 0, false, GUARD_YES },
		{ "203.0.113.0/24", NULL, 0, false, GUARD_ASK },
		{ "203.0.113.8/31", NULL, 0, false, GUARD_ASK },
		{ "2001:db8:1::/48", NULL, 0, false, GUARD_ASK },
		{ "203.0.113.9", "mail-ej1-f41.google.com", 64500, false, GUARD_ASK },
		{ "203.0.113.9", "MAIL.GOOGLE.COM.", 0, false, GUARD_ASK },
		{ "203.0.113.9", "notgoogle.com", 0, false, GUARD_YES },
		{ "203.0.113.9", "x", 15169, false, GUARD_ASK },
		{ "203.0.113.9", "mx1.hinet.net", 0, false, GUARD_ASK },
		{ "203.0.113.9", NULL, 0, true, GUARD_ASK },
		{ "127.0.0.1", NULL, 0, false, GUARD_NEVER },
		{ "10.1.2.3", NULL, 0, false, GUARD_NEVER },
		{ "fd00:1:2:3::/64", NULL, 0, false, GUARD_NEVER },
		{ "192.0.2.5", NULL, 0, false, GUARD_NEVER },
		{ "192.0.0.0/16", NULL, 0, false, GUARD_NEVER }, /* would take one's own with it */
	};
	struct ip_net own;
	assert_true(ip_net_parse(SPAN("192.0.2.0/24"), &own));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct guard_question q = {
			.rdns = span_cstr(cases[i].rdns), .as = cases[i].as, .corresponds = cases[i].corresponds, .own = &own, .n_own = 1
		};
		const char *why = NULL;
		assert_true(ip_net_parse(span_cstr(cases[i].net), &q.net));
		if (guard_judge(&q, &why) != cases[i].want)
			fail_msg("%s %s: %s", cases[i].net, cases[i].rdns, why);
		assert_non_null(why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(answers) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
