/* learn/exact: within 1e-12 of the C library, monotone, inside their bounds, and the same bits on every machine. */
#include "learn/exact.h"
#include "tests/test.h"

#include <float.h>
#include <math.h>

static bool near(double got, double want)
{
	double difference = fabs(got - want), scale = fabs(want) > 1 ? fabs(want) : 1;
	if (difference <= 1e-12 * scale)
		return true;
	print_error("got %.17g, want %.17g\n", got, want);
	return false;
}

/* Relative error, for what may be very small. */
static bool relative(double got, double want)
{
	if (fabs(got - want) <= 1e-12 * fabs(want))
		return true;
	print_error("got %.17g, want %.17g\n", got, want);
	return false;
}

static void against_libm(void **state)
{
	(void)state;
	for (int i = -70000; i <= 70000; i++) {
		double x = i / 100.0;
		assert_true(relative(exact_exp(x), exp(x)));
		assert_true(near(exact_logistic(x / 10), 1 / (1 + exp(-x / 10))));
		assert_true(near(exact_squash(x, 4), 4 * tanh(x / 4)));
		assert_true(near(exact_squash(x, 12), 12 * tanh(x / 12)));
	}
	for (int i = -300; i <= 300; i++)
		for (int k = 100; k < 1000; k += 7)
			assert_true(near(exact_log(k / 100.0 * pow(10, i)), log(k / 100.0 * pow(10, i))));
	assert_true(near(exact_log(DBL_MIN), log(DBL_MIN)));
	assert_true(near(exact_log(DBL_MAX), log(DBL_MAX)));
}

static void bounds(void **state)
{
	(void)state;
	assert_true(exact_exp(0) == 1);
	assert_true(exact_log(1) == 0);
	assert_true(exact_exp(1e9) == exact_exp(700) && exact_exp(INFINITY) == exact_exp(700));
	assert_true(exact_exp(-1e9) == exact_exp(-700) && exact_exp(-INFINITY) == exact_exp(-700) && exact_exp(-INFINITY) > 0);
	assert_true(exact_logistic(0) == 0.5);
	assert_true(exact_logistic(1e9) <= 1 && exact_logistic(-1e9) >= 0);
	assert_true(exact_squash(0, 4) == 0);
	for (double bound = 0.5; bound < 100; bound *= 3) {
		assert_true(exact_squash(1e9, bound) <= bound && exact_squash(1e9, bound) > 0.999 * bound);
		assert_true(exact_squash(-1e9, bound) >= -bound && exact_squash(-1e9, bound) < -0.999 * bound);
		assert_true(near(exact_squash(bound / 1000, bound), bound / 1000 * (1 - 1e-6 / 3 + 2e-12 / 15)));
	}
}

/* Where the reduced argument jumps from one power of two to the next, nothing may go backwards. */
static void monotone(void **state)
{
	double e = 0, l = 0, s = -1;
	(void)state;
	for (int i = -300000; i <= 300000; i++) {
		double x = i / 10000.0, e_now = exact_exp(x), l_now = exact_logistic(x), s_now = exact_squash(x, 4) / 4;
		assert_true(e_now > e && l_now >= l && s_now >= s);
		e = e_now, l = l_now, s = s_now;
	}
	double before = exact_log(1e-3);
	for (int i = 1001; i <= 4000000; i += 7) {
		double now = exact_log(i / 1e6);
		assert_true(now > before);
		before = now;
	}
}

static void rounds(void **state)
{
	static const struct {
		double x;
		int32_t want;
	} cases[] = {
		{ 0, 0 },
		{ 0.4999, 0 },
		{ 0.5, 1 },
		{ -0.4999, 0 },
		{ -0.5, -1 },
		{ 1.5, 2 },
		{ -2.5, -3 },
		{ 2147483646.4, INT32_MAX - 1 },
		{ 2147483646.9, INT32_MAX },
		{ 2147483647, INT32_MAX },
		{ 1e300, INT32_MAX },
		{ INFINITY, INT32_MAX },
		{ -2147483647.4, INT32_MIN + 1 },
		{ -2147483648, INT32_MIN },
		{ -2147483648.9, INT32_MIN },
		{ -INFINITY, INT32_MIN },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(exact_round(cases[i].x), cases[i].want);
}

/* Written down once: another compiler, flag or machine that computes otherwise is found out here. */
static void same_bits(void **state)
{
	static const struct {
		double (*f)(double);
		double x, want;
	} cases[] = {
		{ exact_exp, 1, 0x1.5bf0a8b14576ap+1 },          { exact_exp, -1, 0x1.78b56362cef38p-2 },
		{ exact_exp, 0.1, 0x1.1aec7b35a00d4p+0 },        { exact_exp, -37.5, 0x1.dd5c566301ed2p-55 },
		{ exact_exp, 700, 0x1.d945df4f8ee2dp+1009 },     { exact_log, 2, 0x1.62e42fefa39efp-1 },
		{ exact_log, 10, 0x1.26bb1bbb55515p+1 },         { exact_log, 0.001, -0x1.ba18a998fffap+2 },
		{ exact_log, 1e+300, 0x1.5963447f87fb5p+9 },     { exact_logistic, 1, 0x1.764d4f5d5a2bdp-1 },
		{ exact_logistic, -3.25, 0x1.31c8280cf1c3dp-5 }, { exact_logistic, 20, 0x1.ffffffee4b79ap-1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_true(cases[i].f(cases[i].x) == cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(against_libm), cmocka_unit_test(bounds), cmocka_unit_test(monotone),
					    cmocka_unit_test(rounds), cmocka_unit_test(same_bits) };
	return cmocka_run_group_tests_name("learn/exact", tests, NULL, NULL);
}
