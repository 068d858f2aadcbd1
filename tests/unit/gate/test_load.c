/* gate/load: rates and crowds of addresses, networks and ASs; floods; clocks that run backwards. */
#include "gate/load.h"
#include "tests/test.h"

static struct gate_counters *counters;

static int begin(void **state)
{
	(void)state;
	counters = gate_counters_new(4096);
	return counters ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	gate_counters_free(counters);
	return 0;
}

static struct gate_load enter(uint32_t ip, uint32_t as, uint32_t rate, uint32_t crowd, uint64_t now)
{
	struct ip address = ip_from_v4(ip);
	struct gate_limits limits = { rate, crowd };
	return gate_counters_enter(counters, &address, as, &limits, now);
}

static void leave(uint32_t ip, uint32_t as)
{
	struct ip address = ip_from_v4(ip);
	gate_counters_leave(counters, &address, as);
}

static void crowds(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(enter(1, 0, 0, 3, 0).crowd, GATE_WITHIN);
	assert_int_equal(enter(1, 0, 0, 3, 0).crowd, GATE_OF_ADDRESS);
	leave(1, 0);
	leave(1, 0);
	assert_int_equal(enter(1, 0, 0, 3, 0).crowd, GATE_WITHIN);
	/* 3 of address 1 are in; neighbours fill the network, which may have 12 */
	for (unsigned i = 0; i < 9; i++)
		assert_int_equal(enter(2 + i, 0, 0, 3, 0).crowd, GATE_WITHIN);
	assert_int_equal(enter(99, 0, 0, 3, 0).crowd, GATE_OF_NETWORK);
	for (unsigned i = 0; i < 48; i++)
		assert_int_equal(enter(0x10000 + i * 256, 64500, 0, 3, 0).crowd, GATE_WITHIN);
	assert_int_equal(enter(0x90000, 64500, 0, 3, 0).crowd, GATE_OF_AS);
	assert_int_equal(enter(0x90000, 64501, 0, 0, 0).crowd, GATE_WITHIN); /* any number */
}

static void rates(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 60; i++)
		assert_int_equal(enter(1, 0, 60, 0, 1000).rate, GATE_WITHIN);
	assert_int_equal(enter(1, 0, 60, 0, 1000).rate, GATE_OF_ADDRESS);
	assert_int_equal(enter(1, 0, 60, 0, 1999).rate, GATE_OF_ADDRESS);
	assert_int_equal(enter(1, 0, 60, 0, 3000).rate, GATE_WITHIN); /* one a second */
	assert_int_equal(enter(1, 0, 60, 0, 500).rate, GATE_WITHIN);  /* backwards: nothing breaks */
	assert_int_equal(enter(1, 0, 60, 0, 500).rate, GATE_OF_ADDRESS);
	assert_int_equal(enter(1, 0, 60, 0, 100000).rate, GATE_WITHIN);
}

/* A flood from everywhere makes nobody who is in forgotten. */
static void floods(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++)
		enter(0x01020304, 0, 0, 2, 0);
	for (uint32_t i = 0; i < 100000; i++) {
		enter(0x20000000 + i * 769, 0, 10, 5, i);
		leave(0x20000000 + i * 769, 0);
	}
	assert_int_equal(enter(0x01020304, 0, 0, 2, 200000).crowd, GATE_OF_ADDRESS);
	assert_true(gate_counters_forgotten(counters) > 0); /* rates of the flood's own */
}

/* What has drained is no loss. */
static void nothing_is_forgotten(void **state)
{
	(void)state;
	uint64_t before = gate_counters_forgotten(counters);
	for (uint32_t i = 0; i < 10000; i++) {
		enter(0x40000000 + i * 65536, 0, 10, 5, 10000000 + (uint64_t)i * 120000);
		leave(0x40000000 + i * 65536, 0);
	}
	assert_int_equal(gate_counters_forgotten(counters), before);
}

static void limits(void **state)
{
	(void)state;
	assert_int_equal(gate_load_limit(20, GATE_OF_ADDRESS), 20);
	assert_int_equal(gate_load_limit(20, GATE_OF_NETWORK), 80);
	assert_int_equal(gate_load_limit(20, GATE_OF_AS), 320);
	assert_int_equal(gate_load_limit(UINT32_MAX, GATE_OF_AS), UINT32_MAX);
}

static bool spend(const char *text, uint64_t now)
{
	struct ip ip;
	assert_true(ip_parse(span_cstr(text), &ip));
	return gate_counters_spend(counters, &ip, 3, 1000, now);
}

static void periods(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_true(spend("192.0.2.1", 5000));
	assert_false(spend("192.0.2.1", 5000));
	assert_true(spend("192.0.2.2", 5000)); /* its neighbour */
	assert_false(spend("192.0.2.1", 5300));
	assert_true(spend("192.0.2.1", 5400));  /* a third of it has passed */
	assert_false(spend("192.0.2.1", 4000)); /* time ran backwards */
	for (unsigned i = 0; i < 3; i++)
		assert_true(spend(i ? "2001:db8::1" : "2001:db8::ffff", 5000));
	assert_false(spend("2001:db8::2", 5000)); /* of one /64 */
	assert_true(spend("2001:db8:0:1::2", 5000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(crowds, begin, end),
		cmocka_unit_test_setup_teardown(rates, begin, end),
		cmocka_unit_test_setup_teardown(periods, begin, end),
		cmocka_unit_test_setup_teardown(floods, begin, end),
		cmocka_unit_test_setup_teardown(nothing_is_forgotten, begin, end),
		cmocka_unit_test(limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
