/* The progress line: what it says, and that it never is wider than the terminal. */
#include "app/progress.h"
#include "tests/test.h"

static void lines(void **state)
{
	static const struct {
		unsigned width;
		uint64_t messages, bytes, total, microseconds;
		const char *line;
	} cases[] = {
		{ 80, 500, 5000, 0, 2000000, "500 messages  250 a second" },
		{ 80, 500, 5000, 20000, 2000000, "[===>        ]  25 %  500 messages  250 a second  0:06 left" },
		{ 80, 500, 30000, 20000, 2000000, "[============] 100 %  500 messages  250 a second  0:00 left" },
		{ 80, 1, 1, 20000, 2000000, "[>           ]   0 %  1 messages  0 a second" },
		{ 20, 500, 5000, 20000, 2000000, "[===>        ]  25 " },
		{ 100, 0, 0, 0, 0, "0 messages  0 a second" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[256];
		size_t n = progress_line(text, sizeof text, cases[i].width, cases[i].messages, cases[i].bytes, cases[i].total,
					 cases[i].microseconds);
		assert_span(span_of(text, n), cases[i].line);
		assert_true(n < cases[i].width);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines) };
	return cmocka_run_group_tests_name("app/progress", tests, NULL, NULL);
}
