/* report/style: colours only when asked for, lines that fit, nothing hostile. */
#include "report/style.h"
#include "tests/test.h"

static struct span wrap(struct arena *arena, unsigned width, unsigned indent, const char *text)
{
	struct style style = { .width = width };
	struct buf out;
	buf_init(&out, arena, 4096);
	style_wrap(&style, &out, indent, span_cstr(text));
	return buf_span(&out);
}

static void wrapping(void **state)
{
	struct arena arena;
	(void)state;
	arena_init(&arena);
	assert_span(wrap(&arena, 20, 2, "one two three four five six"), "one two three four\n  five six");
	assert_span(wrap(&arena, 0, 2, "one two three four five six"), "one two three four five six");
	assert_span(wrap(&arena, 20, 0, "\x1B[1mone two three\x1B[0m four five"), "\x1B[1mone two three\x1B[0m four\nfive");
	assert_span(wrap(&arena, 12, 2, "abcdefghijklmnop q"), "abcdefghij\n  klmnop q");
	assert_span(wrap(&arena, 14, 0, "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4 1234 x"),
		    "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4 1234 x");
	assert_span(wrap(&arena, 20, 0, ""), "");
	arena_release(&arena);
}

static void colours(void **state)
{
	struct arena arena;
	struct style on = { .colour = true }, off = { 0 };
	struct buf out;
	(void)state;
	arena_init(&arena);
	buf_init(&out, &arena, 4096);
	style_put(&off, &out, STYLE_BAD, SPAN("x"));
	style_put(&on, &out, STYLE_PLAIN, SPAN("y"));
	assert_span(buf_span(&out), "xy");
	style_put(&on, &out, STYLE_BAD, SPAN("z"));
	assert_span(buf_span(&out), "xy\x1B[1;31mz\x1B[0m");
	assert_span(style_safe(SPAN("a\x1B[31m\n"), &arena), "a\\e[31m\\n");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(wrapping), cmocka_unit_test(colours) };
	return cmocka_run_group_tests_name("report/style", tests, NULL, NULL);
}
