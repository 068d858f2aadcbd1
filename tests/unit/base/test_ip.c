/* Addresses and networks in SpamAssassin's spellings. */
#include "base/ip.h"
#include "tests/test.h"

static void parses(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "[192.0.2.1]", "192.0.2.1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "IPv6:2001:db8::1", "2001:db8::1" },
		{ "[IPv6:2001:DB8:0::1]", "2001:db8::1" },
		{ "fe80::1%eth0", "fe80::1" },
		{ "010.001.002.003", "10.1.2.3" },
		{ "0.9.10.99", "0.9.10.99" },
		{ "100.109.255.200", "100.109.255.200" },
		{ "1.2.3", NULL },
		{ "1.2.3.256", NULL },
		{ "1.2.3.4.5", NULL },
		{ "", NULL },
		{ "1.2.3.4 ", NULL },
		{ "host", NULL },
		{ "::g", NULL },
		{ "1.2.3.", NULL },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ip ip;
		char text[IP_TEXT_MAX];
		bool ok = ip_parse(span_cstr(cases[i].in), &ip);
		assert_int_equal(ok, cases[i].out != NULL);
		if (ok) {
			ip_format(&ip, text);
			assert_string_equal(text, cases[i].out);
		}
	}
}

static void matches_networks(void **state)
{
	static const struct {
		const char *net, *ip;
		bool in;
	} cases[] = {
		{ "127/8", "127.0.0.1", true },
		{ "1.2/16", "1.2.3.4", true },
		{ "1.2.", "1.2.3.4", true },
		{ "1.2.", "1.3.3.4", false },
		{ "10.0.0.0/25", "10.0.0.127", true },
		{ "10.0.0.0/25", "10.0.0.128", false },
		{ "2001:db8::/32", "2001:db8:1::1", true },
		{ "2001:db8::/32", "192.0.2.1", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "0/0", "8.8.8.8", true },
		{ "0/0", "2001::1", false },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ip_net net;
		struct ip ip;
		assert_true(ip_net_parse(span_cstr(cases[i].net), &net));
		assert_true(ip_parse(span_cstr(cases[i].ip), &ip));
		assert_int_equal(ip_net_has(&net, &ip), cases[i].in);
	}
	struct ip_net bad;
	assert_false(ip_net_parse(SPAN("1.2.3.4/33"), &bad));
	assert_false(ip_net_parse(SPAN("hello"), &bad));
}

static void first_match_wins(void **state)
{
	(void)state;
	struct ip_net nets[2];
	struct ip ip;
	assert_true(ip_net_parse(SPAN("!1.1.1.2"), &nets[0]) && ip_net_parse(SPAN("1.1/16"), &nets[1]));
	assert_true(ip_parse(SPAN("1.1.1.2"), &ip));
	assert_false(ip_nets_have(nets, 2, &ip));
	assert_true(ip_parse(SPAN("1.1.1.3"), &ip));
	assert_true(ip_nets_have(nets, 2, &ip));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(parses), cmocka_unit_test(matches_networks),
					    cmocka_unit_test(first_match_wins) };
	return cmocka_run_group_tests_name("base/ip", tests, NULL, NULL);
}
