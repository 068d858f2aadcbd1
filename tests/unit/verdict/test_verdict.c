/* verdict/verdict: exact sums, caps in both directions, thresholds that decide when they are reached. */
#include "tests/test.h"
#include "verdict/verdict.h"

static const struct verdict_thresholds standard = { 0, 2000, 4000, 8000 };

static struct verdict judge(const struct verdict_thresholds *thresholds, unsigned n, const struct evidence_def *defs)
{
	struct arena arena;
	struct evidence_set set = { .arena = &arena };
	arena_init(&arena);
	for (unsigned i = 0; i < n; i++)
		evidence_add(&set, &defs[i], span_none, span_none, span_none);
	struct verdict verdict = verdict_judge(&set, thresholds);
	arena_release(&arena);
	return verdict;
}

static void sums_and_caps(void **state)
{
	int32_t cap = evidence_group_cap(GROUP_LINK);
	const struct evidence_def links[] = {
		{ "a", GROUP_LINK, cap }, { "b", GROUP_LINK, cap }, { "c", GROUP_FORM, -INT32_MAX }, { "d", GROUP_FORM, -INT32_MAX }
	};
	(void)state;
	assert_int_equal(judge(&standard, 0, links).score, 0);
	assert_int_equal(judge(&standard, 1, links).score, cap);
	assert_int_equal(judge(&standard, 2, links).score, cap);
	struct verdict verdict = judge(&standard, 4, links);
	assert_int_equal(verdict.group_sum[GROUP_FORM], -evidence_group_cap(GROUP_FORM));
	assert_int_equal(verdict.score, cap - evidence_group_cap(GROUP_FORM));
	struct verdict_thresholds far = { INT32_MAX, 0, 0, 0 };
	assert_int_equal(judge(&far, 2, links).score, INT32_MAX);
}

static void actions(void **state)
{
	static const struct {
		int32_t score;
		const char *want;
	} cases[] = { { -9000, "accept" },    { 1999, "accept" },     { 2000, "mark" },  { 3999, "mark" },
		      { 4000, "quarantine" }, { 7999, "quarantine" }, { 8000, "reject" } };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct verdict_thresholds t = standard;
		t.prior = cases[i].score;
		struct verdict verdict = judge(&t, 0, NULL);
		assert_string_equal(verdict_action_name(verdict.action), cases[i].want);
		assert_true(verdict.probability >= 0 && verdict.probability <= 1);
	}
	assert_float_equal(judge(&standard, 0, NULL).probability, 0.5, 1e-9);
}

/* What could not be checked is no evidence; what it could have done is told, and may put the message off. */
static void could_have_been(void **state)
{
	static const struct evidence_def heavy = { "heavy", GROUP_IDENTITY, 4100 }, light = { "light", GROUP_IDENTITY, 600 };
	static const struct {
		int32_t prior;
		bool temporary;
		const struct evidence_def *could;
		const char *would, *verdict, *deferring;
	} cases[] = {
		{ 0, true, &heavy, "quarantine", "accept", "defer" },
		{ 0, false, &heavy, "quarantine", "accept", "accept" }, /* never answered: putting it off would be for ever */
		{ 0, true, &light, "accept", "accept", "accept" },
		{ 1500, true, &light, "mark", "accept", "accept" }, /* the reader would have been given it */
		{ 3900, true, &light, "quarantine", "mark", "defer" },
		{ 4500, true, &heavy, "reject", "quarantine", "quarantine" },
		{ 0, true, NULL, "accept", "accept", "accept" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena arena;
		struct evidence_set set = { .arena = &arena };
		struct verdict_thresholds t = standard, deferring = standard;
		arena_init(&arena);
		struct unchecked *unchecked = evidence_unchecked(&set, "test", "why", span_none);
		unchecked->could = cases[i].could;
		unchecked->temporary = cases[i].temporary;
		t.prior = deferring.prior = cases[i].prior;
		deferring.defer = true;
		assert_string_equal(verdict_action_name(verdict_could(&set, &t, set.unchecked.v, 1)), cases[i].would);
		assert_string_equal(verdict_action_name(verdict_judge(&set, &t).action), cases[i].verdict);
		assert_string_equal(verdict_action_name(verdict_judge(&set, &deferring).action), cases[i].deferring);
		arena_release(&arena);
	}
}

/* Two findings of one group stop at its cap. */
static void could_together(void **state)
{
	static const struct evidence_def half = { "half", GROUP_IDENTITY, 4000 };
	struct arena arena;
	struct evidence_set set = { .arena = &arena };
	(void)state;
	arena_init(&arena);
	evidence_unchecked(&set, "test", "one", span_none)->could = &half;
	evidence_unchecked(&set, "test", "two", span_none)->could = &half;
	assert_int_equal(verdict_could(&set, &standard, set.unchecked.v, 2), VERDICT_QUARANTINE);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sums_and_caps), cmocka_unit_test(actions), cmocka_unit_test(could_have_been),
					    cmocka_unit_test(could_together) };
	return cmocka_run_group_tests_name("verdict/verdict", tests, NULL, NULL);
}
