/* gate/hits: longer with repetition, faded without. */
#include "gate/hits.h"

#include "tests/test.h"

enum { T = 1790000000, HOUR = 3600, DAY = 86400 };

static void grows(void **state)
{
	(void)state;
	struct hits h = { 0 };
	assert_int_equal(hits_expires(&h), 0);
	int64_t hours[] = { 1, 2, 4, 8, 16, 32 };
	for (size_t i = 0; i < COUNT(hours); i++) {
		hits_add(&h, T);
		assert_int_equal(hits_expires(&h), T + hours[i] * HOUR);
	}
	for (int i = 0; i < 100; i++)
		hits_add(&h, T);
	assert_int_equal(hits_expires(&h), T + HITS_LONGEST);
	assert_int_equal(h.first, T);
}

static void fades(void **state)
{
	(void)state;
	struct hits h = { 0 };
	hits_add(&h, T);
	assert_int_equal(hits_count(&h, T + 2 * HOUR), HITS_ONE / 2);
	assert_int_equal(hits_count(&h, T + 4 * HOUR), HITS_ONE / 4);
	assert_int_equal(hits_count(&h, T + 400 * DAY), 0);
	/* a year later it begins anew */
	hits_add(&h, T + 365 * DAY);
	assert_int_equal(hits_expires(&h), T + 365 * DAY + HOUR);
	/* never more with more time gone */
	for (uint32_t k = 1; k < 20; k++) {
		struct hits many = { .first = T, .last = T, .count = k * 777 };
		uint32_t before = hits_count(&many, T);
		for (int64_t t = T; t < T + 90 * DAY; t += 997 * 13) {
			uint32_t now = hits_count(&many, t);
			assert_true(now <= before);
			before = now;
		}
	}
}

static void clock_runs_backwards(void **state)
{
	(void)state;
	struct hits h = { 0 };
	hits_add(&h, T);
	hits_add(&h, T - 5 * DAY);
	assert_int_equal(h.last, T);
	assert_int_equal(hits_expires(&h), T + 2 * HOUR);
	assert_int_equal(hits_count(&h, T - DAY), 2 * HITS_ONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(grows), cmocka_unit_test(fades), cmocka_unit_test(clock_runs_backwards) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
