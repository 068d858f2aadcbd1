/* Spans: comparison, search, splitting, never beyond the end. */
#include "tests/test.h"

static void compares_without_case(void **state)
{
	(void)state;
	assert_true(span_ieq(SPAN("Received"), SPAN("rECEIVED")));
	assert_false(span_ieq(SPAN("Received"), SPAN("Receive")));
	assert_true(span_istarts(SPAN("Content-Type"), SPAN("content-")));
	assert_true(span_iends(SPAN("a.EXE"), SPAN(".exe")));
	assert_true(span_icmp(SPAN("abc"), SPAN("ABD")) < 0);
	/* Only ASCII letters have case: '@' and '`' differ by the same bit. */
	assert_false(span_ieq(SPAN("@"), SPAN("`")));
}

static void finds(void **state)
{
	static const struct {
		const char *in, *needle;
		size_t from, at, at_any_case;
	} cases[] = {
		{ "hello", "l", 0, 2, 2 },
		{ "hello", "L", 0, SPAN_NPOS, 2 },
		{ "hello", "", 3, 3, 3 },
		{ "hello", "hello!", 0, SPAN_NPOS, SPAN_NPOS },
		{ "aAaB", "ab", 0, SPAN_NPOS, 2 },
		{ "xyzxyz", "xyz", 1, 3, 3 },
		{ "abc", "c", 9, SPAN_NPOS, SPAN_NPOS },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(span_find(span_cstr(cases[i].in), span_cstr(cases[i].needle), cases[i].from), cases[i].at);
		assert_int_equal(span_ifind(span_cstr(cases[i].in), span_cstr(cases[i].needle), cases[i].from), cases[i].at_any_case);
	}
}

static void splits(void **state)
{
	(void)state;
	struct span rest = SPAN("a;;b"), head;
	assert_true(span_split(&rest, ';', &head));
	assert_span(head, "a");
	assert_true(span_split(&rest, ';', &head));
	assert_span(head, "");
	assert_true(span_split(&rest, ';', &head));
	assert_span(head, "b");
	assert_false(span_split(&rest, ';', &head));
}

static void trims_and_slices(void **state)
{
	(void)state;
	assert_span(span_trim(SPAN(" \t a b\r\n")), "a b");
	assert_span(span_trim(SPAN(" \r\n ")), "");
	assert_span(span_slice(SPAN("abc"), 1, 99), "bc");
	assert_span(span_slice(SPAN("abc"), 5, 2), "");
	assert_int_equal(span_at(SPAN("a"), 1), -1);
}

static void reads_numbers(void **state)
{
	uint64_t v;
	(void)state;
	assert_true(span_to_uint(SPAN("0042"), 100, &v) && v == 42);
	assert_false(span_to_uint(SPAN("101"), 100, &v));
	assert_false(span_to_uint(SPAN(""), 100, &v));
	assert_false(span_to_uint(SPAN("1a"), 100, &v));
	assert_false(span_to_uint(SPAN("99999999999999999999"), UINT64_MAX, &v));
	assert_true(span_to_uint(SPAN("18446744073709551615"), UINT64_MAX, &v) && v == UINT64_MAX);
}

/* Needles of every length at every place of a text: blocks of sixteen meet their ends everywhere. */
static void finds_at_every_place(void **state)
{
	static const char needle[] = "NeedleInHaystack[0123456789]";
	uint8_t text[80];
	(void)state;
	for (size_t n = 1; n <= 20; n++)
		for (size_t at = 0; at + n <= sizeof text; at++) {
			memset(text, '.', sizeof text);
			memcpy(text + at, needle, n);
			struct span s = span_of(text, sizeof text), exact = span_of(needle, n);
			assert_int_equal(span_find(s, exact, 0), at);
			assert_int_equal(span_find(span_first(s, at + n - 1), exact, 0), SPAN_NPOS);
			text[at] = 'n';
			assert_int_equal(span_find(s, exact, 0), SPAN_NPOS);
			assert_int_equal(span_ifind(s, exact, at), at);
			assert_int_equal(span_ifind(s, exact, at + 1), SPAN_NPOS);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_without_case), cmocka_unit_test(finds),
		cmocka_unit_test(finds_at_every_place),  cmocka_unit_test(splits),
		cmocka_unit_test(trims_and_slices),      cmocka_unit_test(reads_numbers),
	};
	return cmocka_run_group_tests_name("base/span", tests, NULL, NULL);
}
