/* check/authentication: what was not looked up stands in every verdict. */
#include "app/pipeline.h"
#include "tests/test.h"

static void says_what_nobody_asked(void **state)
{
	static const struct {
		const char *message;
		bool verified_word;
	} cases[] = {
		{ "From: a@example.org\nSubject: hello\n\nhello\n", false },
		{ "From: a@example.org\nDKIM-Signature: v=1; d=example.org; b=AA==\n\nhello\n", true },
	};
	(void)state;
	struct pipeline_options options = { .now = CLOCK_NONE };
	settings_defaults(&options.settings);
	struct pipeline pipeline;
	pipeline_init(&pipeline, &options);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct judgement j;
		bool authentication = false, reputation = false, verified = false;
		pipeline_judge(&pipeline, span_cstr(cases[i].message), &j);
		for (uint32_t k = 0; k < j.evidence.unchecked.n; k++) {
			const struct unchecked *u = &j.evidence.unchecked.v[k];
			authentication |= strcmp(u->check, "authentication") == 0;
			reputation |= strcmp(u->check, "reputation") == 0;
			verified |= span_has(u->why, SPAN("not verified"));
		}
		assert_true(authentication && reputation);
		assert_int_equal(verified, cases[i].verified_word);
	}
	pipeline_release(&pipeline);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(says_what_nobody_asked) };
	pipeline_warm_up();
	return cmocka_run_group_tests_name("check/authentication", tests, NULL, NULL);
}
