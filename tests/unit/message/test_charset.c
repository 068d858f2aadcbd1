/* tests/unit/message/test_charset.c - labels, and what is done when they lie. */
#include "message/charset.h"
#include "tests/test.h"

static const struct {
	const char *bytes, *label, *text;
	enum charset_fact fact;
} cases[] = {
	{ "abc", "iso-8859-1", "abc", CHARSET_AS_LABELLED },
	{ "gr\xFC\xDF", "ISO-8859-1", "grüß", CHARSET_AS_LABELLED },
	{ "\x93q\x94 \x80", "us-ascii", "“q” €", CHARSET_AS_LABELLED },
	{ "gr\xC3\xBC\xC3\x9F", "iso-8859-1", "grüß", CHARSET_WAS_LYING },
	{ "gr\xC3\xBC", "UTF8", "grü", CHARSET_AS_LABELLED },
	{ "gr\xFC", "utf-8", "gr\xEF\xBF\xBD", CHARSET_HAD_INVALID_BYTES },
	{ "gr\xFC", "", "grü", CHARSET_WAS_UNLABELLED },
	{ "gr\xFC", "nonsense", "grü", CHARSET_WAS_UNKNOWN },
	{ "\xCF\xF0\xE8\xE2\xE5\xF2", "windows-1251", "Привет", CHARSET_AS_LABELLED },
	{ "\xC4\xE3\xBA\xC3", "gb2312", "你好", CHARSET_AS_LABELLED },
	{ "\x1B$B$\"\x1B(B", "", "あ", CHARSET_WAS_UNLABELLED },
	{ "a\xEF\xBB\xBF", "utf-8", "a\xEF\xBB\xBF", CHARSET_AS_LABELLED },
	{ "\xFE\xFF\x01\x41\x01\x42", "utf-16", "Łł", CHARSET_AS_LABELLED },
	{ "+AOk-", "utf-7", "é", CHARSET_AS_LABELLED },
};

static void labels(void **state)
{
	struct arena arena;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		enum charset_fact fact;
		struct span name;
		assert_span(charset_to_utf8(span_cstr(cases[i].bytes), span_cstr(cases[i].label), &arena, &fact, &name), cases[i].text);
		assert_int_equal(fact, cases[i].fact);
	}
	arena_release(&arena);
	charset_thread_release();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(labels) };
	return cmocka_run_group_tests_name("message/charset", tests, NULL, NULL);
}
