/* facts/list_health: every way a list falls ill and comes back, with a clock that the test moves. */
#include "facts/list_health.h"
#include "tests/test.h"

enum { BEGIN = 1000000, PLENTY = 1000000 };
static struct list_health health;
static int64_t now;

static enum list_trouble trouble;
static enum list_leave leave(void) { return list_health_leave(&health, PLENTY, true, now, &trouble); }
static void take(enum list_event event) { list_health_take(&health, event, (uint64_t)now * 31 + health.asked_today, now); }

static int begin(void **state)
{
	(void)state;
	memset(&health, 0, sizeof health);
	now = BEGIN;
	trouble = LIST_WELL;
	return 0;
}

/* Control questions come first, then an hour of rest. */
static void a_well_list(void **state)
{
	(void)state;
	assert_int_equal(leave(), LIST_ASK_CONTROLLED);
	assert_int_equal(leave(), LIST_ASK_CONTROLLED); /* of a second thread, whose answers are not there yet */
	take(LIST_CONTROL_RIGHT);
	assert_int_equal(leave(), LIST_ASK);
	take(LIST_HIT);
	take(LIST_MISS);
	now += LIST_CONTROL_EVERY - 1;
	assert_int_equal(leave(), LIST_ASK);
	now++;
	assert_int_equal(leave(), LIST_ASK_CONTROLLED);
}

/* Each trouble mutes at once, longer each time; right control questions bring it back. */
static void falls_ill_and_comes_back(void **state)
{
	static const struct {
		enum list_event event;
		int times;
		enum list_trouble trouble;
	} cases[] = {
		{ LIST_CONTROL_LISTED, 1, LIST_LISTS_INNOCENT },
		{ LIST_CONTROL_MISSED, 1, LIST_MISSES_TEST },
		{ LIST_REFUSAL, 1, LIST_REFUSES },
		{ LIST_FAILURE, LIST_FAILURES, LIST_SILENT },
		{ LIST_HIT, LIST_WINDOW, LIST_LISTS_ALL },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		begin(NULL);
		take(LIST_CONTROL_RIGHT);
		for (int64_t muted = LIST_MUTED_FIRST; muted <= 4 * LIST_MUTED_FIRST; muted *= 2) {
			for (int k = 0; k < cases[i].times; k++) {
				assert_int_not_equal(leave(), LIST_MUTED);
				take(cases[i].event);
			}
			assert_int_equal(leave(), LIST_MUTED);
			assert_int_equal(trouble, cases[i].trouble);
			assert_true(strlen(list_trouble_says(trouble)) > 10);
			now += muted - 1;
			assert_int_equal(leave(), LIST_MUTED);
			now++;
			assert_int_equal(leave(), LIST_ASK_CONTROLLED);
			take(LIST_CONTROL_RIGHT);
			assert_int_equal(leave(), LIST_ASK);
		}
	}
}

static void longest(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++) {
		take(LIST_REFUSAL);
		now = health.control_at;
	}
	assert_int_equal(health.muted_for, LIST_MUTED_LONGEST);
	assert_int_equal(leave(), LIST_ASK_CONTROLLED);
	take(LIST_CONTROL_RIGHT);
	for (int i = 0; i < 40; i++) /* it proves itself, and the past is forgotten */
		take(i % 2 ? LIST_HIT : LIST_MISS);
	take(LIST_REFUSAL);
	assert_int_equal(health.muted_for, LIST_MUTED_FIRST);
}

/* Failures must be in a row. */
static void a_lost_packet(void **state)
{
	(void)state;
	take(LIST_CONTROL_RIGHT);
	for (int i = 0; i < 100; i++)
		take(i % LIST_FAILURES ? LIST_FAILURE : LIST_MISS);
	assert_int_equal(leave(), LIST_ASK);
}

/* The same sender a thousand times, or nearly all listed but not all: no reason. */
static void many_hits_of_a_good_list(void **state)
{
	(void)state;
	take(LIST_CONTROL_RIGHT);
	for (int i = 0; i < 10 * LIST_WINDOW; i++)
		list_health_take(&health, LIST_HIT, 42, now);
	assert_int_equal(leave(), LIST_ASK);
	for (int i = 0; i < 10 * LIST_WINDOW; i++)
		list_health_take(&health, i % 20 ? LIST_HIT : LIST_MISS, 1000 + (uint64_t)i, now);
	assert_int_equal(leave(), LIST_ASK);
}

static void budget_of_a_day(void **state)
{
	(void)state;
	now = BEGIN / 86400 * 86400;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(list_health_leave(&health, 10, false, now, &trouble), LIST_ASK);
		take(LIST_MISS);
	}
	assert_int_equal(list_health_leave(&health, 10, false, now, &trouble), LIST_MUTED);
	assert_int_equal(trouble, LIST_SPENT);
	now += 86400;
	assert_int_equal(list_health_leave(&health, 10, false, now, &trouble), LIST_ASK);
}

/* Without control questions time alone brings it back. */
static void nothing_to_control(void **state)
{
	(void)state;
	assert_int_equal(list_health_leave(&health, PLENTY, false, now, &trouble), LIST_ASK);
	take(LIST_REFUSAL);
	assert_int_equal(list_health_leave(&health, PLENTY, false, now, &trouble), LIST_MUTED);
	now += LIST_MUTED_FIRST;
	assert_int_equal(list_health_leave(&health, PLENTY, false, now, &trouble), LIST_ASK);
	take(LIST_REFUSAL);
	assert_int_equal(health.muted_for, 2 * LIST_MUTED_FIRST);
}

/* Answers to questions of before arrive while it is muted: the time does not grow with them. */
static void late_answers(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		take(LIST_REFUSAL);
	assert_int_equal(health.control_at, now + LIST_MUTED_FIRST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_well_list, begin),
		cmocka_unit_test_setup(falls_ill_and_comes_back, begin),
		cmocka_unit_test_setup(longest, begin),
		cmocka_unit_test_setup(a_lost_packet, begin),
		cmocka_unit_test_setup(many_hits_of_a_good_list, begin),
		cmocka_unit_test_setup(budget_of_a_day, begin),
		cmocka_unit_test_setup(nothing_to_control, begin),
		cmocka_unit_test_setup(late_answers, begin),
	};
	return cmocka_run_group_tests_name("facts/list_health", tests, NULL, NULL);
}
