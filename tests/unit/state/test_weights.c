/* tests/unit/state/test_weights.c - teaching, forgetting, several learners, and what is refused. */
#include "base/clock.h"
#include "base/limits.h"
#include "state/weights.h"
#include "tests/unit/state/learner.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void test_round_trip(void **state)
{
	(void)state;
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN), read = learner_options(WEIGHTS_READ);
	struct weights *w = learner_open(&place, &learn), *reader = learner_open(&place, &read);
	int32_t want[LEARNER_CELLS] = { 0 };
	for (uint32_t i = 0; i < 300; i++) {
		assert_int_equal(learner_teach(w, i), 0);
		learner_add(want, i, 1);
		assert_cells(w, want);
	}
	assert_cells(reader, want); /* what is learned is seen at once */
	weights_close(w);
	w = learner_open(&place, &learn);
	assert_cells(w, want);

	struct weights_status status;
	weights_status(reader, &status);
	assert_int_equal(status.spam, 200);
	assert_int_equal(status.ham, 100);
	assert_int_equal(status.forgotten, 0);
	assert_int_equal(status.records, 300);
	assert_int_equal(status.oldest, 1000000);
	assert_int_equal(status.newest, 1000299);
	assert_int_equal(status.format, 4);
	assert_int_equal(status.keep, LIMIT_LESSONS_KEPT);

	struct weights_id id = learner_id(7), unknown = learner_id(9999);
	struct weights_taught taught;
	assert_int_equal(weights_begin(w), 0);
	assert_true(weights_known(w, &id, &taught));
	assert_int_equal(taught.label, WEIGHTS_SPAM);
	assert_int_equal(taught.time, 1000007);
	assert_int_equal(taught.tag, 21);
	assert_false(weights_known(w, &unknown, &taught));
	weights_end(w);
	assert_int_equal(weights_begin(reader), ERR_USAGE);
	weights_close(reader);
	weights_close(w);
	learner_place_remove(&place);
}

static void test_forget_is_exact_in_any_order(void **state)
{
	(void)state;
	enum { N = 200 };
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	struct weights *w = learner_open(&place, &learn);
	static const int32_t zero[LEARNER_CELLS];
	int32_t want[LEARNER_CELLS] = { 0 };
	uint32_t order[N];
	uint64_t seed = 5;
	for (uint32_t i = 0; i < N; i++) {
		learner_teach(w, i);
		learner_add(want, i, 1);
		uint32_t j = learner_random(&seed) % (i + 1);
		order[i] = order[j];
		order[j] = i;
	}
	for (uint32_t i = 0; i < N; i++) {
		assert_int_equal(learner_forget(w, order[i]), 0);
		learner_add(want, order[i], -1);
		assert_cells(w, want);
		assert_false(learner_knows(w, order[i]));
		assert_int_equal(learner_forget(w, order[i]), ERR_NOT_FOUND); /* once */
	}
	assert_cells(w, zero);
	struct weights_status status;
	weights_status(w, &status);
	assert_int_equal(status.spam + status.ham, 0);
	assert_int_equal(status.forgotten, N);
	assert_int_equal(learner_teach(w, 3), 0); /* a changed mind */
	assert_true(learner_knows(w, 3));
	weights_close(w);
	learner_place_remove(&place);
}

static void test_the_same_message_twice_teaches_once(void **state)
{
	(void)state;
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	struct weights *all[] = { learner_open(&place, &learn), weights_open_memory(LEARNER_CELLS) };
	for (size_t v = 0; v < COUNT(all); v++) {
		int32_t want[LEARNER_CELLS] = { 0 };
		for (uint32_t i = 0; i < 3000; i++) {
			bool again = i % 3000 >= 1500;
			assert_int_equal(learner_teach(all[v], i % 1500), again ? WEIGHTS_KNOWN : 0);
			if (!again)
				learner_add(want, i % 1500, 1);
		}
		assert_cells(all[v], want);
		weights_close(all[v]);
	}
	learner_place_remove(&place);
}

static void test_what_a_lesson_may_not_be(void **state)
{
	(void)state;
	static const uint32_t good[] = { 0, 4999 }, twice[] = { 7, 7 }, falling[] = { 8, 7 }, far[] = { 1, 5000 };
	static const struct {
		const char *name;
		struct weights_group group;
		uint32_t n_groups;
		int want;
	} cases[] = {
		{ "sorted", { 1, 2, good }, 1, 0 },
		{ "empty", { 1, 0, good }, 1, 0 },
		{ "no groups", { 1, 2, good }, 0, 0 },
		{ "twice", { 1, 2, twice }, 1, ERR_USAGE },
		{ "falling", { 1, 2, falling }, 1, ERR_USAGE },
		{ "out of range", { 1, 2, far }, 1, ERR_USAGE },
		{ "too many cells", { 1, LIMIT_LESSON_CELLS + 1, good }, 1, ERR_LIMIT },
		{ "too many groups", { 1, 2, good }, LIMIT_LESSON_GROUPS + 1, ERR_LIMIT },
	};
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	struct weights *all[] = { learner_open(&place, &learn), weights_open_memory(LEARNER_CELLS) };
	for (size_t v = 0; v < COUNT(all); v++) {
		assert_int_equal(weights_begin(all[v]), 0);
		for (uint32_t i = 0; i < COUNT(cases); i++) {
			struct weights_lesson lesson = { .id = learner_id(i), .groups = &cases[i].group, .n_groups = cases[i].n_groups };
			if (weights_teach(all[v], &lesson) != cases[i].want)
				fail_msg("%s", cases[i].name);
		}
		weights_end(all[v]);
		assert_int_equal(weights_cells(all[v])[0], 1);
		assert_int_equal(weights_cells(all[v])[7], 0);
		struct weights_lesson lesson = { .id = learner_id(99) };
		assert_int_equal(weights_teach(all[v], &lesson), ERR_USAGE); /* outside of begin and end */
		weights_close(all[v]);
	}
	learner_place_remove(&place);
}

static void test_two_processes_learn_at_once(void **state)
{
	(void)state;
	enum { EACH = 300 };
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	learn.keep = 250; /* so that each finds the journal compacted by the other */
	for (uint32_t child = 0; child < 2; child++)
		if (fork() == 0) {
			struct weights *w = learner_open(&place, &learn);
			for (uint32_t i = 0; i < EACH; i++)
				if (learner_teach(w, child * EACH + i) != 0)
					_exit(1);
			weights_close(w);
			_exit(0);
		}
	for (int status = 0, i = 0; i < 2; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	int32_t want[LEARNER_CELLS] = { 0 };
	for (uint32_t i = 0; i < 2 * EACH; i++)
		learner_add(want, i, 1);
	struct weights *w = learner_open(&place, &learn);
	assert_cells(w, want);
	struct weights_status status;
	weights_status(w, &status);
	assert_int_equal(status.spam + status.ham, 2 * EACH);
	weights_close(w);
	learner_place_remove(&place);
}

static void test_a_full_disk_changes_nothing(void **state)
{
	(void)state;
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	struct weights *w = learner_open(&place, &learn);
	int32_t want[LEARNER_CELLS] = { 0 };
	for (uint32_t i = 0; i < 10; i++) {
		learner_teach(w, i);
		learner_add(want, i, 1);
	}
	struct weights_status status;
	weights_status(w, &status);
	struct rlimit limit, small;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t room = 0; room < 60; room += 20) {
		small.rlim_cur = status.journal_bytes + room;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		int err = learner_teach(w, 10);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		assert_int_equal(err, ERR_IO);
		assert_non_null(strstr(weights_why(w), "cannot be written"));
		assert_cells(w, want);
		assert_false(learner_knows(w, 10));
	}
	assert_int_equal(learner_teach(w, 10), 0);
	learner_add(want, 10, 1);
	assert_cells(w, want);
	weights_close(w);

	learner_place_remove(&place);
	learner_place_make(&place);
	small.rlim_cur = 10000;
	char why[WEIGHTS_WHY_MAX];
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int err = weights_open(place.path, &learn, why, &w);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(err, ERR_IO);
	w = learner_open(&place, &learn); /* and once there is room */
	weights_close(w);
	learner_place_remove(&place);
}

static void overwrite(const char *path, off_t at, uint8_t flip)
{
	int fd = open(path, O_RDWR);
	uint8_t byte;
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= flip;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void test_a_damaged_file_is_refused_and_set_aside(void **state)
{
	(void)state;
	struct weights_options learn = learner_options(WEIGHTS_LEARN), read = learner_options(WEIGHTS_READ);
	int32_t want[LEARNER_CELLS] = { 0 };
	for (uint32_t i = 0; i < 20; i++)
		learner_add(want, i, 1);
	for (off_t at = 0; at < 80; at++) {
		struct learner_place place;
		learner_place_make(&place);
		struct weights *w = learner_open(&place, &learn), *none = NULL;
		char why[WEIGHTS_WHY_MAX] = "", aside[400];
		for (uint32_t i = 0; i < 20; i++)
			learner_teach(w, i);
		weights_close(w);
		overwrite(place.path, at, 0x55);
		int err = weights_open(place.path, &read, why, &none);
		if (at >= 8 && at < 12)
			assert_int_equal(err, ERR_UNSUPPORTED); /* another version of the file is not damage */
		else
			assert_int_equal(err, ERR_SYNTAX);
		if (err == ERR_SYNTAX) {
			assert_non_null(strstr(why, "is damaged"));
			assert_int_equal(weights_open(place.path, &learn, why, &none), ERR_SYNTAX);
			learn.aside = WEIGHTS_ASIDE_DAMAGED;
			w = learner_open(&place, &learn); /* nothing is lost: the journal tells it all */
			learn.aside = 0;
			assert_cells(w, want);
			assert_true(learner_knows(w, 19));
			weights_close(w);
			snprintf(aside, sizeof aside, "%s.damaged-1700000000", place.path);
			assert_int_equal(access(aside, F_OK), 0);
		}
		learner_place_remove(&place);
	}
}

static void test_another_format_is_not_damage(void **state)
{
	(void)state;
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options old = learner_options(WEIGHTS_LEARN), next = old;
	struct weights *w = learner_open(&place, &old), *none = NULL;
	char why[WEIGHTS_WHY_MAX];
	learner_teach(w, 1);
	weights_close(w);
	next.format++;
	assert_int_equal(weights_open(place.path, &next, why, &none), ERR_UNSUPPORTED);
	next.aside = WEIGHTS_ASIDE_DAMAGED;
	assert_int_equal(weights_open(place.path, &next, why, &none), ERR_UNSUPPORTED);
	next.aside = WEIGHTS_ASIDE_FORMAT;
	w = learner_open(&place, &next);
	assert_false(learner_knows(w, 1));
	weights_close(w);
	learner_place_remove(&place);
}

static void test_nothing_there(void **state)
{
	(void)state;
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options read = learner_options(WEIGHTS_READ), learn = learner_options(WEIGHTS_LEARN);
	struct weights *none = NULL;
	char why[WEIGHTS_WHY_MAX];
	assert_int_equal(weights_open(place.path, &read, why, &none), ERR_NOT_FOUND);
	int fd = open(place.path, O_RDWR | O_CREAT, 0600); /* its maker was killed at once */
	assert_int_equal(weights_open(place.path, &read, why, &none), ERR_NOT_FOUND);
	assert_int_equal(ftruncate(fd, 9000), 0); /* a little later */
	close(fd);
	assert_int_equal(weights_open(place.path, &read, why, &none), ERR_NOT_FOUND);
	struct weights *w = learner_open(&place, &learn);
	assert_int_equal(learner_teach(w, 1), 0);
	weights_close(w);
	learn.n_cells = 0;
	assert_int_equal(weights_open(place.path, &learn, why, &none), ERR_USAGE);
	learn.n_cells = LIMIT_WEIGHTS_CELLS + 1;
	assert_int_equal(weights_open(place.path, &learn, why, &none), ERR_USAGE);
	learn.n_cells = 1;
	learn.keep = LIMIT_LESSONS_KEPT_MAX + 1;
	assert_int_equal(weights_open(place.path, &learn, why, &none), ERR_USAGE);
	assert_int_equal(weights_open("/nowhere/at/all", &read, why, &none), ERR_NOT_FOUND);
	learn = learner_options(WEIGHTS_LEARN);
	assert_int_equal(weights_open("/nowhere/at/all", &learn, why, &none), ERR_IO);
	assert_int_equal(weights_open(place.folder, &learn, why, &none), ERR_IO);
	learner_place_remove(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_forget_is_exact_in_any_order),
		cmocka_unit_test(test_the_same_message_twice_teaches_once),
		cmocka_unit_test(test_what_a_lesson_may_not_be),
		cmocka_unit_test(test_two_processes_learn_at_once),
		cmocka_unit_test(test_a_full_disk_changes_nothing),
		cmocka_unit_test(test_a_damaged_file_is_refused_and_set_aside),
		cmocka_unit_test(test_another_format_is_not_damage),
		cmocka_unit_test(test_nothing_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
