/* facts/host_name: addresses in every spelling, and the kind of line. */
#include "facts/host_name.h"
#include "tests/test.h"

static const struct {
	const char *name, *ip;
	int spelling; /* -1: does not spell it */
	enum host_class class;
} cases[] = {
	{ "198.51.100.7.example.net", "198.51.100.7", HOST_DOTTED, HOST_UNKNOWN },
	{ "pool-198-51-100-7.example.net", "198.51.100.7", HOST_DASHED, HOST_DYNAMIC },
	{ "7.100.51.198.dsl.example.net", "198.51.100.7", HOST_REVERSED, HOST_RESIDENTIAL },
	{ "koln-5d8184e2.pool.example.de", "93.129.132.226", HOST_HEX, HOST_DYNAMIC },
	{ "e284815d.dip.example.de", "93.129.132.226", HOST_HEX, HOST_DYNAMIC },
	{ "h5d-81-84-e2.cable.example.de", "93.129.132.226", HOST_HEX, HOST_RESIDENTIAL },
	{ "n1568769250.dhcp.example.net", "93.129.132.226", HOST_DECIMAL, HOST_DYNAMIC },
	{ "h1985110077.example.net", "198.51.100.77", HOST_DECIMAL, HOST_UNKNOWN },
	{ "host198051100007.example.net", "198.51.100.7", HOST_PADDED, HOST_UNKNOWN },
	{ "198-051-100-007.fiber.example.net", "198.51.100.7", HOST_PADDED, HOST_RESIDENTIAL },
	{ "dsl051-100-007.bos1.dsl.example.net", "198.51.100.7", HOST_PARTIAL, HOST_RESIDENTIAL },
	{ "100-7.rack.example.net", "198.51.100.7", -1, HOST_UNKNOWN },
	{ "mail-198-51-100-7.example.net", "198.51.100.7", HOST_DASHED, HOST_MAIL },
	{ "static-198-51-100-7.dsl.example.net", "198.51.100.7", HOST_DASHED, HOST_STATIC },
	{ "7.100.51.198.bc.googleusercontent.com", "198.51.100.7", HOST_REVERSED, HOST_CLOUD },
	{ "mx1.dyn.example.net", "198.51.100.7", -1, HOST_MAIL },
	{ "smtp.example.co.uk", "198.51.100.7", -1, HOST_MAIL },
	{ "198-51-100-7.adsl.lin.cl", "198.51.100.7", HOST_DASHED, HOST_RESIDENTIAL }, /* "lin.cl" is a company, not as "co.uk" */
	{ "pppoe-198-51-100-7.lin.ru", "198.51.100.7", HOST_DASHED, HOST_DYNAMIC },
	{ "pool.com.br", "198.51.100.7", -1, HOST_UNKNOWN },
	{ "apn-198-51-100-7.mobilfirma.hu", "198.51.100.7", HOST_DASHED, HOST_DYNAMIC },
	{ "www.pool.com", "198.51.100.7", -1, HOST_UNKNOWN }, /* the company's name is no line */
	{ "pool-198-51-100-8.example.net", "198.51.100.7", -1, HOST_DYNAMIC },
	{ "20010db8000000000000000000000007.v6.example.net", "2001:db8::7", HOST_HEX, HOST_UNKNOWN },
	{ "2001-0db8-0000-0000-0000-0000-0000-0007.cust.example.net", "2001:db8::7", HOST_HEX, HOST_RESIDENTIAL },
	{ "", "198.51.100.7", -1, HOST_UNKNOWN },
	{ ".", "198.51.100.7", -1, HOST_UNKNOWN },
	{ "....", "198.51.100.7", -1, HOST_UNKNOWN },
};

static void names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span name = span_cstr(cases[i].name);
		struct host_address found;
		struct ip ip;
		assert_true(ip_parse(span_cstr(cases[i].ip), &ip));
		int spelling = host_name_spells(name, &ip, &found) ? (int)found.spelling : -1;
		if (spelling != cases[i].spelling || host_name_class(name) != cases[i].class)
			fail_msg("%s: spelling %d, class %d", cases[i].name, spelling, host_name_class(name));
		assert_true(spelling < 0 || (found.from < found.to && found.to <= name.n));
	}
}

static void unknown_address(void **state)
{
	static const char *const with[][2] = {
		{ "koln-5d8184e2.pool.example.de", "93.129.132.226" },
		{ "pool-198-51-100-7.example.net", "198.51.100.7" },
		{ "h198051100007.example.net", "198.51.100.7" },
	};
	static const char *const without[] = { "mail.example.net",     "deadbeef.example.net",   "10-20-30.example.net",
					       "a1b2c3d4.example.net", "2009-03-03.example.net", "999-1-1-1.example.net" };
	struct host_address found;
	char ip[IP_TEXT_MAX];
	(void)state;
	for (size_t i = 0; i < COUNT(with); i++) {
		assert_true(host_name_address(span_cstr(with[i][0]), &found));
		ip_format(&found.ip, ip);
		assert_string_equal(ip, with[i][1]);
	}
	for (size_t i = 0; i < COUNT(without); i++)
		assert_false(host_name_address(span_cstr(without[i]), &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names), cmocka_unit_test(unknown_address) };
	return cmocka_run_group_tests_name("facts/host_name", tests, NULL, NULL);
}
