/* base/visible: nothing that acts on a terminal or hides from the eye gets through; honest text is not touched. */
#include "base/utf8.h"
#include "base/visible.h"
#include "tests/test.h"

static const struct {
	const char *text, *want;
	size_t n, max;
} cases[] = {
	{ "plain", "plain", 5, VISIBLE_ALL },
	{ "gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F", 6, VISIBLE_ALL },
	{ "a\r\nb\tc", "a\\r\\nb\\tc", 6, VISIBLE_ALL },
	{ "\x1B[31mred", "\\e[31mred", 8, VISIBLE_ALL },
	{ "a\0b", "a\\u0000b", 3, VISIBLE_ALL },
	{ "exe.\xE2\x80\xAE"
	  "fdp",
	  "exe.\\u202Efdp", 10, VISIBLE_ALL },
	{ "\xF3\xA0\x80\x81", "\\u{E0001}", 4, VISIBLE_ALL },
	{ "\xFF\xC3", "\\xFF\\xC3", 2, VISIBLE_ALL },
	{ "\xC2\x9Bm", "\\u009Bm", 3, VISIBLE_ALL },
	{ "\xEF\xBF\xBD", "\xEF\xBF\xBD", 3, VISIBLE_ALL },
	{ "abcdef", "abc...", 6, 3 },
	{ "ab\xC3\xBC"
	  "d",
	  "ab...", 5, 3 },
	{ "abc", "abc", 3, 3 },
	{ "", "", 0, VISIBLE_ALL },
};

static void table(void **state)
{
	struct arena arena;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_span(visible_text(span_of(cases[i].text, cases[i].n), cases[i].max, &arena), cases[i].want);
	arena_release(&arena);
}

static void anything_becomes_valid(void **state)
{
	struct arena arena;
	uint8_t bytes[64];
	uint32_t seed = 1;
	(void)state;
	arena_init(&arena);
	for (unsigned round = 0; round < 20000; round++) {
		for (size_t i = 0; i < sizeof bytes; i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = (uint8_t)(seed >> 24);
		}
		struct span shown = visible_text(span_of(bytes, seed >> 8 & 63), seed >> 16 & 31, &arena);
		assert_true(utf8_valid(shown));
		for (size_t i = 0; i < shown.n; i++)
			assert_true(shown.p[i] >= 0x20 && shown.p[i] != 0x7F);
		arena_reset(&arena);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(table), cmocka_unit_test(anything_becomes_valid) };
	return cmocka_run_group_tests_name("base/visible", tests, NULL, NULL);
}
