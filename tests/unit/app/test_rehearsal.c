/* app/rehearsal: a long run of one kind brings back messages of the other as they were; a torn or foreign file brings nothing. */
#include "app/rehearsal.h"
#include "tests/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena arena;
static char folder[] = "/tmp/postern-rehearsal-XXXXXX", model[64], file[80];

static struct weights_id id_of(uint32_t number)
{
	struct weights_id id = { { 0 } };
	memcpy(id.b, &number, sizeof number);
	return id;
}

/* Message `number` has cells number, number + 3, ... in each view, `n` and some more in the later ones. */
static struct features message(uint32_t number, uint32_t n)
{
	struct features features = { 0 };
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		struct feature_list *list = &features.of[v];
		list->n = n + v;
		list->cell = arena_alloc(&arena, (list->n + 1) * sizeof *list->cell);
		for (uint32_t i = 0; i < list->n; i++)
			list->cell[i] = number + 3 * i;
	}
	return features;
}

static void keep(struct rehearsal *r, uint32_t number, enum weights_label label, uint32_t n)
{
	struct weights_id id = id_of(number);
	struct features features = message(number, n);
	rehearsal_keep(r, &id, label, &features);
}

/* The number of the message that is rehearsed, whose features must be its own; 0: none. */
static uint32_t next(struct rehearsal *r, enum weights_label learned, uint32_t n)
{
	struct weights_id id;
	struct features got;
	uint32_t number;
	if (!rehearsal_next(r, learned, &arena, &id, &got))
		return 0;
	memcpy(&number, id.b, sizeof number);
	struct features want = message(number, n);
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		assert_int_equal(got.of[v].n, want.of[v].n);
		assert_memory_equal(got.of[v].cell, want.of[v].cell, want.of[v].n * sizeof *want.of[v].cell);
	}
	return number;
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	snprintf(folder, sizeof folder, "/tmp/postern-rehearsal-XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	snprintf(model, sizeof model, "%s/model", folder);
	snprintf(file, sizeof file, "%s.recent", model);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(file);
	rmdir(folder);
	arena_release(&arena);
	return 0;
}

static void long_runs(void **state)
{
	(void)state;
	struct rehearsal *r = rehearsal_open(model);
	assert_non_null(r);
	assert_int_equal(next(r, WEIGHTS_SPAM, 50), 0);
	for (uint32_t i = 1; i <= 3; i++)
		keep(r, i, WEIGHTS_HAM, 50);
	for (uint32_t i = 1; i < REHEARSAL_RUN; i++) {
		keep(r, 100 + i, WEIGHTS_SPAM, 50);
		assert_int_equal(next(r, WEIGHTS_SPAM, 50), 0);
	}
	keep(r, 200, WEIGHTS_SPAM, 50);
	assert_int_equal(next(r, WEIGHTS_HAM, 50), 0);
	rehearsal_close(r);
	r = rehearsal_open(model); /* the run goes on in another process */
	for (uint32_t i = 0; i < 7; i++)
		assert_int_equal(next(r, WEIGHTS_SPAM, 50), 1 + i % 3);
	keep(r, 4, WEIGHTS_HAM, 50);
	assert_int_equal(next(r, WEIGHTS_SPAM, 50), 0);
	rehearsal_close(r);
}

static void full(void **state)
{
	(void)state;
	struct rehearsal *r = rehearsal_open(model);
	for (uint32_t i = 1; i <= 4 * REHEARSAL_KEPT; i++)
		keep(r, i, WEIGHTS_SPAM, 5);
	for (uint32_t i = 0; i < REHEARSAL_RUN; i++)
		keep(r, 10000 + i, WEIGHTS_HAM, 5);
	unsigned old = 0;
	for (uint32_t i = 0; i < REHEARSAL_KEPT; i++) {
		uint32_t number = next(r, WEIGHTS_HAM, 5);
		assert_in_range(number, 1, 4 * REHEARSAL_KEPT);
		old += number <= REHEARSAL_KEPT;
	}
	assert_in_range(old, 1, REHEARSAL_KEPT / 4); /* some of long ago, most of them newer */
	/* What is too large for its place is left out. */
	keep(r, 1, WEIGHTS_SPAM, 100000);
	for (uint32_t i = 0; i < REHEARSAL_RUN; i++)
		keep(r, 10000 + i, WEIGHTS_HAM, 5);
	assert_int_not_equal(next(r, WEIGHTS_HAM, 5), 0);
	rehearsal_close(r);
}

/* Any byte of the file changed, or cut off anywhere: what is rehearsed is right, or nothing is. */
static void damage(void **state)
{
	(void)state;
	struct rehearsal *r = rehearsal_open(model);
	keep(r, 1, WEIGHTS_HAM, 40);
	for (uint32_t i = 0; i < REHEARSAL_RUN; i++)
		keep(r, 100 + i, WEIGHTS_SPAM, 40);
	assert_int_equal(next(r, WEIGHTS_SPAM, 40), 1);
	int fd = open(file, O_RDWR);
	for (off_t at = 0; at < 4096 + 1000; at += at < 96 || at >= 4096 ? 1 : 50) {
		uint8_t byte = 0;
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		byte ^= 0xff;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		uint32_t number = next(r, WEIGHTS_SPAM, 40);
		assert_true(number == 0 || number == 1);
		byte ^= 0xff;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		arena_reset(&arena);
	}
	assert_int_equal(ftruncate(fd, 4096 + 100), 0);
	assert_int_equal(next(r, WEIGHTS_SPAM, 40), 0);
	assert_int_equal(ftruncate(fd, 10), 0);
	assert_int_equal(next(r, WEIGHTS_SPAM, 40), 0);
	keep(r, 7, WEIGHTS_SPAM, 40); /* begun anew */
	close(fd);
	rehearsal_close(r);
	snprintf(model, sizeof model, "%s/no/model", folder);
	assert_null(rehearsal_open(model));
	rehearsal_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(long_runs, setup, teardown),
					    cmocka_unit_test_setup_teardown(full, setup, teardown),
					    cmocka_unit_test_setup_teardown(damage, setup, teardown) };
	return cmocka_run_group_tests_name("app/rehearsal", tests, NULL, NULL);
}
