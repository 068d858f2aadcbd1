/* tests/unit/message/test_encoded_word.c - encoded words as mail programs show them. */
#include "message/charset.h"
#include "message/encoded_word.h"
#include "tests/test.h"

static const struct {
	const char *in, *out;
	int anomaly; /* enum anomaly_kind, or -1 */
} cases[] = {
	{ "plain text", "plain text", -1 },
	{ "=?utf-8?Q?caf=C3=A9_au?= lait", "café au lait", -1 },
	{ "=?UTF-8*fr?B?Y2Fmw6k=?=", "café", -1 },
	{ "=?iso-8859-1?q?a?= \t =?iso-8859-1?q?b?= c", "ab c", -1 },
	{ "=?utf-8?B?Y2Fmww==?= =?utf-8?B?qSE=?=", "café!", ANOMALY_ENCODED_WORD_SPLIT_CHARACTER },
	{ "=?utf-8?B?Y2F?= =?utf-8?B?mw6k=?=", "café", -1 }, /* one base64 text cut anywhere */
	{ "=?utf-8?B?YWI?= =?utf-8?B?Y2Q?=", "abcd", -1 },   /* padding left out of each word */
	{ "=?utf-8?Q?=41?=", "A", -1 },
	{ "=?utf-8?Q?two words?=", "two words", ANOMALY_ENCODED_WORD_BAD },
	{ "=?utf-8?Q?open", "open", ANOMALY_ENCODED_WORD_BAD },
	{ "=?no-such?Q?a=FF?=", "aÿ", ANOMALY_CHARSET_UNKNOWN },
	{ "=?utf-8?Q?a=FF?=", "a\uFFFD", ANOMALY_CHARSET_INVALID_BYTES },
	{ "=?utf-8?X?no?=", "=?utf-8?X?no?=", -1 },
	{ "2 =? 3", "2 =? 3", -1 },
	{ "gr\xFC\xDF =?utf-8?Q?e?=", "grüß e", -1 },
	{ "=?koi8-r?B?8NLJ18XU?=", "Привет", -1 },
};

static void as_shown(void **state)
{
	struct arena arena;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct anomalies anomalies = { 0 };
		assert_span(encoded_words_decode(span_cstr(cases[i].in), &arena, &anomalies, (struct place){ 0 }), cases[i].out);
		if (cases[i].anomaly >= 0)
			assert_int_not_equal(anomalies.count[cases[i].anomaly], 0);
		else
			assert_int_equal(anomalies.list.n, 0);
	}
	arena_release(&arena);
	charset_thread_release();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(as_shown) };
	return cmocka_run_group_tests_name("message/encoded_word", tests, NULL, NULL);
}
