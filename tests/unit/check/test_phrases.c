/* check/phrases: words and phrases as written and dressed up; what must not be found; hostile bytes. */
#include "check/phrases.h"
#include "message/unicode.h"
#include "tests/test.h"

static struct phrase_table table;

static void found(void **state)
{
	static const struct {
		const char *text;
		int id;
		bool disguised;
		uint32_t words;
	} cases[] = {
		{ "paypal", 1, false, 1 },
		{ "Your PayPal account", 1, false, 3 },
		{ "PAY-PAL", 1, false, 2 },
		{ "paypalx", -1, false, 1 },
		{ "xpaypal", -1, false, 1 },
		{ "PayPa1 team", 1, true, 2 },
		{ "paypaI", 1, true, 1 },
		{ "bank of america", 2, false, 3 },
		{ "bank of", -1, false, 2 },
		{ "Bank-0f-America", 2, true, 3 },
		{ "\xd0\xa0\xd0\xb0ypal", 1, true, 1 },
		{ "", -1, false, 0 },
		{ "\xff\xfe\x80", -1, false, 1 },
		{ "paypal\xe2\x84\xa2 news", 1, false, 2 },
	};
	struct arena arena;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct phrase_hits hits;
		phrases_find(&table, span_cstr(cases[i].text), true, &arena, &hits);
		if ((hits.n ? hits.v[0].id : -1) != cases[i].id || (hits.n && hits.v[0].disguised != cases[i].disguised))
			fail_msg("%s: id %d disguised %d", cases[i].text, hits.n ? hits.v[0].id : -1, hits.n ? hits.v[0].disguised : 0);
		if (hits.n)
			assert_int_equal(hits.words, cases[i].words);
	}
	arena_release(&arena);
}

static void plain_only(void **state)
{
	struct phrase_hits hits;
	(void)state;
	phrases_find(&table, SPAN("PayPa1"), false, NULL, &hits);
	assert_int_equal(hits.n, 0);
}

static void bounded(void **state)
{
	static uint8_t text[200000];
	struct phrase_hits hits;
	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = "paypal "[i % 7];
	phrases_find(&table, span_of(text, sizeof text), false, NULL, &hits);
	assert_int_equal(hits.n, COUNT(hits.v));
	assert_int_equal(hits.words, PHRASE_TEXT_WORDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(found), cmocka_unit_test(plain_only), cmocka_unit_test(bounded) };
	struct arena arena;
	arena_init(&arena);
	unicode_warm_up();
	phrase_table_add(&table, SPAN("paypal|pay pal"), 1, &arena);
	phrase_table_add(&table, SPAN("bank of america"), 2, &arena);
	arena_release(&arena);
	return cmocka_run_group_tests_name("check/phrases", tests, NULL, NULL);
}
