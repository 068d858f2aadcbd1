/* The words that choose among kept cases: each with what it takes, and what is wrong said in words. */
#include "app/store_query.h"
#include "base/clock.h"
#include "tests/test.h"

static struct arena arena;

static void queries(void **state)
{
	static const struct {
		const char *text, *why; /* NULL: it is right */
	} cases[] = {
		{ "", NULL },
		{ "address=a%40example.org&limit=5", NULL },
		{ "&&verdict=reject&", NULL },
		{ "subject=two+words%21", NULL },
		{ "since=7d&until=2026-03-01", NULL },
		{ "ip=192.0.2.0/24", NULL },
		{ "recipient=nobody", "recipient must be an address" },
		{ "verdict=bad", "verdict must be accept, mark" },
		{ "limit=-1", "limit must be a number" },
		{ "since=yesterday", "since must be a time" },
		{ "ip=!192.0.2.1", "ip must be an address" },
		{ "colour=red", "there is nothing called colour" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct store_query query;
		struct span why = span_none;
		int err = store_query_parse(span_cstr(cases[i].text), 1000000, &arena, &query, &why);
		if (!cases[i].why != !err || (err && !span_has(why, span_cstr(cases[i].why))))
			print_error("%s: %.*s\n", cases[i].text, SPAN_ARG(why));
		assert_true(!cases[i].why == !err && (!err || span_has(why, span_cstr(cases[i].why))));
	}
}

static void values_are_unescaped(void **state)
{
	struct store_query query;
	struct span why;
	(void)state;
	assert_int_equal(store_query_parse(SPAN("address=a%40b.example&subject=x+%2B%zz%4&since=1h&limit=0"), 10000, &arena, &query, &why),
			 0);
	assert_span(query.address, "a@b.example");
	assert_span(query.subject, "x +%zz%4");
	assert_int_equal(query.since, 6400);
	assert_int_equal(query.limit, 0);
	assert_false(query.has_verdict || query.has_net);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(queries), cmocka_unit_test(values_are_unescaped) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
