/* tests/unit/message/test_unicode.c - skeletons, folds, and what is counted in text. */
#include "message/unicode.h"
#include "tests/test.h"

static void skeletons_fall_together(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{ "paypal", "paypal", true },
		{ "paypal", "PayPal", true },
		{ "paypal", "paypa1", true },
		{ "paypal", "paypaI", true },
		{ "paypal", "р\u0430yp\u0430l", true }, /* Cyrillic er and a */
		{ "google", "g00gle", true },
		{ "microsoft", "rnicrosoft", true },
		{ "amazon", "\uff41mazon", true },     /* full width */
		{ "amazon", "\U0001d41amazon", true }, /* mathematical bold */
		{ "amazon", "am\u200bazon", true },
		{ "amazon", "amazing", false },
		{ "ebay", "bay", false },
	};
	struct arena arena;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool same = span_eq(unicode_skeleton(span_cstr(cases[i].a), &arena), unicode_skeleton(span_cstr(cases[i].b), &arena));
		if (same != cases[i].same)
			print_error("%s and %s\n", cases[i].a, cases[i].b);
		assert_int_equal(same, cases[i].same);
	}
	struct span own = SPAN("a-b.c");
	assert_ptr_equal(unicode_skeleton(own, &arena).p, own.p);
	arena_release(&arena);
}

static void folds(void **state)
{
	struct arena arena;
	(void)state;
	arena_init(&arena);
	assert_span(unicode_fold(SPAN("Hello 1"), &arena), "hello 1");
	assert_span(unicode_fold(span_cstr("GRÜSSE \u200bX\uff21"), &arena), "grüsse xa");
	assert_span(unicode_fold(span_cstr("\xff\xfe"), &arena), "\uFFFD\uFFFD");
	assert_span(unicode_fold(SPAN(""), &arena), "");
	arena_release(&arena);
}

static void counts(void **state)
{
	(void)state;
	struct unicode_facts f = unicode_examine(
	    span_cstr("Hello \u0440aypal, \u043f\u0440\u0438\u0432\u0435\u0442 \u202eabc\u202c a\u200bb \U0001d400 \u4e2d"));
	assert_int_equal(f.mixed_words, 1);
	assert_span(f.first_mixed, "\u0440aypal");
	assert_int_equal(f.cyrillic, 7);
	assert_int_equal(f.invisible, 1);
	assert_int_equal(f.bidi_overrides, 2);
	assert_int_equal(f.styled, 1);
	assert_int_equal(f.han_kana_hangul, 1);
}

/* Wherever a mixed word lies, blocks of ASCII around it must not hide it. */
static void finds_mixed_words_everywhere(void **state)
{
	(void)state;
	for (size_t before = 0; before < 80; before++) {
		uint8_t text[200];
		memset(text, 'x', sizeof text);
		for (size_t i = 0; i < sizeof text; i += 7)
			text[i] = ' ';
		memcpy(text + before,
		       " abcd\xd0\xb0"
		       "efg ",
		       11);
		struct unicode_facts f = unicode_examine(span_of(text, sizeof text));
		assert_int_equal(f.mixed_words, 1);
		assert_span(f.first_mixed, "abcd\xd0\xb0"
					   "efg");
		uint32_t letters = 0;
		for (size_t i = 0; i < sizeof text; i++)
			letters += (text[i] >= 'a' && text[i] <= 'z') || text[i] == 0xd0;
		assert_int_equal(f.letters, letters);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(skeletons_fall_together),
		cmocka_unit_test(folds),
		cmocka_unit_test(counts),
		cmocka_unit_test(finds_mixed_words_everywhere),
	};
	return cmocka_run_group_tests_name("message/unicode", tests, NULL, NULL);
}
