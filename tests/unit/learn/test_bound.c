/* learn/bound: against exact values, and that scores are kept, aged and taken back. */
#include "tests/test.h"

#include "learn/bound.h"

#include <math.h>

static void near(double got, double want, double within)
{
	if (fabs(got - want) > within)
		fail_msg("got %.8g, want %.8g", got, want);
}

static void clopper_pearson(void **state)
{
	(void)state;
	/* No errors: 1 - 0.01^(1/n). */
	near(bound_upper(0, 100), 1 - pow(0.01, 0.01), 1e-9);
	assert_true(bound_upper(0, 46050) <= 1e-4);
	assert_true(bound_upper(0, 46000) > 1e-4);
	assert_true(bound_upper(1, 66381) <= 1e-4);
	assert_true(bound_upper(1, 66300) > 1e-4);
	near(bound_lower(100, 100), pow(0.01, 0.01), 1e-9);
	near(bound_lower(1, 100), 1 - pow(0.99, 0.01), 1e-9);
	near(bound_upper(0, 0), 1, 0);
	near(bound_lower(0, 0), 0, 0);
	near(bound_upper(5, 5), 1, 0);
	/* Many errors: the normal approximation lies close to the exact value. */
	near(bound_upper(401, 10000), bound_upper(400, 10000), 2e-4);
	assert_true(bound_lower(500, 10000) < 0.05 && bound_upper(500, 10000) > 0.05);
}

static int32_t cells[BOUND_CELLS];

static void record(double log_odds, int sign)
{
	struct bound_change changes[BOUND_CHANGES];
	unsigned n = bound_record(cells, log_odds, changes);
	assert_true(n <= BOUND_CHANGES);
	for (unsigned i = 0; i < n; i++) {
		assert_true(changes[i].cell < BOUND_CELLS);
		cells[changes[i].cell] += sign * changes[i].by;
	}
}

static void promise(void **state)
{
	(void)state;
	memset(cells, 0, sizeof cells);
	struct bound bound = bound_find(cells, 8000, 1e-4);
	assert_false(bound.promised);
	assert_int_equal(bound.threshold, 8000);
	near(bound.holds, 1, 0);
	for (unsigned i = 0; i < 46050; i++)
		record(-3, 1);
	bound = bound_find(cells, 8000, 1e-4);
	assert_true(bound.promised);
	assert_false(bound.drift);
	assert_int_equal(bound.good, 46050);
	assert_int_equal(bound.threshold, 8000);
	/* One good message at 9.1 nats: at 8 nothing is promised any more, above it is. */
	record(9.1, 1);
	bound = bound_find(cells, 8000, 1e-4);
	assert_true(bound.promised);
	assert_int_equal(bound.threshold, 9250);
	assert_int_equal(bound.lost, 0);
}

static void drift(void **state)
{
	(void)state;
	memset(cells, 0, sizeof cells);
	for (unsigned i = 0; i < 99000; i++)
		record(-3, 1);
	for (unsigned i = 0; i < 4; i++)
		record(8.3, 1);
	struct bound bound = bound_find(cells, 8000, 1e-4);
	assert_true(bound.drift);
	assert_true(bound.threshold > 8000);
}

static void ages(void **state)
{
	(void)state;
	memset(cells, 0, sizeof cells);
	for (unsigned i = 0; i < 10; i++)
		record(12, 1);
	for (unsigned i = 0; i < 3 * BOUND_MANY; i++)
		record(0, 1);
	struct bound bound = bound_find(cells, 8000, 1e-4);
	assert_int_equal(bound.lost, 0);
	assert_true(bound.good >= BOUND_MANY && bound.good <= 2 * BOUND_MANY);
}

/* What a lesson changed is what taking it back restores, whatever came between. */
static void taken_back(void **state)
{
	(void)state;
	static int32_t before[BOUND_CELLS];
	struct bound_change first[BOUND_CHANGES];
	memset(cells, 0, sizeof cells);
	for (unsigned i = 0; i < BOUND_NEWEST * 3; i++)
		record(i % 16, 1);
	memcpy(before, cells, sizeof cells);
	unsigned n = bound_record(cells, 5, first);
	for (unsigned i = 0; i < n; i++)
		cells[first[i].cell] += first[i].by;
	for (unsigned i = 0; i < n; i++)
		cells[first[i].cell] -= first[i].by;
	assert_memory_equal(cells, before, sizeof cells);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clopper_pearson), cmocka_unit_test(promise), cmocka_unit_test(drift), cmocka_unit_test(ages),
		cmocka_unit_test(taken_back),
	};
	return cmocka_run_group_tests_name("learn/bound", tests, NULL, NULL);
}
