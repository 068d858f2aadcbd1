/* config/list_declaration: patterns of answers, and that every entry of the catalogue reads, is complete and cannot refuse mail alone. */
#include "base/ip.h"
#include "config/settings_reading.h"
#include "tests/test.h"

static struct arena arena;

static void patterns(void **state)
{
	static const struct {
		const char *pattern, *address;
		int matches; /* -1: not read */
	} cases[] = {
		{ "127.0.0.2", "127.0.0.2", 1 },           { "127.0.0.2", "127.0.0.3", 0 },   { "127.0.0.4-7", "127.0.0.7", 1 },
		{ "127.0.0.4-7", "127.0.0.8", 0 },         { "127.0.*.3", "127.0.200.3", 1 }, { "127.0.*.3", "127.1.200.3", 0 },
		{ "127.0.0.&8", "127.0.0.24", 1 },         { "127.0.0.&8", "127.0.0.16", 0 }, { "127.0.0.&24", "127.0.0.16", 1 },
		{ "127.255.255.*", "127.255.255.254", 1 }, { "127.0.0", "127.0.0.0", -1 },    { "127.0.0.2.", "127.0.0.2", -1 },
		{ "127.0.0.7-4", "127.0.0.5", -1 },        { "127.0.0.&0", "127.0.0.5", -1 }, { "127.0.0.256", "127.0.0.0", -1 },
		{ "127..0.2", "127.0.0.2", -1 },           { "127.0.0.-", "127.0.0.2", -1 },  { "", "127.0.0.2", -1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct list_code code;
		struct ip ip;
		assert_true(ip_parse(span_cstr(cases[i].address), &ip));
		int got = list_code_parse(span_cstr(cases[i].pattern), &code) ? list_code_matches(&code, ip_v4(&ip)) : -1;
		if (got != cases[i].matches)
			fail_msg("%s of %s: %d", cases[i].address, cases[i].pattern, got);
	}
}

static void catalogue(void **state)
{
	(void)state;
	for (size_t i = 0; i < list_catalogue_n; i++) {
		struct settings_reading r = { .path = SPAN("catalogue"), .arena = &arena };
		struct list_declaration list;
		if (settings_reading_catalogue(&r, &list_catalogue[i], &list))
			fail_msg("%s: %.*s", list_catalogue[i].name, SPAN_ARG(r.error));
		list_declaration_complete(&list, &arena);
		assert_ptr_equal(list_catalogue_find(list.name), &list_catalogue[i]);
		assert_true(list.zone.n && list.asks && list.codes.n && list.must_not_list.n && list.refusals.n);
		assert_true(list_most(&list) <= LIST_WEIGHT_MOST);
		assert_true(strncmp(list_catalogue[i].home, "https://", 8) == 0);
		assert_false(list.asks & LIST_RELAYS); /* no public list wants to be asked about what a Received line says */
	}
	assert_null(list_catalogue_find(SPAN("zen")));
}

static void controls(void **state)
{
	struct list_declaration list;
	(void)state;
	list_declaration_init(&list, SPAN("a"));
	list.zone = SPAN("bl.example");
	list.asks = LIST_CLIENT | LIST_FROM;
	list.ipv6 = true;
	list_declaration_complete(&list, &arena);
	assert_int_equal(list.must_list.n, 3);
	assert_span(list.must_list.v[1], "::ffff:7f00:2");
	assert_span(list.must_not_list.v[2], "invalid");
	list_declaration_init(&list, SPAN("b"));
	list.zone = SPAN("bl.example");
	list.asks = LIST_FROM;
	list.hash = LIST_SHA256;
	list_declaration_complete(&list, &arena);
	assert_int_equal(list.must_list.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(patterns), cmocka_unit_test(catalogue), cmocka_unit_test(controls) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("config/list_declaration", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
