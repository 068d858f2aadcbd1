/* app/trap_lessons: so much of one operator and so much in all, anew each day. */
#include "app/trap_lessons.h"
#include "base/limits.h"

#include "tests/test.h"

static void a_day(void **state)
{
	(void)state;
	struct trap_lessons lessons = { 0 };
	const int64_t now = 1790000000;
	for (unsigned i = 0; i < LIMIT_TRAP_LESSONS_OF; i++)
		assert_true(trap_lessons_take(&lessons, 7, now));
	assert_false(trap_lessons_take(&lessons, 7, now + 60));
	unsigned taken = LIMIT_TRAP_LESSONS_OF;
	for (unsigned i = 0; i < 1000; i++)
		taken += trap_lessons_take(&lessons, 8 + i % 200, now);
	assert_int_equal(taken, LIMIT_TRAP_LESSONS);
	assert_false(trap_lessons_take(&lessons, UINT32_MAX, now));
	assert_true(trap_lessons_take(&lessons, 7, now + 86400));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_day) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
