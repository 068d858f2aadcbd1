/* learn/evaluation: measures computed by hand, what is not available, and intervals that can be relied on. */
#include "base/err.h"
#include "base/limits.h"
#include "learn/evaluation.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>

enum { RUN_MOST = 12000 };

static struct evaluation_message run[RUN_MOST];
static size_t n_run;

static void add(bool spam, double log_odds)
{
	assert_true(n_run < RUN_MOST);
	run[n_run++] = (struct evaluation_message){ log_odds, spam, EVALUATION_NO_ACTION };
}

static struct evaluation measured(double threshold)
{
	struct evaluation evaluation;
	assert_int_equal(evaluation_measure(run, n_run, threshold, &evaluation), 0);
	return evaluation;
}

static void assert_near(double got, double want) { assert_true(isnan(want) ? isnan(got) : fabs(got - want) < 1e-6); }

static void assert_holds(struct estimate e, double want)
{
	assert_near(e.value, want);
	if (isnan(want))
		assert_true(isnan(e.low) && isnan(e.high));
	else
		assert_true(e.low <= e.value && e.value <= e.high && e.low >= 0 && e.high <= 100);
}

/* "h-1.5 s2": a good message at -1.5, a spam at 2. */
static void add_all(const char *text)
{
	n_run = 0;
	for (; *text; text += strcspn(text, " "), text += strspn(text, " "))
		add(*text == 's', strtod(text + 1, NULL));
}

static void order_of_few(void **state)
{
	static const struct {
		const char *run;
		double roca, lam;
	} cases[] = {
		{ "h-2 h-1 s1 s2", 0, 100.0 / 6 },        /* perfect: both rates 0.5/3 */
		{ "s-2 s-1 h1 h2", 100, 500.0 / 6 },      /* inverted: both 2.5/3 */
		{ "h0 s0", 50, 50 },                      /* good 1.5/2, spam 0.5/2: they cancel out */
		{ "s1 h1 s2 h-1", 12.5, 30.9016994 },     /* half of one pair of four; good 1.5/3, spam 0.5/3 */
		{ "h-1 h-1 h-1 s-1 s3", 25, 27.4291885 }, /* three halves of six; good 0.5/4, spam 1.5/3 */
		{ "h-9 h-8 h-7 h-6 h-5 h-4 h-3 h-2 h1 s1 s2 s3 s4", 100 * 0.5 / 36, 12.2828569 }, /* good 1.5/10, spam 0.5/5 */
		{ "h-inf sinf", 0, 25 },
		{ "", NAN, NAN },
		{ "h1", NAN, NAN },
		{ "s1", NAN, NAN },
		{ "h1 h2 h3", NAN, NAN },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		add_all(cases[i].run);
		struct evaluation evaluation = measured(0);
		assert_holds(evaluation.roca, cases[i].roca);
		assert_holds(evaluation.lam, cases[i].lam);
		for (unsigned loss = 0; loss < EVALUATION_LOSSES; loss++)
			assert_holds(evaluation.missed[loss], NAN);
		assert_int_equal(evaluation.messages[EVALUATION_GOOD] + evaluation.messages[EVALUATION_SPAM], n_run);
	}
}

static void threshold_itself_is_spam(void **state)
{
	(void)state;
	add_all("h2 s2");
	assert_near(measured(2).lam.value, measured(1.9).lam.value);
	add_all("h1.999 s2");
	assert_near(measured(2).lam.value, 25);
}

/* Good mail at 1, 2, ... n; the highest scores are lost first. */
static void spam_missed(void **state)
{
	static const struct {
		unsigned good;
		double missed[EVALUATION_LOSSES];
	} cases[] = {
		{ 99, { NAN, NAN, NAN } },
		{ 100, { 40, NAN, NAN } },  /* one may be lost: 99 must pass, and what ties with it is missed */
		{ 199, { 80, NAN, NAN } },  /* still one */
		{ 1000, { 80, 100, NAN } }, /* ten: 990 must pass; one: 999 */
		{ 10000, { 100, 100, 100 } },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		add_all("s50 s99 s99.5 s150 s995");
		for (unsigned k = 1; k <= cases[i].good; k++)
			add(false, k);
		struct evaluation evaluation = measured(0);
		for (unsigned loss = 0; loss < EVALUATION_LOSSES; loss++)
			assert_holds(evaluation.missed[loss], cases[i].missed[loss]);
	}
}

/* Good mail that ties at the top: losing one would lose all of them, so all must pass. */
static void ties_are_lost_together(void **state)
{
	(void)state;
	add_all("s5 s6");
	for (unsigned k = 0; k < 200; k++)
		add(false, k < 197 ? -5 : 5);
	assert_holds(measured(0).missed[0], 50);
	run[n_run - 1].log_odds = -5; /* two of 200 may go */
	assert_holds(measured(0).missed[0], 0);
}

static void put(unsigned good, unsigned spam, double probability)
{
	for (unsigned k = 0; k < good + spam; k++)
		add(k >= good, log(probability / (1 - probability)));
}

static void calibration(void **state)
{
	(void)state;
	n_run = 0;
	put(0, 1, 0.5);
	assert_holds(measured(0).calibration, 50);
	n_run = 0;
	put(50, 50, 0.5);
	assert_holds(measured(0).calibration, 0);
	n_run = 0;
	put(45, 5, 0.1);
	put(5, 45, 0.9);
	assert_holds(measured(0).calibration, 0);
	n_run = 0;
	put(45, 5, 0.1);
	put(10, 40, 0.9); /* half of the mail is off by a tenth */
	assert_holds(measured(0).calibration, 5);
	n_run = 0;
	put(90, 10, 0.2); /* one bin, though there is room for four: the same score is one bin */
	put(10, 90, 0.8);
	assert_holds(measured(0).calibration, 10);
	n_run = 0;
	put(20, 0, 0.4); /* under 50 messages: one bin, whose errors cancel out */
	put(0, 20, 0.6);
	assert_holds(measured(0).calibration, 0);
	add_all("");
	assert_holds(measured(0).calibration, NAN);
}

static void sure(void **state)
{
	(void)state;
	n_run = 0;
	put(100, 100, 0.98);
	assert_holds(measured(0).sure, NAN);
	put(1, 99, 0.995);
	struct evaluation evaluation = measured(0);
	assert_int_equal(evaluation.sure_messages, 100);
	assert_holds(evaluation.sure, 99);
	/* Wilson for 99 of 100 */
	assert_true(fabs(evaluation.sure.low - 94.5514) < 1e-3 && fabs(evaluation.sure.high - 99.8233) < 1e-3);
}

static void outcome(void **state)
{
	(void)state;
	n_run = 0;
	put(100, 4, 0.5);
	for (unsigned k = 0; k < 100; k++)
		run[k].action = VERDICT_ACCEPT;
	run[100].action = run[101].action = VERDICT_REJECT;
	run[102].action = VERDICT_MARK; /* of the last one nobody said */
	struct evaluation evaluation = measured(0);
	assert_int_equal(evaluation.outcome[EVALUATION_GOOD][VERDICT_ACCEPT], 100);
	assert_int_equal(evaluation.outcome[EVALUATION_SPAM][VERDICT_REJECT], 2);
	assert_holds(evaluation.outcome_share[EVALUATION_GOOD][VERDICT_ACCEPT], 100);
	assert_holds(evaluation.outcome_share[EVALUATION_SPAM][VERDICT_REJECT], 200.0 / 3);
	/* none of 100 rejected: at most 3.7 % */
	assert_holds(evaluation.outcome_share[EVALUATION_GOOD][VERDICT_REJECT], 0);
	assert_true(fabs(evaluation.outcome_share[EVALUATION_GOOD][VERDICT_REJECT].high - 3.6994) < 1e-3);
	add_all("h1");
	assert_holds(measured(0).outcome_share[EVALUATION_GOOD][VERDICT_REJECT], NAN);
}

static double uniform(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return ((*seed >> 8) + 0.5) / (1 << 24);
}

/* Good mail of exponential scores, spam the same one higher: (1-ROCA) is known to be exp(-1)/2. */
static void intervals_hold_the_truth(void **state)
{
	enum { RUNS = 100, EACH = 150 };
	const double truth = 100 * exp(-1) / 2;
	unsigned held = 0;
	double width = 0;
	uint32_t seed = 7;
	(void)state;
	for (unsigned r = 0; r < RUNS; r++) {
		n_run = 0;
		for (unsigned k = 0; k < 2 * EACH; k++)
			add(k % 2, -log(uniform(&seed)) + (k % 2));
		struct evaluation evaluation = measured(0);
		held += evaluation.roca.low <= truth && truth <= evaluation.roca.high;
		width += (evaluation.roca.high - evaluation.roca.low) / RUNS;
	}
	assert_in_range(held, 88, 100);
	assert_true(width > 6 && width < 14);
}

static int backwards(const void *a, const void *b)
{
	double x = ((const struct evaluation_message *)a)->log_odds, y = ((const struct evaluation_message *)b)->log_odds;
	return (x < y) - (x > y);
}

static void order_of_messages_is_nothing(void **state)
{
	uint32_t seed = 3;
	(void)state;
	n_run = 0;
	for (unsigned k = 0; k < 5000; k++)
		add(k % 3 == 0, floor(uniform(&seed) * 50) + (k % 3 == 0 ? 9 : 0)); /* many ties */
	struct evaluation first = measured(20), again = measured(20);
	assert_memory_equal(&first, &again, sizeof first);
	qsort(run, n_run, sizeof *run, backwards);
	struct evaluation turned = measured(20);
	assert_near(turned.roca.value, first.roca.value);
	assert_near(turned.missed[0].value, first.missed[0].value);
	assert_near(turned.lam.value, first.lam.value);
	assert_near(turned.calibration.value, first.calibration.value);
}

static void too_many(void **state)
{
	struct evaluation untouched;
	(void)state;
	assert_int_equal(evaluation_measure(run, (size_t)LIMIT_EVALUATION + 1, 0, &untouched), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_of_few), cmocka_unit_test(threshold_itself_is_spam),
		cmocka_unit_test(spam_missed),  cmocka_unit_test(ties_are_lost_together),
		cmocka_unit_test(calibration),  cmocka_unit_test(sure),
		cmocka_unit_test(outcome),      cmocka_unit_test(intervals_hold_the_truth),
		cmocka_unit_test(too_many),     cmocka_unit_test(order_of_messages_is_nothing),
	};
	return cmocka_run_group_tests_name("learn/evaluation", tests, NULL, NULL);
}
