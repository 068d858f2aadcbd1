/* app/symbols: every kind of evidence once, in rspamd's form, on the scale of the thresholds. */
#include "app/symbols.h"
#include "check/check.h"
#include "tests/test.h"

#include <jansson.h>

static void all_of_them(void **state)
{
	struct verdict_thresholds thresholds = { .mark = 2000, .quarantine = 4000, .reject = 8000 };
	struct arena arena;
	struct buf out;
	json_error_t error;
	size_t defined = 0, listed = 0;
	bool seen = false;
	(void)state;
	arena_init(&arena);
	buf_init(&out, &arena, 1 << 20);
	symbols_put(&thresholds, &out);
	json_t *groups = json_loadb((const char *)out.p, out.n, JSON_REJECT_DUPLICATES, &error), *group, *rule;
	assert_non_null(groups);
	size_t g, r;
	json_array_foreach(groups, g, group)
	{
		json_array_foreach(json_object_get(group, "rules"), r, rule)
		{
			const char *says = json_string_value(json_object_get(rule, "description"));
			listed++;
			assert_true(json_is_number(json_object_get(rule, "weight")));
			assert_null(strstr(says, "{1}"));
			if (strcmp(json_string_value(json_object_get(rule, "symbol")), "gtube.line") == 0) {
				seen = true;
				assert_true(json_number_value(json_object_get(rule, "weight")) >= 15); /* alone enough to be refused */
			}
		}
	}
	for (size_t c = 0; check_all[c]; c++)
		defined += check_all[c]->n_evidence;
	assert_int_equal(listed, defined);
	assert_true(seen);
	json_decref(groups);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_of_them) };
	return cmocka_run_group_tests_name("app/symbols", tests, NULL, NULL);
}
