/* check/client_shape: the little language of shapes. */
#include "check/client_shape.h"
#include "tests/test.h"

static const struct {
	const char *token, *shapes;
	bool want;
} cases[] = {
	{ "000801c233c1$fc0adbf0$3201010a@pc", "%12-16x$%8x$%8x@", true },
	{ "000801c233c1$fc0adbf0$3201010@pc", "%12-16x$%8x$%8x@", false },
	{ "1c28c01d5f8d7$403ffc90$c0bff5b0$@com", "%12-16x$%8x$%8x", true },
	{ "8514C525E9C345FEA377AC5912010871@H270", "%12-16x$%8x$%8x@|%32X@", true },
	{ "8514c525e9c345fea377ac5912010871@H270", "%32X@", false },
	{ "5.1.0.14.2.20020925@x", "%d.%d.%d.%d.", true },
	{ "5.1.0@x", "%d.%d.%d.%d.", false },
	{ "abc", "abc%.", true },
	{ "abcd", "abc%.", false },
	{ "abcd", "abc", true },
	{ "", "%d", false },
	{ "", "%.", true },
	{ "12", "%3-4d", false },
	{ "123456", "%3-4d%.", false },
	{ "NGBBJPODELFJJHEPGPMHOEEACAAA.x@y", "%24P%4A.", true },
};

static void table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool got = client_shape(span_cstr(cases[i].token), cases[i].shapes);
		if (got != cases[i].want)
			print_error("%s against %s\n", cases[i].token, cases[i].shapes);
		assert_int_equal(got, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(table) };
	return cmocka_run_group_tests_name("check/client_shape", tests, NULL, NULL);
}
