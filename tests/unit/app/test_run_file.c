/* app/run_file: what is written is read again; what is no run is refused with the line. */
#include "app/run_file.h"
#include "base/err.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena arena;
static char path[] = "/tmp/postern-run-XXXXXX";

static void put(const char *text, size_t n)
{
	FILE *file = fopen(path, "w");
	fwrite(text, 1, n, file);
	fclose(file);
}

static void round_trip(void **state)
{
	static const double scores[] = { 0, -0.0000004, 1.0 / 3, -123456.7890123, 4.59511985013459, 1e12, INFINITY, -INFINITY };
	struct run run = { 0 };
	struct span error;
	(void)state;
	FILE *file = fopen(path, "w");
	for (size_t i = 0; i < COUNT(scores); i++)
		run_write(file, run_score(scores[i]), i % 2);
	fclose(file);
	assert_int_equal(run_read(path, &run, &arena, &error), 0);
	assert_int_equal(run.n, COUNT(scores));
	for (size_t i = 0; i < COUNT(scores); i++) {
		assert_true(run.v[i].log_odds == run_score(scores[i]));
		assert_int_equal(run.v[i].spam, i % 2);
		assert_int_equal(run.v[i].action, EVALUATION_NO_ACTION);
	}
	run_release(&run);
}

static void lines(void **state)
{
#define CASE(text, err, n, says)                                                                                                           \
	{                                                                                                                                  \
		text, sizeof text - 1, err, n, says                                                                                        \
	}
	static const struct {
		const char *text;
		size_t bytes;
		int err;
		size_t n;
		const char *says;
	} cases[] = {
		CASE("", 0, 0, ""),
		CASE("ham -1\nspam 2.5e0", 0, 2, ""),
		CASE("ham -1\r\nspam \t2.5 \r\n", 0, 2, ""),
		CASE("ham 1\nhan 2\n", ERR_SYNTAX, 1, ":2: write \"ham SCORE\""),
		CASE("ham\n", ERR_SYNTAX, 0, ":1: write"),
		CASE("ham \n", ERR_SYNTAX, 0, ":1: write"),
		CASE("ham 1 2\n", ERR_SYNTAX, 0, ":1: write"),
		CASE("ham 1,5\n", ERR_SYNTAX, 0, ":1: write"),
		CASE("spam nan\n", ERR_SYNTAX, 0, ":1: write"),
		CASE("spam 1\0 2\n", ERR_SYNTAX, 0, ":1: write"),
		CASE("ham 1\n\nspam 2\n", ERR_SYNTAX, 1, ":2: write"),
	};
#undef CASE
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run run = { 0 };
		struct span error = span_none;
		put(cases[i].text, cases[i].bytes);
		assert_int_equal(run_read(path, &run, &arena, &error), cases[i].err);
		assert_int_equal(run.n, cases[i].n);
		assert_true(span_has(error, span_cstr(cases[i].says)));
		run_release(&run);
	}
	struct run run = { 0 };
	struct span error;
	assert_int_equal(run_read("/nonexistent/run", &run, &arena, &error), ERR_IO);
	assert_span(error, "/nonexistent/run: the run cannot be opened: No such file or directory");
	assert_int_equal(run_read("/", &run, &arena, &error), ERR_IO);
	run_release(&run);
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	close(mkstemp(path));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(round_trip), cmocka_unit_test(lines) };
	return cmocka_run_group_tests_name("app/run_file", tests, setup, teardown);
}
