/* tests/unit/auth/test_dkim_base64.c - base64 of tags: white space anywhere, padding or not, nothing else. */
#include "auth/dkim_base64.h"
#include "base/err.h"
#include "tests/test.h"

static const struct decode_case {
	const char *text, *bytes; /* bytes NULL: refused */
} decode_cases[] = {
	{ "aGVsbG8=", "hello" },
	{ "aGVsbG8", "hello" },
	{ " aGV\r\n\tsbG8 = ", "hello" },
	{ "aGVsbG8h", "hello!" },
	{ "aGVsbA==", "hell" },
	{ "aGVsbA= =", "hell" },
	{ "aGVsbA", "hell" },
	{ "aGVs", "hel" },
	{ "", NULL },
	{ " \r\n ", NULL },
	{ "a", NULL },
	{ "aGVsb", NULL },
	{ "aGVsbG8===", NULL },
	{ "aGVs=bG8", NULL },
	{ "aGVs-G8=", NULL },
	{ "aGVs_G8=", NULL },
	{ "aGVs\xc3\xa9=", NULL },
	{ "=", NULL },
	{ "aGVsbG8=;", NULL },
};

static void test_decode(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(decode_cases); i++) {
		struct span bytes = SPAN("untouched");
		int err = dkim_base64_decode(span_cstr(decode_cases[i].text), &arena, &bytes);
		if (err != (decode_cases[i].bytes ? ERR_OK : ERR_SYNTAX))
			print_error("%s\n", decode_cases[i].text);
		assert_int_equal(err, decode_cases[i].bytes ? ERR_OK : ERR_SYNTAX);
		assert_span(bytes, decode_cases[i].bytes ? decode_cases[i].bytes : "untouched");
	}
	arena_release(&arena);
}

static void test_there_and_back(void **state)
{
	(void)state;
	struct arena arena;
	uint8_t bytes[256];
	arena_init(&arena);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7);
	for (size_t n = 1; n <= sizeof bytes; n++) {
		struct span back, text = dkim_base64_encode(span_of(bytes, n), &arena);
		assert_int_equal(text.n, (n + 2) / 3 * 4);
		assert_int_equal(dkim_base64_decode(text, &arena, &back), ERR_OK);
		assert_true(span_eq(back, span_of(bytes, n)));
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_decode), cmocka_unit_test(test_there_and_back) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
