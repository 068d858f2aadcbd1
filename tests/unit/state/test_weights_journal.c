/* tests/unit/state/test_weights_journal.c - what is left of learning after a kill, a loss of power, a damaged journal. */
#include "base/clock.h"
#include "state/weights_sift.h"
#include "tests/unit/state/learner.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { BEFORE = 4, LAST = 4 }; /* lessons 0 to 3 are in; the last one, number 4, is on its way */

/* The two files as they were before the last lesson, and the journal with it. */
struct moment {
	struct learner_place place;
	struct learner_file weights, journal;
	size_t before;
	int32_t without[LEARNER_CELLS], with[LEARNER_CELLS];
};

static void moment_make(struct moment *m)
{
	learner_place_make(&m->place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	learn.keep = 8; /* a small index: these files are written often */
	struct weights *w = learner_open(&m->place, &learn);
	memset(m->without, 0, sizeof m->without);
	for (uint32_t i = 0; i < BEFORE; i++) {
		assert_int_equal(learner_teach(w, i), 0);
		learner_add(m->without, i, 1);
	}
	memcpy(m->with, m->without, sizeof m->with);
	learner_add(m->with, LAST, 1);
	m->weights = learner_load(m->place.path);
	struct learner_file journal = learner_load(m->place.journal);
	m->before = journal.n;
	free(journal.p);
	assert_int_equal(learner_teach(w, LAST), 0);
	m->journal = learner_load(m->place.journal);
	weights_close(w);
	assert_true(m->journal.n > m->before + WEIGHTS_RECORD_HEAD);
}

static void moment_restore(const struct moment *m, size_t journal_bytes)
{
	learner_store(m->place.path, &m->weights, m->weights.n);
	learner_store(m->place.journal, &m->journal, journal_bytes);
}

static void moment_remove(struct moment *m)
{
	free(m->weights.p);
	free(m->journal.p);
	learner_place_remove(&m->place);
}

static void test_a_torn_tail_is_cut_at_every_byte(void **state)
{
	(void)state;
	struct moment m;
	struct stat st;
	moment_make(&m);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	for (size_t n = m.before; n <= m.journal.n; n++) {
		moment_restore(&m, n);
		struct weights *w = learner_open(&m.place, &learn);
		bool whole = n == m.journal.n;
		assert_cells(w, whole ? m.with : m.without);
		assert_int_equal(learner_knows(w, LAST), whole);
		assert_int_equal(stat(m.place.journal, &st), 0);
		assert_int_equal(st.st_size, whole ? n : m.before);
		assert_int_equal(learner_teach(w, LAST), whole ? WEIGHTS_KNOWN : 0);
		assert_cells(w, m.with);
		weights_close(w);
	}
	moment_remove(&m);
}

/* Killed between any two stores: `done` updates begun, the last of which has reached its cell or has not. */
static void test_a_kill_between_any_two_stores(void **state)
{
	(void)state;
	struct moment m;
	struct lesson_box box;
	moment_make(&m);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	const struct weights_lesson *lesson = learner_lesson(LAST, &box);
	uint32_t updates = 0;
	for (uint32_t g = 0; g < lesson->n_groups; g++)
		updates += lesson->groups[g].n;
	assert_true(updates > 50);
	for (uint32_t done = 0; done <= updates; done++)
		for (int reached = 0; reached < 2; reached++) {
			moment_restore(&m, m.before);
			struct weights *w = learner_open(&m.place, &learn);
			uint32_t k = 0;
			for (uint32_t g = 0; g < lesson->n_groups; g++)
				for (uint32_t i = 0; i < lesson->groups[g].n && k < done; i++) {
					int32_t *cell = &w->cells[lesson->groups[g].at[i]];
					uint32_t value = (uint32_t)*cell + (uint32_t)lesson->groups[g].by;
					*weights_file_intent(w) = (uint64_t)++k << 32 | value;
					if (k < done || reached)
						*cell = (int32_t)value;
				}
			weights_close(w);
			learner_store(m.place.journal, &m.journal, m.journal.n);
			w = learner_open(&m.place, &learn);
			assert_cells(w, m.with);
			assert_true(learner_knows(w, LAST));
			weights_close(w);
		}
	moment_remove(&m);
}

/* What the child does, so that the counters alone tell how far it came. */
static bool takes_back(uint32_t i) { return i % 5 == 4; }

static void learn_until_killed(const struct learner_place *place, const struct weights_options *learn, uint32_t next)
{
	struct weights *w = learner_open(place, learn);
	for (uint32_t i = next;; i++) {
		/* the one before may have been killed between teaching this and taking back that */
		if (learner_teach(w, i) < 0 || (takes_back(i) && learner_forget(w, i - 3) < 0))
			_exit(1);
	}
}

/* All records of the journal added up, by the reader that compaction uses. */
static void assert_cells_are_the_journals_sum(const struct learner_place *place, const struct weights *w)
{
	struct learner_file journal = learner_load(place->journal);
	struct weights_sift sift;
	assert_int_equal(weights_sift(span_of(journal.p, journal.n), LEARNER_CELLS, 0, &sift), 0);
	assert_int_equal(sift.end, journal.n);
	assert_cells(w, sift.sum.cells);
	weights_sift_release(&sift);
	free(journal.p);
}

static void test_killed_in_a_loop(void **state)
{
	(void)state;
	const char *more = getenv("KILLS");
	int rounds = more ? atoi(more) : 100;
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	learn.keep = 40; /* compaction is killed too */
	int32_t want[LEARNER_CELLS] = { 0 };
	uint64_t taught = 0, seed = (uint64_t)getpid();
	for (int round = 0; round < rounds; round++) {
		pid_t child = fork();
		if (child == 0)
			learn_until_killed(&place, &learn, (uint32_t)taught);
		usleep(1000 + learner_random(&seed) % 20000);
		assert_int_equal(kill(child, SIGKILL), 0);
		int how = 0;
		assert_int_equal(waitpid(child, &how, 0), child);
		assert_true(WIFSIGNALED(how));

		struct weights *w = learner_open(&place, &learn);
		struct weights_status status;
		weights_status(w, &status);
		uint64_t now = status.spam + status.ham + status.forgotten, taken_back = status.forgotten;
		for (; taught < now; taught++) {
			learner_add(want, (uint32_t)taught, 1);
			if (takes_back((uint32_t)taught) && (taught + 1 < now || taken_back == (taught + 1) / 5))
				learner_add(want, (uint32_t)taught - 3, -1);
		}
		if (taught && takes_back((uint32_t)taught - 1) && taken_back < taught / 5) { /* killed between the two: end it */
			assert_int_equal(taken_back, taught / 5 - 1);
			assert_cells(w, want);
			assert_int_equal(learner_forget(w, (uint32_t)taught - 4), 0);
			learner_add(want, (uint32_t)taught - 4, -1);
		}
		assert_cells(w, want);
		assert_cells_are_the_journals_sum(&place, w);
		weights_close(w);
	}
	print_message("# %d kills, %llu lessons\n", rounds, (unsigned long long)taught);
	assert_true(taught > 0);
	learner_place_remove(&place);
}

/* As after a restart of the machine that left of the mapped file what it liked. */
static void lose_power(struct weights *w)
{
	assert_int_equal(weights_begin(w), 0);
	w->now.boot.b[0] ^= 1;
	weights_file_commit(w, &w->now);
	for (uint32_t i = 0; i < LEARNER_CELLS; i += 3)
		w->cells[i] = 12345;
	memset(w->index, 0xA5, w->header->index_slots / 2 * sizeof *w->index);
	weights_end(w);
	weights_close(w);
}

/* Stopped after a sync, and all of it written: nothing has to be rebuilt. One cell that was not, and everything is. */
static void test_an_orderly_restart(void **state)
{
	(void)state;
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	int32_t want[LEARNER_CELLS] = { 0 };
	for (uint32_t i = 0; i < 20; i++)
		learner_add(want, i, 1);
	for (int damage = 0; damage < 3; damage++) {
		struct weights *w = learner_open(&place, &learn);
		for (uint32_t i = 0; i < 20; i++)
			learner_teach(w, i);
		assert_int_equal(weights_sync(w), 0);
		assert_int_equal(weights_begin(w), 0);
		w->now.boot.b[0] ^= 1;
		weights_file_commit(w, &w->now);
		w->cells[LEARNER_CELLS - 1] ^= damage == 1;
		if (damage == 2)
			weights_index_clear(w);
		uint64_t generation = w->live->commit;
		weights_end(w);
		weights_close(w);
		w = learner_open(&place, &learn);
		assert_int_equal(w->live->commit, generation + 1);
		assert_cells(w, want);
		assert_true(learner_knows(w, 19));
		weights_close(w);
	}
	learner_place_remove(&place);
}

static void test_loss_of_power(void **state)
{
	(void)state;
	enum { SYNCED = 30, ALL = 50 };
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	struct weights *w = learner_open(&place, &learn), *none = NULL;
	struct weights_status status;
	size_t ends[ALL + 1];
	char why[WEIGHTS_WHY_MAX] = "", aside[400];
	for (uint32_t i = 0; i < ALL; i++) {
		assert_int_equal(learner_teach(w, i), 0);
		if (i + 1 == SYNCED)
			assert_int_equal(weights_sync(w), 0);
		weights_status(w, &status);
		ends[i + 1] = status.journal_bytes;
	}
	lose_power(w);
	struct learner_file weights = learner_load(place.path), journal = learner_load(place.journal);
	for (uint32_t lessons = ALL; lessons >= SYNCED; lessons--)
		for (size_t cut = 0; cut < 2; cut++) {
			learner_store(place.path, &weights, weights.n);
			learner_store(place.journal, &journal,
				      ends[lessons] + cut * 33 <= journal.n ? ends[lessons] + cut * 33 : journal.n);
			int32_t want[LEARNER_CELLS] = { 0 };
			for (uint32_t i = 0; i < lessons; i++)
				learner_add(want, i, 1);
			w = learner_open(&place, &learn);
			assert_cells(w, want);
			assert_true(learner_knows(w, lessons - 1));
			assert_false(learner_knows(w, lessons));
			weights_close(w);
		}

	/* A byte changed before the synced end is damage, not loss. */
	journal.p[ends[10] + 5] ^= 1;
	learner_store(place.path, &weights, weights.n);
	learner_store(place.journal, &journal, journal.n);
	assert_int_equal(weights_open(place.path, &learn, why, &none), ERR_SYNTAX);
	assert_non_null(strstr(why, "weights.journal is damaged"));
	learn.aside = WEIGHTS_ASIDE_DAMAGED;
	w = learner_open(&place, &learn);
	assert_true(learner_knows(w, 9));
	assert_false(learner_knows(w, 10));
	assert_cells_are_the_journals_sum(&place, w);
	assert_int_equal(learner_teach(w, 10), 0);
	weights_close(w);
	snprintf(aside, sizeof aside, "%s.damaged-1700000000", place.journal);
	struct learner_file kept = learner_load(aside);
	assert_int_equal(kept.n, journal.n);
	learn.aside = 0;
	w = learner_open(&place, &learn);
	assert_true(learner_knows(w, 10));
	weights_close(w);
	free(kept.p);
	free(weights.p);
	free(journal.p);
	learner_place_remove(&place);
}

static void test_a_journal_that_is_missing_or_cut_or_anothers(void **state)
{
	(void)state;
	struct learner_place place, other;
	learner_place_make(&place);
	learner_place_make(&other);
	struct weights_options learn = learner_options(WEIGHTS_LEARN), aside = learn;
	aside.aside = WEIGHTS_ASIDE_DAMAGED;
	struct weights *w = learner_open(&other, &learn), *none = NULL;
	char why[WEIGHTS_WHY_MAX];
	weights_close(w);
	for (int how = 0; how < 4; how++) {
		w = learner_open(&place, &aside);
		for (uint32_t i = 0; i < 5; i++)
			learner_teach(w, i);
		weights_close(w);
		struct learner_file journal = learner_load(how == 3 ? other.journal : place.journal);
		if (how == 0)
			assert_int_equal(unlink(place.journal), 0);
		else
			learner_store(place.journal, &journal, how == 1 ? journal.n - 1 : how == 2 ? 20 : journal.n);
		free(journal.p);
		assert_int_equal(weights_open(place.path, &learn, why, &none), ERR_SYNTAX);
		assert_non_null(strstr(why, "is damaged"));
		w = learner_open(&place, &aside);
		assert_int_equal(learner_knows(w, 0), how == 1); /* only what the journal still tells */
		assert_cells_are_the_journals_sum(&place, w);
		weights_close(w);
	}
	learner_place_remove(&place);
	learner_place_remove(&other);
}

static void test_the_file_is_replaced_under_a_learner(void **state)
{
	(void)state;
	struct learner_place place;
	learner_place_make(&place);
	struct weights_options learn = learner_options(WEIGHTS_LEARN);
	struct weights *w = learner_open(&place, &learn);
	assert_int_equal(unlink(place.path), 0);
	assert_int_equal(weights_begin(w), ERR_SYNTAX);
	assert_non_null(strstr(weights_why(w), "was replaced"));
	weights_close(w);
	w = learner_open(&place, &learn);
	assert_int_equal(learner_teach(w, 1), 0);
	weights_close(w);
	assert_int_equal(unlink(place.path), 0); /* the journal alone makes it again */
	w = learner_open(&place, &learn);
	assert_true(learner_knows(w, 1));
	weights_close(w);
	learner_place_remove(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_torn_tail_is_cut_at_every_byte),
		cmocka_unit_test(test_a_kill_between_any_two_stores),
		cmocka_unit_test(test_killed_in_a_loop),
		cmocka_unit_test(test_an_orderly_restart),
		cmocka_unit_test(test_loss_of_power),
		cmocka_unit_test(test_a_journal_that_is_missing_or_cut_or_anothers),
		cmocka_unit_test(test_the_file_is_replaced_under_a_learner),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
