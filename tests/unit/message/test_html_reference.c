/* tests/unit/message/test_html_reference.c - character references as WHATWG HTML 13.2.5.72-80 has them. */
#include "message/html.h"
#include "tests/test.h"

static void decodes(void **state)
{
	static const struct {
		const char *in, *text, *attribute;
	} cases[] = {
		{ "no reference", "no reference", "no reference" },
		{ "&amp;", "&", "&" },
		{ "&amp", "&", "&" },
		{ "&ampx", "&x", "&ampx" },
		{ "?a=1&copy=2", "?a=1©=2", "?a=1&copy=2" },
		{ "?a=1&copy;=2", "?a=1©=2", "?a=1©=2" },
		{ "&notit; &notin;", "¬it; ∉", "&notit; ∉" },
		{ "&nosuch; & &; &#; &#x; &#xg;", "&nosuch; & &; &#; &#x; &#xg;", "&nosuch; & &; &#; &#x; &#xg;" },
		{ "&#65;&#x42;&#X43&#68", "ABCD", "ABCD" },
		{ "&#128;&#x99;", "€™", "€™" },
		{ "&#0;&#xD800;&#x110000;&#99999999999999999999;", "\uFFFD\uFFFD\uFFFD\uFFFD", "\uFFFD\uFFFD\uFFFD\uFFFD" },
		{ "&CounterClockwiseContourIntegral;", "∳", "∳" },
		{ "&nGt;&nGt;&nGt;", "≫⃒≫⃒≫⃒", "≫⃒≫⃒≫⃒" },
		{ "&", "&", "&" },
	};
	struct arena arena;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_span(html_decode_references(span_cstr(cases[i].in), false, &arena), cases[i].text);
		assert_span(html_decode_references(span_cstr(cases[i].in), true, &arena), cases[i].attribute);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(decodes) };
	return cmocka_run_group_tests_name("message/html_reference", tests, NULL, NULL);
}
