/* "tag=value; tag=value": what RFC 6376 3.2 allows is read, anything else refused whole. */
#include "auth/tag_list.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "tests/test.h"

static struct arena arena;

static void lists(void **state)
{
	static const struct {
		const char *text, *want; /* name:value| ...; NULL: refused */
	} cases[] = {
		{ "v=DKIM1; k=rsa; p=MIIB", "v:DKIM1|k:rsa|p:MIIB|" },
		{ "v=DKIM1;k=rsa;p=", "v:DKIM1|k:rsa|p:|" },
		{ "  a =\t1\r\n ; b= x  y\r\n\tz ;", "a:1|b:x  y\r\n\tz|" },
		{ "b=AB=C==; h=from:to", "b:AB=C==|h:from:to|" },
		{ "a=1; A=2; a_9=3", "a:1|A:2|a_9:3|" }, /* tags are case-sensitive */
		{ "n=caf\xc3\xa9", "n:caf\xc3\xa9|" },
		{ "a=1;  ", "a:1|" },
		{ "", NULL },
		{ "   ", NULL },
		{ ";", NULL },
		{ "a=1;;b=2", NULL },
		{ "a=1;;", NULL },
		{ "; a=1", NULL },
		{ "a=1; b", NULL },
		{ "a", NULL },
		{ "=1", NULL },
		{ "9a=1", NULL },
		{ "_a=1", NULL },
		{ "a b=1", NULL },
		{ "a-b=1", NULL },
		{ "a=1; b=2; a=1", NULL },
		{ "a=\x01", NULL },
		{ "a=x\x7fy", NULL },
		{ "\xc3\xa9=1", NULL },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tag_list tags;
		struct buf got;
		arena_reset(&arena);
		int err = tag_list_parse(span_cstr(cases[i].text), &arena, &tags);
		if (!cases[i].want) {
			assert_int_equal(err, ERR_SYNTAX);
			continue;
		}
		assert_int_equal(err, 0);
		buf_init(&got, &arena, 4096);
		for (uint32_t t = 0; t < tags.list.n; t++)
			buf_printf(&got, "%.*s:%.*s|", SPAN_ARG(tags.list.v[t].name), SPAN_ARG(tags.list.v[t].value));
		assert_span(buf_span(&got), cases[i].want);
	}
	(void)state;
}

static void nul_is_refused(void **state)
{
	struct tag_list tags;
	assert_int_equal(tag_list_parse(SPAN("d=good.example\0.evil.example"), &arena, &tags), ERR_SYNTAX);
	(void)state;
}

static void values(void **state)
{
	struct tag_list tags;
	assert_int_equal(tag_list_parse(SPAN("b=AB\r\n\tCD EF; d=example.org; p=;"), &arena, &tags), 0);
	assert_span(tag_list_compact(&tags, "b", &arena), "ABCDEF");
	assert_span(tag_list_compact(&tags, "d", &arena), "example.org");
	assert_span(tag_list_find(&tags, "b"), "AB\r\n\tCD EF");
	assert_true(tag_list_find(&tags, "p").p && tag_list_find(&tags, "p").n == 0); /* there, and empty: a revoked key */
	assert_null(tag_list_find(&tags, "x").p);
	assert_null(tag_list_compact(&tags, "x", &arena).p);
	(void)state;
}

static void no_more_than_allowed(void **state)
{
	struct buf text;
	struct tag_list tags;
	buf_init(&text, &arena, 65536);
	for (unsigned i = 0; i < LIMIT_TAGS; i++)
		buf_printf(&text, "t%u=%u;", i, i);
	assert_int_equal(tag_list_parse(buf_span(&text), &arena, &tags), 0);
	assert_int_equal(tags.list.n, LIMIT_TAGS);
	buf_cstr(&text, "more=1");
	assert_int_equal(tag_list_parse(buf_span(&text), &arena, &tags), ERR_LIMIT);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(nul_is_refused),
		cmocka_unit_test(values),
		cmocka_unit_test(no_more_than_allowed),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("auth/tag_list", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
