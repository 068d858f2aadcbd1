/* app/suspects: a message on which workers died is known again, for as long as it is among the last. */
#include "app/suspects.h"
#include "tests/test.h"

static void twice_is_enough(void **state)
{
	static struct suspects s;
	(void)state;
	assert_false(suspects_tried_enough(&s, SPAN("bad")));
	assert_int_equal(suspects_add(&s, SPAN("bad")), 1);
	assert_false(suspects_tried_enough(&s, SPAN("bad")));
	assert_int_equal(suspects_add(&s, SPAN("other")), 1);
	assert_int_equal(suspects_add(&s, SPAN("bad")), SUSPECTS_TRIES);
	assert_true(suspects_tried_enough(&s, SPAN("bad")));
	assert_false(suspects_tried_enough(&s, SPAN("other")));
	assert_false(suspects_tried_enough(&s, SPAN("bad\n")));
	assert_false(suspects_tried_enough(&s, SPAN("")));
}

static void the_last_ones_are_kept(void **state)
{
	static struct suspects s;
	(void)state;
	suspects_add(&s, SPAN("first"));
	suspects_add(&s, SPAN("first"));
	for (uint32_t i = 1; i < SUSPECTS_KEPT; i++)
		suspects_add(&s, span_of(&i, sizeof i));
	assert_true(suspects_tried_enough(&s, SPAN("first")));
	suspects_add(&s, SPAN("one more"));
	assert_false(suspects_tried_enough(&s, SPAN("first")));
	assert_int_equal(suspects_add(&s, SPAN("one more")), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(twice_is_enough), cmocka_unit_test(the_last_ones_are_kept) };
	return cmocka_run_group_tests_name("app/suspects", tests, NULL, NULL);
}
