/* facts/address_build: ranges as the fewest networks, classes, limits, and a place that cannot be written. */
#include "base/err.h"
#include "base/limits.h"
#include "tests/address_test.h"

#include <unistd.h>

static struct ip ip_of(const char *text)
{
	struct ip ip;
	assert_true(ip_parse(span_cstr(text), &ip));
	return ip;
}

static void ranges(void **state)
{
	static const struct {
		const char *first, *last;
		int networks; /* -1: refused */
	} cases[] = {
		{ "192.0.2.0", "192.0.2.255", 1 },
		{ "192.0.2.1", "192.0.2.1", 1 },
		{ "192.0.2.1", "192.0.2.254", 14 },
		{ "0.0.0.0", "255.255.255.255", 1 },
		{ "0.0.0.1", "255.255.255.255", 32 },
		{ "10.0.0.0", "10.2.255.255", 2 },
		{ "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1 },
		{ "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", 254 },
		{ "2001:db8::", "2001:db8:0:0:ffff:ffff:ffff:ffff", 1 },
		{ "192.0.2.2", "192.0.2.1", -1 },
		{ "192.0.2.2", "2001:db8::", -1 },
		{ "::", "192.0.2.2", -1 },
		{ "255.255.255.255", "255.255.255.255", 1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct address_build *build = address_build_new();
		struct ip first = ip_of(cases[i].first), last = ip_of(cases[i].last);
		struct address_set *set;
		struct address_match match;
		struct span bytes;
		char why[ADDRESS_WHY_MAX];
		bool good = address_build_add_range(build, &first, &last, ADDRESS_EXCEPTION);
		if (good != (cases[i].networks >= 0) || (good && address_build_added(build) != (uint64_t)cases[i].networks))
			fail_msg("%s-%s: %d, %llu networks", cases[i].first, cases[i].last, good,
				 (unsigned long long)address_build_added(build));
		assert_int_equal(address_build_finish(build, 0, &bytes), 0);
		assert_int_equal(address_set_read(bytes, "t", why, &set), 0);
		assert_true(address_set_find(set, &first, &match) == good && address_set_find(set, &last, &match) == good);
		address_set_close(set);
		address_build_free(build);
	}
}

static void classes(void **state)
{
	(void)state;
	struct address_build *build = address_build_new();
	uint16_t number = 0;
	for (uint32_t i = 1; i < ADDRESS_CLASSES; i++) {
		assert_int_equal(address_build_class(build, &(struct address_class){ SPAN("many"), span_none, i }, &number), 0);
		assert_int_equal(number, i);
	}
	assert_int_equal(address_build_class(build, &(struct address_class){ SPAN("one more"), span_none, 0 }, &number), ERR_LIMIT);
	assert_int_equal(address_build_class(build, &(struct address_class){ SPAN("many"), span_none, 65000 }, &number), 0);
	assert_int_equal(number, 65000);
	/* each in use: codes of 16 bits */
	struct address_set *set;
	struct address_match match;
	struct span bytes;
	char why[ADDRESS_WHY_MAX];
	for (uint32_t i = 0; i < ADDRESS_CLASSES; i++)
		address_build_add(build, &(struct ip_net){ ip_from_v4(i * 65536 + i), 128, false }, (uint16_t)i);
	assert_int_equal(address_build_finish(build, 0, &bytes), 0);
	assert_int_equal(address_set_read(bytes, "t", why, &set), 0);
	for (uint32_t i = 0; i < ADDRESS_CLASSES; i++) {
		struct ip ip = ip_from_v4(i * 65536 + i);
		assert_true(address_set_find(set, &ip, &match) && match.class == i);
	}
	assert_int_equal(address_set_class(set, 65000).answer, 65000);
	address_set_close(set);
	address_build_free(build);
}

static void unwritable(void **state)
{
	(void)state;
	struct address_build *build = address_build_new();
	char why[ADDRESS_WHY_MAX];
	assert_int_equal(address_build_write(build, "/nonexistent/x.set", 0, why), ERR_IO);
	assert_string_equal(why, "/nonexistent/x.set: cannot be written: No such file or directory");
	address_build_free(build);
	address_build_free(NULL);
	assert_true(LIMIT_ADDRESS_ENTRIES >= 100000000u && LIMIT_ADDRESS_ENTRIES < UINT32_MAX / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(ranges), cmocka_unit_test(classes), cmocka_unit_test(unwritable) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
