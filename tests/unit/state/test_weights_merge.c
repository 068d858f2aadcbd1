/* tests/unit/state/test_weights_merge.c - two machines' learning added, each lesson once. */
#include "base/limits.h"
#include "state/weights.h"
#include "tests/unit/state/learner.h"

struct machine {
	struct learner_place place;
	struct weights *w;
};

static void machine_start(struct machine *m, uint32_t keep, uint32_t from, uint32_t to)
{
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	learn.keep = keep;
	learner_place_make(&m->place);
	m->w = learner_open(&m->place, &learn);
	for (uint32_t i = from; i < to; i++)
		assert_int_equal(learner_teach(m->w, i), 0);
}

static void machine_stop(struct machine *m)
{
	weights_close(m->w);
	learner_place_remove(&m->place);
}

static void assert_sum(const struct machine *m, uint32_t from, uint32_t to)
{
	int32_t want[LEARNER_CELLS] = { 0 };
	for (uint32_t i = from; i < to; i++)
		learner_add(want, i, 1);
	assert_cells(m->w, want);
	struct weights_status status;
	weights_status(m->w, &status);
	assert_int_equal(status.spam + status.ham, to - from);
}

static void test_merge_adds_each_lesson_once(void **state)
{
	(void)state;
	struct machine a, b;
	struct weights_merged merged;
	machine_start(&a, 0, 0, 60);
	machine_start(&b, 0, 40, 100);
	assert_int_equal(weights_merge(a.w, b.place.path, &merged), 0);
	assert_int_equal(merged.lessons, 40);
	assert_int_equal(merged.known, 20);
	assert_int_equal(merged.older, 0);
	assert_int_equal(merged.ignored_bytes, 0);
	assert_sum(&a, 0, 100);
	assert_sum(&b, 40, 100);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(weights_merge(b.w, a.place.path, &merged), 0); /* and back */
		assert_int_equal(merged.lessons, again ? 0 : 40);
		assert_int_equal(weights_merge(a.w, b.place.path, &merged), 0);
		assert_int_equal(merged.lessons, 0);
		assert_sum(&a, 0, 100);
		assert_sum(&b, 0, 100);
	}
	assert_int_equal(weights_merge(a.w, a.place.path, &merged), 0); /* itself */
	assert_sum(&a, 0, 100);
	assert_int_equal(learner_forget(a.w, 99), 0); /* what came by merge can be taken back */
	assert_sum(&a, 0, 99);
	assert_int_equal(weights_merge(a.w, b.place.path, &merged), 0); /* and stays so */
	assert_sum(&a, 0, 99);
	machine_stop(&a);
	machine_stop(&b);
}

static void test_lessons_taken_back_there_do_not_come(void **state)
{
	(void)state;
	struct machine a, b;
	struct weights_merged merged;
	machine_start(&a, 0, 0, 10);
	machine_start(&b, 0, 10, 21);
	assert_int_equal(learner_forget(b.w, 20), 0);
	assert_int_equal(weights_merge(a.w, b.place.path, &merged), 0);
	assert_sum(&a, 0, 20);
	machine_stop(&a);
	machine_stop(&b);
}

static void test_older_lessons_come_as_a_sum_once(void **state)
{
	(void)state;
	struct machine a, b, c;
	struct weights_merged merged;
	machine_start(&a, 0, 0, 20);
	machine_start(&b, 40, 20, 200);
	machine_start(&c, 0, 200, 210);
	assert_int_equal(weights_merge(a.w, b.place.path, &merged), 0);
	assert_in_range(merged.lessons, 40, 51);
	assert_int_equal(merged.older, 180 - merged.lessons);
	assert_sum(&a, 0, 200);
	assert_int_equal(weights_merge(a.w, b.place.path, &merged), 0);
	assert_int_equal(merged.lessons, 0);
	assert_sum(&a, 0, 200);

	assert_int_equal(weights_merge(c.w, a.place.path, &merged), 0); /* a tells that it holds b's */
	assert_sum(&c, 0, 210);
	assert_int_equal(weights_merge(c.w, b.place.path, &merged), 0);
	assert_sum(&c, 0, 210);

	for (uint32_t i = 1000; i < 1060; i++) /* compacted again since: what came before and what did not cannot be told apart */
		assert_int_equal(learner_teach(b.w, i), 0);
	assert_int_equal(weights_merge(a.w, b.place.path, &merged), ERR_UNSUPPORTED);
	assert_non_null(strstr(weights_why(a.w), "count them twice"));
	assert_sum(&a, 0, 200);
	assert_int_equal(weights_merge(c.w, b.place.path, &merged), ERR_UNSUPPORTED);
	assert_sum(&c, 0, 210);
	assert_int_equal(weights_merge(b.w, a.place.path, &merged), ERR_UNSUPPORTED);
	machine_stop(&a);
	machine_stop(&b);
	machine_stop(&c);
}

static void test_more_lessons_than_are_kept(void **state)
{
	(void)state;
	struct machine a, b;
	struct weights_merged merged;
	machine_start(&a, 40, 0, 45);
	machine_start(&b, 0, 45, 300);
	assert_int_equal(weights_merge(a.w, b.place.path, &merged), 0);
	assert_int_equal(merged.lessons, 255);
	assert_sum(&a, 0, 300);
	assert_true(learner_knows(a.w, 299));
	assert_false(learner_knows(a.w, 1));
	machine_stop(&a);
	machine_stop(&b);
}

static void test_what_cannot_be_merged(void **state)
{
	(void)state;
	struct machine a, b;
	struct weights_merged merged;
	machine_start(&a, 0, 0, 20);
	machine_start(&b, 0, 20, 30);
	char nowhere[600];
	snprintf(nowhere, sizeof nowhere, "%s/nowhere", a.place.folder);
	assert_int_equal(weights_merge(a.w, nowhere, &merged), ERR_NOT_FOUND);

	struct learner_place other;
	learner_place_make(&other);
	struct weights_options options = learner_options(WEIGHTS_LEARN);
	options.format++;
	weights_close(learner_open(&other, &options));
	assert_int_equal(weights_merge(a.w, other.path, &merged), ERR_UNSUPPORTED);
	learner_place_remove(&other);

	struct weights *memory = weights_open_memory(LEARNER_CELLS);
	assert_int_equal(weights_merge(memory, b.place.path, &merged), ERR_UNSUPPORTED);
	assert_int_equal(weights_begin(memory), 0);
	struct weights_id id = learner_id(1);
	assert_int_equal(weights_forget(memory, &id, NULL), ERR_UNSUPPORTED);
	weights_close(memory);

	struct learner_file journal =
	    learner_load(b.place.journal); /* cut or changed: what is sound before comes, and the rest is told of */
	learner_store(b.place.journal, &journal, journal.n - 1);
	assert_int_equal(weights_merge(a.w, b.place.path, &merged), 0);
	assert_int_equal(merged.lessons, 9);
	assert_true(merged.ignored_bytes > 0);
	assert_sum(&a, 0, 29);
	journal.p[20] ^= 1;
	learner_store(b.place.journal, &journal, journal.n);
	assert_int_equal(weights_merge(a.w, b.place.path, &merged), ERR_SYNTAX);
	learner_store(b.place.journal, &journal, 0);
	assert_int_equal(weights_merge(a.w, b.place.path, &merged), ERR_SYNTAX);
	assert_sum(&a, 0, 29);
	free(journal.p);
	machine_stop(&a);
	machine_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge_adds_each_lesson_once),
		cmocka_unit_test(test_lessons_taken_back_there_do_not_come),
		cmocka_unit_test(test_older_lessons_come_as_a_sum_once),
		cmocka_unit_test(test_more_lessons_than_are_kept),
		cmocka_unit_test(test_what_cannot_be_merged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
