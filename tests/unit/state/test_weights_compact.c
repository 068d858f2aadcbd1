/* tests/unit/state/test_weights_compact.c - the journal stays bounded, and nobody notices but who asks for old ids. */
#include "base/limits.h"
#include "state/weights.h"
#include "tests/unit/state/learner.h"

#include <sys/stat.h>

enum { KEEP = 40, DUE = KEEP + KEEP / 4 + 1 };

static void test_the_newest_are_kept(void **state)
{
	(void)state;
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	learn.keep = KEEP;
	struct weights *w = learner_open(&place, &learn);
	int32_t want[LEARNER_CELLS] = { 0 };
	struct weights_status status;
	for (uint32_t i = 0; i < 5 * KEEP; i++) {
		assert_int_equal(learner_teach(w, i), 0);
		learner_add(want, i, 1);
		assert_cells(w, want);
		weights_status(w, &status);
		assert_int_equal(status.spam + status.ham, i + 1);
		assert_true(status.records <= DUE);
		/* at least KEEP of the newest can be taken back, whenever one looks */
		if (i >= KEEP)
			assert_true(learner_knows(w, i - KEEP + 1));
	}
	weights_status(w, &status);
	assert_int_equal(status.newest, 1000000 + 5 * KEEP - 1);
	assert_in_range(status.oldest, 1000000 + 5 * KEEP - DUE, 1000000 + 5 * KEEP - KEEP);
	assert_false(learner_knows(w, 0));
	assert_int_equal(learner_forget(w, 0), ERR_NOT_FOUND);
	assert_non_null(strstr(weights_why(w), "before the newest 40 lessons"));
	for (uint32_t i = 5 * KEEP; i-- > 4 * KEEP;) { /* back to the sum, exactly */
		assert_int_equal(learner_forget(w, i), 0);
		learner_add(want, i, -1);
		assert_cells(w, want);
	}
	weights_close(w);
	assert_int_equal(unlink(place.path), 0);
	w = learner_open(&place, &learn); /* rebuilt from sum and lessons */
	assert_cells(w, want);
	weights_status(w, &status);
	assert_int_equal(status.forgotten, KEEP);
	assert_int_equal(status.keep, KEEP);
	weights_close(w);
	learner_place_remove(&place);
}

/* Teaching and taking back for ever fills the journal with records, not with lessons: those that are kept must not suffer. */
static void test_taking_back_crowds_nobody_out(void **state)
{
	(void)state;
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	learn.keep = KEEP;
	struct weights *w = learner_open(&place, &learn);
	int32_t want[LEARNER_CELLS] = { 0 };
	for (uint32_t i = 0; i < KEEP - 1; i++) { /* and the one that comes and goes */
		learner_teach(w, i);
		learner_add(want, i, 1);
	}
	for (uint32_t i = 0; i < 6 * KEEP; i++) {
		assert_int_equal(learner_teach(w, 1000), 0);
		assert_int_equal(learner_forget(w, 1000), 0);
	}
	assert_cells(w, want);
	for (uint32_t i = 0; i < KEEP - 1; i++)
		assert_true(learner_knows(w, i));
	weights_close(w);
	learner_place_remove(&place);
}

static void test_another_learner_follows(void **state)
{
	(void)state;
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	learn.keep = KEEP;
	struct weights *a = learner_open(&place, &learn), *b = learner_open(&place, &learn);
	int32_t want[LEARNER_CELLS] = { 0 };
	for (uint32_t i = 0; i < 3 * KEEP; i++)
		learner_add(want, i, 1);
	assert_int_equal(learner_teach(b, 0), 0);
	for (uint32_t i = 1; i < 2 * KEEP; i++)
		assert_int_equal(learner_teach(a, i), 0);
	assert_false(learner_knows(b, 0));
	for (uint32_t i = 2 * KEEP; i < 3 * KEEP; i++)
		assert_int_equal(learner_teach(b, i), 0);
	assert_cells(a, want);
	assert_int_equal(learner_teach(a, 3 * KEEP - 1), WEIGHTS_KNOWN);
	weights_close(a);
	weights_close(b);
	learner_place_remove(&place);
}

/* LIMIT_LESSONS_KEPT itself, with lessons that remember the id only, as most are for a model that learns near its errors. */
static void test_the_shipped_limit(void **state)
{
	(void)state;
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	struct weights *w = learner_open(&place, &learn);
	const uint32_t n = LIMIT_LESSONS_KEPT + LIMIT_LESSONS_KEPT / 4 + 2;
	assert_int_equal(weights_begin(w), 0);
	for (uint32_t i = 0; i < n; i++) {
		struct weights_lesson lesson = { .id = learner_id(i), .label = WEIGHTS_SPAM };
		assert_int_equal(weights_teach(w, &lesson), 0);
	}
	weights_end(w);
	struct weights_status status;
	weights_status(w, &status);
	assert_int_equal(status.spam, n);
	assert_in_range(status.records, LIMIT_LESSONS_KEPT, LIMIT_LESSONS_KEPT + 2);
	assert_true(learner_knows(w, n - LIMIT_LESSONS_KEPT));
	assert_false(learner_knows(w, 0));
	struct stat st;
	assert_int_equal(stat(place.journal, &st), 0);
	assert_true(st.st_size < 6 * 1000 * 1000);
	weights_close(w);
	learner_place_remove(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_newest_are_kept),
		cmocka_unit_test(test_taking_back_crowds_nobody_out),
		cmocka_unit_test(test_another_learner_follows),
		cmocka_unit_test(test_the_shipped_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
