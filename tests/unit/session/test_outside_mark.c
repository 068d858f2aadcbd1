/* session/outside_mark: which fields are ours alone, and which of its name each is. */
#include "base/limits.h"
#include "session/outside_mark.h"
#include "tests/test.h"

static const struct {
	const char *name, *value;
	uint32_t n; /* 0: is left alone */
} fields[] = {
	{ "Subject", " X-Spam-Flag: NO", 0 },
	{ "X-Spam-Flag", " NO", 1 },
	{ "x-spam-flag", " NO", 2 },
	{ "X-Spam-Status", " No", 1 },
	{ "X-Spam-Flag", " NO", 3 },
	{ "X-Postern-Why", " good", 1 },
	{ "X-Spanish", " x", 0 },
	{ "Authentication-Results", " mx.example.net; dkim=pass", 0 },
	{ "Authentication-Results", " mx.example.org; dkim=pass", 2 },
	{ "Authentication-Results", " (a (b) c)\r\n \"MX.Example.Org\" 1; none", 3 },
	{ "Authentication-Results", " mx.example.org.evil.example; none", 0 },
	{ "Authentication-Results", "", 0 },
	{ "Authentication-Results", " (mx.example.org", 0 },
};

static void which_and_how_many(void **state)
{
	(void)state;
	struct arena arena;
	struct outside_marks marks = { 0 };
	struct outcome outcome = { 0 };
	arena_init(&arena);
	uint32_t want = 0;
	for (size_t i = 0; i < COUNT(fields); i++) {
		outside_marks_note(&marks, &arena, span_cstr(fields[i].name), span_cstr(fields[i].value), SPAN("mx.example.org"));
		if (fields[i].n) {
			assert_int_equal(marks.list.n, ++want);
			assert_int_equal(marks.list.v[want - 1].n, fields[i].n);
		}
		assert_int_equal(marks.list.n, want);
	}
	assert_true(outside_marks_remove(&marks, &arena, &outcome));
	assert_int_equal(outcome.edits.n, want);
	while (want < LIMIT_OUTSIDE_MARKS + 1) {
		outside_marks_note(&marks, &arena, SPAN("X-Spam"), SPAN(""), SPAN(""));
		want++;
	}
	assert_int_equal(marks.list.n, LIMIT_OUTSIDE_MARKS);
	assert_false(outside_marks_remove(&marks, &arena, &outcome));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(which_and_how_many) };
	return cmocka_run_group_tests_name("session/outside_mark", tests, NULL, NULL);
}
