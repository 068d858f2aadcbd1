/* The DNS tree walk (RFC 9989 4.10): which names are asked, whose organisation a domain is, and whose policy applies. */
#include "auth/dmarc_tree.h"
#include "tests/auth_test.h"

static struct arena arena;

static struct dmarc_tree walk(struct dns *dns, const char *domain)
{
	struct dmarc_tree tree;
	do
		dns_round_begin(dns, &arena);
	while (dmarc_tree_walk(span_cstr(domain), &dns->answers, &dns->questions, &arena, &tree) == AUTH_MORE && dns_round_end(dns));
	return tree;
}

static const struct dns_record zone[] = {
	{ "_dmarc.example.com", QUESTION_TXT, "v=DMARC1; p=reject" },
	{ "_dmarc.deep.example.com", QUESTION_TXT, "v=DMARC1; p=quarantine" },
	{ "_dmarc.own.example.com", QUESTION_TXT, "v=DMARC1; p=none; psd=n" },
	{ "_dmarc.example", QUESTION_TXT, "v=DMARC1; p=reject; psd=y; np=reject" },
	{ "_dmarc.with.example", QUESTION_TXT, "v=DMARC1; p=none" },
	{ "_dmarc.two.example", QUESTION_TXT, "v=DMARC1; p=none" },
	{ "_dmarc.two.example", QUESTION_TXT, "v=DMARC1; p=reject" },
	{ "_dmarc.texts.example", QUESTION_TXT, "v=spf1 -all" },
	{ "_dmarc.texts.example", QUESTION_TXT, "v=DMARC1; p=quarantine" },
	{ "_dmarc.net", QUESTION_TXT, "v=DMARC1; p=reject" }, /* careless: says nothing of psd */
	{ "_dmarc.co.uk", QUESTION_TXT, "v=DMARC1; p=reject" },
	{ "_dmarc.bank.co.uk", QUESTION_TXT, "v=DMARC1; p=reject" },
	{ "_dmarc.slow.org", QUESTION_TXT, "TIMEOUT" },
	{ "_dmarc.e.f.g.h.i.j.org", QUESTION_TXT, "v=DMARC1; p=reject" },
	{ NULL, 0, NULL },
};

static void organisations(void **state)
{
	static const struct {
		const char *domain, *organisational, *policy_domain; /* NULL: none */
		bool failed;
	} cases[] = {
		{ "example.com", "example.com", "example.com", false },
		{ "a.b.example.com", "example.com", "example.com", false },
		{ "deep.example.com", "example.com", "deep.example.com", false },
		{ "a.deep.example.com", "example.com", "example.com", false }, /* the organisation's, not the nearest */
		{ "own.example.com", "own.example.com", "own.example.com", false },
		{ "a.own.example.com", "own.example.com", "own.example.com", false },
		{ "some.example", "some.example", "example", false },
		{ "a.b.some.example", "some.example", "example", false },
		{ "with.example", "with.example", "with.example", false },
		{ "a.with.example", "with.example", "with.example", false },
		{ "example", "example", "example", false },
		{ "two.example", "two.example", "example", false },
		{ "texts.example", "texts.example", "texts.example", false },
		{ "some.net", "some.net", NULL, false },
		{ "a.some.net", "a.some.net", NULL, false },
		{ "mail.bank.co.uk", "bank.co.uk", "bank.co.uk", false },
		{ "shop.co.uk", "shop.co.uk", NULL, false },
		{ "nothing.org", "nothing.org", NULL, false },
		{ "a.slow.org", "a.slow.org", NULL, true },
		/* nine labels: the name itself, then the last seven and fewer; so the record of the last eight would not be found */
		{ "a.b.c.d.e.f.g.h.i.j.org", "e.f.g.h.i.j.org", "e.f.g.h.i.j.org", false },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns dns = { .records = zone };
		arena_reset(&arena);
		struct dmarc_tree tree = walk(&dns, cases[i].domain);
		bool right = span_eq(tree.organisational, span_cstr(cases[i].organisational)) && (tree.failed != NULL) == cases[i].failed &&
			     span_eq(tree.policy_domain, span_cstr(cases[i].policy_domain)) &&
			     !tree.policy_domain.p == !cases[i].policy_domain;
		if (!right)
			fail_msg("%s: organisation %.*s, policy of %.*s", cases[i].domain, SPAN_ARG(tree.organisational),
				 SPAN_ARG(tree.policy_domain));
	}
	(void)state;
}

static void eight_questions(void **state)
{
	static const struct {
		const char *domain;
		uint32_t asked;
	} cases[] = {
		{ "org", 1 },
		{ "a.org", 2 },
		{ "a.b.c.d.e.f.org", 7 },
		{ "a.b.c.d.e.f.g.org", 8 },
		{ "a.b.c.d.e.f.g.h.org", 8 },
		{ "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.org", 8 },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns dns = { .records = zone };
		walk(&dns, cases[i].domain);
		assert_int_equal(dns.asked, cases[i].asked);
		assert_int_equal(dns.rounds, 2);
	}
	struct dns dns = { .records = zone };
	walk(&dns, "a.b.c.d.e.f.g.h.org");
	assert_span(dns.answers.list.v[0].question.name, "_dmarc.a.b.c.d.e.f.g.h.org");
	assert_span(dns.answers.list.v[1].question.name, "_dmarc.c.d.e.f.g.h.org");
	assert_span(dns.answers.list.v[7].question.name, "_dmarc.org");
	(void)state;
}

static void within(void **state)
{
	assert_true(dmarc_tree_within(SPAN("A.example.com"), SPAN("Example.com")));
	assert_true(dmarc_tree_within(SPAN("example.com"), SPAN("example.com")));
	assert_false(dmarc_tree_within(SPAN("notexample.com"), SPAN("example.com")));
	assert_false(dmarc_tree_within(SPAN("com"), SPAN("example.com")));
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(organisations), cmocka_unit_test(eight_questions), cmocka_unit_test(within) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("auth/dmarc_tree", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
