/* message/rtf: control words that embed, load and fetch, and text that only looks like them. */
#include "tests/attachment_fixture.h"

#include <stdlib.h>

static void control_words(void **state)
{
	static const struct {
		const char *rtf;
		uint32_t flags;
		const char *external;
	} cases[] = {
		{ "{\\rtf1 plain text\\par}", 0, NULL },
		{ "{\\rtf1{\\object\\objemb{\\*\\objdata 0105}}}", ATTACHMENT_EMBEDDED_OBJECT, NULL },
		{ "{\\rtf1{\\object\\objocx}}", ATTACHMENT_EMBEDDED_OBJECT, NULL },
		{ "{\\rtf1{\\object\\objupdate\\objautlink}}", ATTACHMENT_RTF_UPDATE | ATTACHMENT_EXTERNAL_OBJECT, NULL },
		{ "{\\rtf1{\\*\\objdata 4571756174696F6E2E33}}", ATTACHMENT_EMBEDDED_OBJECT | ATTACHMENT_EQUATION, NULL },
		{ "{\\rtf1{\\*\\template http://example.org/a.dotm}}", ATTACHMENT_EXTERNAL_TEMPLATE, "http://example.org/a.dotm" },
		{ "{\\rtf1{\\*\\template C:\\\\Normal.dotm}}", 0, NULL },
		{ "{\\rtf1 a path: c:\\\\objdata, \\\\objupdate}", 0, NULL }, /* escaped backslashes */
		{ "{\\rtf1\\objdatax\\xobjdata", 0, NULL },
		{ "{\\rtf1\\", 0, NULL },
		{ "{\\rtf1{\\*\\template http", ATTACHMENT_EXTERNAL_TEMPLATE, "http" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct attachment_fixture f;
		struct attachment *a = attachment_fixture_begin(&f, span_cstr(cases[i].rtf), "a.rtf");
		if (a->flags != cases[i].flags || !span_eq(a->external, span_cstr(cases[i].external)))
			fail_msg("%s: flags %x, external %.*s", cases[i].rtf, a->flags, SPAN_ARG(a->external));
		attachment_fixture_end(&f);
	}
}

/* Nothing but starts of words: nothing is kept of them. */
static void flood(void **state)
{
	struct attachment_fixture f;
	size_t n = 1000000;
	char *p = malloc(n);
	(void)state;
	for (size_t i = 0; i < n; i++)
		p[i] = "{\\*\\template http"[i % 17];
	memcpy(p, "{\\rtf1", 6);
	struct attachment *a = attachment_fixture_begin(&f, span_of(p, n), "a.rtf");
	assert_int_equal(a->flags, ATTACHMENT_EXTERNAL_TEMPLATE);
	assert_true(f.arena.taken < 65536);
	attachment_fixture_end(&f);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(control_words), cmocka_unit_test(flood) };
	return cmocka_run_group_tests_name("message/rtf", tests, NULL, NULL);
}
