/* Hosts and addresses that a message names: each once, bounded, with nothing in them that could not be shown. */
#include "action/plan_names.h"
#include "base/limits.h"
#include "message/content.h"
#include "tests/test.h"

static struct arena arena;

static struct outcome named(struct span raw)
{
	static struct message message;
	static struct content content;
	struct outcome outcome = { .id = span_none };
	message_parse(raw, &arena, &message);
	content_examine(&message, &content);
	plan_names(&content.links, &arena, &outcome);
	return outcome;
}

static void each_once(void **state)
{
	struct outcome o =
	    named(SPAN("From: a@b.example\r\nContent-Type: text/html\r\n\r\n<a href=\"http://www.shop.example/a?b=c\">x</a> "
		       "<a href=\"HTTPS://WWW.shop.example/other\">y</a> <img src=\"http://img.example/1.png\"> http://text.example/x "
		       "<a href=\"mailto:Bob@corp.example.org?subject=x\">m</a> bob@CORP.example.org joe@corp.example.org "
		       "<a href=\"mailto:a%0d%0a@x.example,second@x.example\">n</a> <a href=\"mailto:nobody\">o</a> "
		       "<a href=\"javascript:x\">p</a>\r\n"));
	static const char *const addresses[] = { "Bob@corp.example.org", "joe@corp.example.org" };
	(void)state;
	assert_int_equal(o.hosts.n, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_true(span_eq(o.hosts.v[i], SPAN("www.shop.example")) || span_eq(o.hosts.v[i], SPAN("img.example")) ||
			    span_eq(o.hosts.v[i], SPAN("text.example")));
	assert_int_equal(o.addresses.n, 3);
	for (size_t i = 0; i < COUNT(addresses); i++) {
		bool found = false;
		for (uint32_t k = 0; k < o.addresses.n; k++)
			found |= span_eq(o.addresses.v[k], span_cstr(addresses[i]));
		assert_true(found);
	}
	for (uint32_t k = 0; k < o.addresses.n; k++)
		for (size_t i = 0; i < o.addresses.v[k].n; i++)
			assert_true(o.addresses.v[k].p[i] > ' ');
}

static void no_more_than_the_limit(void **state)
{
	struct buf raw;
	(void)state;
	buf_init(&raw, &arena, 1 << 20);
	buf_cstr(&raw, "From: a@b.example\r\n\r\n");
	for (unsigned i = 0; i < LIMIT_CLIENT_NAMES + 20; i++)
		buf_printf(&raw, "http://h%u.example/ a%u@mail.example.org\r\n", i, i);
	struct outcome o = named(buf_span(&raw));
	assert_int_equal(o.hosts.n, LIMIT_CLIENT_NAMES);
	assert_int_equal(o.addresses.n, LIMIT_CLIENT_NAMES);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_once), cmocka_unit_test(no_more_than_the_limit) };
	arena_init(&arena);
	return cmocka_run_group_tests_name("action/plan_names", tests, NULL, NULL);
}
