/* SPF (RFC 7208) from the first question to the result: every mechanism, the limits, what is asked and in how many rounds, and hostile
 * records. ../shared/suites/spf is driven by tests/suites/spf.py. */
#include "auth/spf.h"
#include "base/buf.h"
#include "tests/auth_test.h"

static struct arena arena;

static struct spf judge(struct dns *dns, const char *sender, const char *ip)
{
	struct span from = span_cstr(sender);
	size_t at = span_rfind_byte(from, '@');
	struct spf_query query = { .sender = from, .domain = span_skip(from, at + 1), .helo = SPAN("mx.helo.example") };
	struct spf spf;
	assert_true(ip_parse(span_cstr(ip), &query.ip));
	arena_reset(&arena);
	do
		dns_round_begin(dns, &arena);
	while (spf_check(&query, &dns->answers, &dns->questions, &arena, &spf) == AUTH_MORE && dns_round_end(dns));
	return spf;
}

static const struct dns_record zone[] = {
	{ "ip.example", QUESTION_TXT, "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all" },
	{ "ip.example", QUESTION_TXT, "another text" },
	{ "a.example", QUESTION_TXT, "v=spf1 a a:other.example/24 ~all" },
	{ "a.example", QUESTION_A, "192.0.2.1" },
	{ "a.example", QUESTION_AAAA, "2001:db8::1" },
	{ "other.example", QUESTION_A, "198.51.100.1" },
	{ "mx.example", QUESTION_TXT, "v=spf1 mx -all" },
	{ "mx.example", QUESTION_MX, "10 mail.mx.example" },
	{ "mx.example", QUESTION_MX, "20 mail2.mx.example" },
	{ "mail2.mx.example", QUESTION_A, "192.0.2.22" },
	{ "nullmx.example", QUESTION_TXT, "v=spf1 mx -all" },
	{ "nullmx.example", QUESTION_MX, "0 " },
	{ "ptr.example", QUESTION_TXT, "v=spf1 ptr -all" },
	{ "5.2.0.192.in-addr.arpa", QUESTION_PTR, "mail.ptr.example" },
	{ "5.2.0.192.in-addr.arpa", QUESTION_PTR, "mail.notptr.example" },
	{ "6.2.0.192.in-addr.arpa", QUESTION_PTR, "mail.ptr.example" }, /* does not lead back */
	{ "7.2.0.192.in-addr.arpa", QUESTION_PTR, "TIMEOUT" },
	{ "mail.ptr.example", QUESTION_A, "192.0.2.5" },
	{ "mail.notptr.example", QUESTION_A, "192.0.2.5" },
	{ "notptr.example", QUESTION_TXT, "v=spf1 ptr:tptr.example -all" }, /* "notptr" ends in "tptr", but is no name under it */
	{ "exists.example", QUESTION_TXT, "v=spf1 exists:%{ir}.%{l1r+}._spf.%{d} -all" },
	{ "9.2.0.192.user._spf.exists.example", QUESTION_A, "127.0.0.2" },
	{ "include.example", QUESTION_TXT, "v=spf1 include:ip.example ?all" },
	{ "deep.example", QUESTION_TXT, "v=spf1 include:include.example -all" },
	{ "nothing.example", QUESTION_TXT, "no such record" },
	{ "includes-nothing.example", QUESTION_TXT, "v=spf1 include:nothing.example -all" },
	{ "includes-sick.example", QUESTION_TXT, "v=spf1 include:sick.example -all" },
	{ "includes-broken.example", QUESTION_TXT, "v=spf1 include:broken.example -all" },
	{ "redirect.example", QUESTION_TXT, "v=spf1 ip4:203.0.113.1 redirect=ip.example" },
	{ "redirects-nowhere.example", QUESTION_TXT, "v=spf1 redirect=nowhere.example" },
	{ "all-wins.example", QUESTION_TXT, "v=spf1 redirect=nowhere.example ?all" },
	{ "self.example", QUESTION_TXT, "v=spf1 include:self.example -all" },
	{ "circle.example", QUESTION_TXT, "v=spf1 redirect=circle.example" },
	{ "broken.example", QUESTION_TXT, "v=spf1 ipv4:192.0.2.1 -all" },
	{ "late-broken.example", QUESTION_TXT, "v=spf1 ip4:192.0.2.1 oops -all" },
	{ "twice.example", QUESTION_TXT, "v=spf1 -all" },
	{ "twice.example", QUESTION_TXT, "v=spf1 +all" },
	{ "sick.example", QUESTION_TXT, "SERVFAIL" },
	{ "slow.example", QUESTION_TXT, "TIMEOUT" },
	{ "slow-a.example", QUESTION_TXT, "v=spf1 a:slow.example -all" },
	{ "voids.example", QUESTION_TXT, "v=spf1 a:v1.example a:v2.example ip4:192.0.2.1 a:v3.example -all" },
	{ "none.example", QUESTION_A, "192.0.2.1" },
	{ "no-all.example", QUESTION_TXT, "v=spf1 ip4:192.0.2.1" },
	{ "xn--bcher-kva.example", QUESTION_TXT, "v=spf1 ip4:192.0.2.1 -all" },
	{ "localhost", QUESTION_TXT, "v=spf1 +all" },
	{ "192.0.2.1", QUESTION_TXT, "v=spf1 +all" },
	{ "p.example", QUESTION_TXT, "v=spf1 a:%{p} -all" },
	{ NULL, 0, NULL },
};

static void results(void **state)
{
	static const struct {
		const char *sender, *ip;
		enum spf_result result;
		const char *mechanism, *problem; /* NULL: none */
	} cases[] = {
		{ "u@ip.example", "192.0.2.77", SPF_PASS, "ip4:192.0.2.0/24", NULL },
		{ "u@IP.Example.", "192.0.2.77", SPF_PASS, "ip4:192.0.2.0/24", NULL },
		{ "u@ip.example", "2001:db8:1::1", SPF_PASS, "ip6:2001:db8::/32", NULL },
		{ "u@ip.example", "198.51.100.1", SPF_FAIL, "-all", NULL },
		{ "u@a.example", "192.0.2.1", SPF_PASS, "a", NULL },
		{ "u@a.example", "2001:db8::1", SPF_PASS, "a", NULL },
		{ "u@a.example", "198.51.100.200", SPF_PASS, "a:other.example/24", NULL },
		{ "u@a.example", "203.0.113.1", SPF_SOFTFAIL, "~all", NULL },
		{ "u@mx.example", "192.0.2.22", SPF_PASS, "mx", NULL },
		{ "u@mx.example", "192.0.2.23", SPF_FAIL, "-all", NULL },
		{ "u@nullmx.example", "192.0.2.23", SPF_FAIL, "-all", NULL },
		{ "u@ptr.example", "192.0.2.5", SPF_PASS, "ptr", NULL },
		{ "u@ptr.example", "192.0.2.6", SPF_FAIL, "-all", NULL },
		{ "u@ptr.example", "192.0.2.7", SPF_FAIL, "-all", NULL }, /* 5.5: a DNS error is no match */
		{ "u@notptr.example", "192.0.2.5", SPF_FAIL, "-all", NULL },
		{ "user+tag@exists.example", "192.0.2.9", SPF_PASS, "exists:%{ir}.%{l1r+}._spf.%{d}", NULL },
		{ "tag+user@exists.example", "192.0.2.9", SPF_FAIL, "-all", NULL },
		{ "user@exists.example", "192.0.2.9", SPF_PASS, "exists:%{ir}.%{l1r+}._spf.%{d}", NULL },
		{ "u@include.example", "192.0.2.1", SPF_PASS, "include:ip.example", NULL },
		{ "u@include.example", "203.0.113.1", SPF_NEUTRAL, "?all", NULL },
		{ "u@deep.example", "203.0.113.1", SPF_FAIL, "-all", NULL },
		{ "u@includes-nothing.example", "192.0.2.1", SPF_PERMERROR, NULL, "\"include:nothing.example\", where no SPF record is" },
		{ "u@includes-sick.example", "192.0.2.1", SPF_TEMPERROR, NULL, "TXT record of sick.example failed at its name server" },
		{ "u@includes-broken.example", "192.0.2.1", SPF_PERMERROR, NULL,
		  "record of broken.example has an unknown mechanism \"ipv4\"" },
		{ "u@redirect.example", "192.0.2.1", SPF_PASS, "ip4:192.0.2.0/24", NULL },
		{ "u@redirects-nowhere.example", "192.0.2.1", SPF_PERMERROR, NULL, "redirects-nowhere.example hands over to" },
		{ "u@all-wins.example", "192.0.2.1", SPF_NEUTRAL, "?all", NULL },
		{ "u@self.example", "192.0.2.1", SPF_PERMERROR, NULL, "self.example needs more than 10 look-ups" },
		{ "u@circle.example", "192.0.2.1", SPF_PERMERROR, NULL, "circle.example needs more than 10 look-ups" },
		{ "u@broken.example", "192.0.2.1", SPF_PERMERROR, NULL, "broken.example has an unknown mechanism \"ipv4\"" },
		{ "u@late-broken.example", "192.0.2.1", SPF_PERMERROR, NULL, "an unknown mechanism \"oops\"" },
		{ "u@twice.example", "192.0.2.1", SPF_PERMERROR, NULL, "twice.example has 2 SPF records" },
		{ "u@sick.example", "192.0.2.1", SPF_TEMPERROR, NULL, "sick.example failed at its name server" },
		{ "u@slow.example", "192.0.2.1", SPF_TEMPERROR, NULL, "slow.example timed out" },
		{ "u@slow-a.example", "192.0.2.1", SPF_TEMPERROR, NULL, "A record of slow.example timed out" },
		{ "u@voids.example", "192.0.2.1", SPF_PASS, "ip4:192.0.2.1", NULL },
		{ "u@voids.example", "192.0.2.2", SPF_PERMERROR, NULL, "more than 2 names that have no such record: v3.example" },
		{ "u@none.example", "192.0.2.1", SPF_NONE, NULL, NULL },
		{ "u@nothing.example", "192.0.2.1", SPF_NONE, NULL, NULL },
		{ "u@no-all.example", "192.0.2.2", SPF_NEUTRAL, NULL, NULL },
		{ "u@b\xc3\xbc"
		  "cher.example",
		  "192.0.2.1", SPF_PASS, "ip4:192.0.2.1", NULL },
		{ "u@p.example", "192.0.2.5", SPF_PASS, "a:%{p}", NULL },
		/* no domain that can be judged */
		{ "u@localhost", "192.0.2.1", SPF_NONE, NULL, NULL },
		{ "u@[192.0.2.1]", "192.0.2.1", SPF_NONE, NULL, NULL },
		{ "u@", "192.0.2.1", SPF_NONE, NULL, NULL },
		{ "u@ip..example", "192.0.2.1", SPF_NONE, NULL, NULL },
		{ "u@.ip.example", "192.0.2.1", SPF_NONE, NULL, NULL },
		{ "u@\xff\xfe.example", "192.0.2.1", SPF_NONE, NULL, NULL },
		/* tricks of senders: what follows the last @ is the domain, and nothing else stands for it */
		{ "u@ip.example@a.example", "192.0.2.77", SPF_SOFTFAIL, "~all", NULL },
		{ "u@ip.example(a.example)", "192.0.2.77", SPF_NONE, NULL, NULL },
		{ "u@a.example(@ip.example", "192.0.2.77", SPF_PASS, "ip4:192.0.2.0/24", NULL },
		{ "u@ip.example ", "192.0.2.77", SPF_NONE, NULL, NULL },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns dns = { .records = zone };
		struct spf spf = judge(&dns, cases[i].sender, cases[i].ip);
		bool right = spf.result == cases[i].result;
		right &= cases[i].mechanism ? span_eq(spf.mechanism, span_cstr(cases[i].mechanism)) : !spf.mechanism.p;
		right &= cases[i].problem ? span_has(spf.problem, span_cstr(cases[i].problem)) : !spf.problem.p;
		if (!right)
			fail_msg("%s from %s: %s, \"%.*s\", problem \"%.*s\"", cases[i].sender, cases[i].ip, spf_result_name(spf.result),
				 SPAN_ARG(spf.mechanism), SPAN_ARG(spf.problem));
	}
	(void)state;
}

static void explanations(void **state)
{
	static const struct dns_record records[] = {
		{ "e.example", QUESTION_TXT, "v=spf1 -all exp=why.%{d}" },
		{ "why.e.example", QUESTION_TXT, "%{i} is not %{d}, %{l}" },
		{ "soft.example", QUESTION_TXT, "v=spf1 ~all exp=why.e.example" },
		{ "odd.example", QUESTION_TXT, "v=spf1 -all exp=why.odd.example" },
		{ "why.odd.example", QUESTION_TXT, "caf\xc3\xa9" },
		{ "two.example", QUESTION_TXT, "v=spf1 -all exp=why.two.example" },
		{ "why.two.example", QUESTION_TXT, "one" },
		{ "why.two.example", QUESTION_TXT, "two" },
		{ "slow.example", QUESTION_TXT, "v=spf1 -all exp=why.slow.example" },
		{ "why.slow.example", QUESTION_TXT, "TIMEOUT" },
		{ "inner.example", QUESTION_TXT, "v=spf1 include:e.example -all" },
		{ "long.example", QUESTION_TXT, "v=spf1 -all exp=why.long.example" },
		{ "why.long.example", QUESTION_TXT,
		  "%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{"
		  "l}" },
		{ NULL, 0, NULL },
	};
	static const struct {
		const char *sender, *want; /* NULL: none */
	} cases[] = {
		{ "u@e.example", "192.0.2.1 is not e.example, u" },
		{ "\x1b[31m@e.example", NULL }, /* what would reach a terminal */
		{ "a\nb@e.example", NULL },
		{ "caf\xc3\xa9@e.example", NULL },
		{ "u@soft.example", NULL },
		{ "u@odd.example", NULL },
		{ "u@two.example", NULL },
		{ "u@slow.example", NULL },
		{ "u@inner.example", NULL },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns dns = { .records = records };
		struct spf spf = judge(&dns, cases[i].sender, "192.0.2.1");
		if (cases[i].want)
			assert_span(spf.explanation, cases[i].want);
		else if (spf.explanation.p)
			fail_msg("%s: \"%.*s\"", cases[i].sender, SPAN_ARG(spf.explanation));
	}
	struct dns dns = { .records = records };
	struct spf spf = judge(&dns, "123456789-123456789-123456789-@long.example", "192.0.2.1");
	assert_in_range(spf.explanation.n, LIMIT_SPF_EXPLANATION - 30, LIMIT_SPF_EXPLANATION);
	(void)state;
}

/* All that needs no macro is asked at once, and nothing behind a term that is known to match. */
static void rounds(void **state)
{
	static const struct dns_record records[] = {
		{ "wide.example", QUESTION_TXT,
		  "v=spf1 a mx a:b.example include:c.example exists:d.example ip4:192.0.2.1 include:e.example -all" },
		{ "wide.example", QUESTION_A, "203.0.113.1" },
		{ "wide.example", QUESTION_MX, "10 b.example" },
		{ "b.example", QUESTION_A, "203.0.113.2" },
		{ "c.example", QUESTION_TXT, "v=spf1 -all" },
		{ "e.example", QUESTION_TXT, "v=spf1 -all" },
		{ "ready.example", QUESTION_TXT, "v=spf1 ip4:192.0.2.1 a mx ptr include:c.example -all" },
		{ "eleven.example", QUESTION_TXT,
		  "v=spf1 a:b.example a:b.example a:b.example a:b.example a:b.example a:b.example a:b.example a:b.example a:b.example "
		  "a:b.example "
		  "include:c.example -all" },
		{ NULL, 0, NULL },
	};
	struct dns dns = { .records = records };
	assert_int_equal(judge(&dns, "u@wide.example", "192.0.2.1").result, SPF_PASS);
	assert_int_equal(dns.rounds, 3); /* the record, all its terms, done: the host of the MX was asked as a term */
	assert_int_equal(dns.asked, 6);

	dns = (struct dns){ .records = records };
	assert_int_equal(judge(&dns, "u@ready.example", "192.0.2.1").result, SPF_PASS);
	assert_int_equal(dns.rounds, 2);
	assert_int_equal(dns.asked, 1);

	dns = (struct dns){ .records = records };
	struct spf spf = judge(&dns, "u@eleven.example", "192.0.2.1");
	assert_int_equal(spf.result, SPF_PERMERROR);
	assert_int_equal(dns.asked, 2); /* the record and b.example; the eleventh is never asked */
	(void)state;
}

/* A record made to let us ask as much as possible: include first, then nine times MX, and the included one the same; each MX with ten
 * hosts. RFC 7208 4.6.4 allows one record, ten terms, and ten addresses for each: 111. */
static void no_more_questions_than_allowed(void **state)
{
	static struct dns_record records[400];
	size_t n = 0;
	struct arena texts;
	arena_init(&texts);
	for (unsigned i = 0; i < 12; i++) {
		struct buf record;
		buf_init(&record, &texts, 4096);
		buf_printf(&record, "v=spf1 include:r%u.example", i + 1);
		for (unsigned mx = 0; mx < 9; mx++)
			buf_printf(&record, " mx:m%u-%u.example", i, mx);
		buf_byte(&record, 0);
		records[n++] =
		    (struct dns_record){ (const char *)arena_printf(&texts, "r%u.example", i).p, QUESTION_TXT, (const char *)record.p };
	}
	records[2].text =
	    "v=spf1 mx:m2-0.example mx:m2-1.example mx:m2-2.example mx:m2-3.example mx:m2-4.example mx:m2-5.example mx:m2-6.example -all";
	for (unsigned mx = 0; mx < 9; mx++)
		for (unsigned host = 0; host < 10; host++)
			records[n++] = (struct dns_record){ (const char *)arena_printf(&texts, "m2-%u.example", mx).p, QUESTION_MX,
							    (const char *)arena_printf(&texts, "%u h%u-%u.example", host, mx, host).p };
	struct dns dns = { .records = records };
	struct spf spf = judge(&dns, "u@r0.example", "192.0.2.1");
	assert_int_equal(spf.result, SPF_PERMERROR);
	assert_in_range(dns.asked, 50, 111);
	arena_release(&texts);
	(void)state;
}

static void mx_and_ptr_names(void **state)
{
	struct dns_record records[40] = { { "many.example", QUESTION_TXT, "v=spf1 mx -all" },
					  { "names.example", QUESTION_TXT, "v=spf1 ptr -all" } };
	static char names[13][40], mx[11][40];
	size_t n = 2;
	for (unsigned i = 0; i < 11; i++) {
		snprintf(mx[i], sizeof mx[i], "%u m%u.example", i, i);
		records[n++] = (struct dns_record){ "many.example", QUESTION_MX, mx[i] };
	}
	for (unsigned i = 0; i < 13; i++) {
		snprintf(names[i], sizeof names[i], "n%u.example", i);
		records[n++] = (struct dns_record){ "1.2.0.192.in-addr.arpa", QUESTION_PTR, i == 10 ? "names.example" : names[i] };
	}
	records[n++] = (struct dns_record){ "names.example", QUESTION_A, "192.0.2.1" };
	struct dns dns = { .records = records };
	struct spf spf = judge(&dns, "u@many.example", "192.0.2.1");
	assert_int_equal(spf.result, SPF_PERMERROR);
	assert_true(span_has(spf.problem, SPAN("leads to 11 mail servers")));
	assert_int_equal(dns.asked, 2);
	dns = (struct dns){ .records = records };
	assert_int_equal(judge(&dns, "u@names.example", "192.0.2.1").result, SPF_FAIL); /* the eleventh name is ignored */
	assert_int_equal(dns.asked, 12);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(results), cmocka_unit_test(explanations), cmocka_unit_test(rounds),
					    cmocka_unit_test(no_more_questions_than_allowed), cmocka_unit_test(mx_and_ptr_names) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("auth/spf", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
