/* session/client_text: the scale of old clients, and what a report says. */
#include "session/client_text.h"
#include "tests/test.h"

static struct arena arena;

static void shares(void **state)
{
	static const struct {
		int32_t mark, reject, weight, want;
	} cases[] = {
		{ 2000, 8000, 3000, 500 }, { 2000, 8000, -1200, -200 }, { 0, 1000, 500, 500 },       { 2000, 2000, 600, 100 },
		{ 5000, 1000, 600, 100 },  { 0, 1, INT32_MAX, 99999 },  { 0, 1, INT32_MIN, -99999 }, { INT32_MIN, INT32_MAX, 1, 0 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome outcome = { .thresholds = { .mark = cases[i].mark, .reject = cases[i].reject } };
		assert_int_equal(client_text_symbol_score(&outcome, cases[i].weight), cases[i].want);
	}
}

static void numbers(void **state)
{
	static const struct {
		int32_t n;
		const char *tenths, *hundredths;
	} cases[] = {
		{ 0, "0.0", "0.00" }, { 5, "0.5", "0.05" }, { -5, "-0.5", "-0.05" }, { 71, "7.1", "0.71" }, { -1234, "-123.4", "-12.34" },
	};
	struct buf out;
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buf_init(&out, &arena, 100);
		client_text_tenths(&out, cases[i].n);
		assert_span(buf_span(&out), cases[i].tenths);
		buf_init(&out, &arena, 100);
		client_text_hundredths(&out, cases[i].n);
		assert_span(buf_span(&out), cases[i].hundredths);
	}
}

static void report(void **state)
{
	struct outcome_symbol symbols[] = { { SPAN_INIT("few_words.link"), SPAN_INIT("form"), SPAN_INIT("Hardly a word"), 1200 },
					    { SPAN_INIT("standing.known"), SPAN_INIT("standing"), SPAN_INIT("Known here"), -7200 } };
	struct span unchecked[] = { SPAN_INIT("Whether it is listed is not known") };
	struct outcome outcome = { .thresholds = { .mark = 2000, .reject = 8000 }, .why = SPAN("accept, because it is known") };
	struct buf out;
	(void)state;
	outcome.symbols.v = symbols;
	outcome.symbols.n = 2;
	outcome.unchecked.v = unchecked;
	outcome.unchecked.n = 1;
	buf_init(&out, &arena, 10000);
	client_text_report(&out, &outcome);
	assert_span(buf_span(&out), "accept, because it is known\n\n pts  reason\n"
				    "----- ----------------------------------------------------------------\n"
				    "  2.0 Hardly a word (few_words.link)\n-12.0 Known here (standing.known)\n"
				    "    ? Whether it is listed is not known\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(shares), cmocka_unit_test(numbers), cmocka_unit_test(report) };
	return cmocka_run_group_tests_name("session/client_text", tests, NULL, NULL);
}
