/* DMARC (RFC 9989): alignment, policies and failures of look-ups; and ways to have one domain judged and another one shown, each of which
 * must end in anything but pass. bank.example is the victim: it signs, has SPF and wants mail that fails to be refused. evil.example
 * belongs to the attacker, who has SPF that passes from 203.0.113.66 and signs what he likes. */
#include "auth/authentication.h"
#include "auth/dmarc_author.h"
#include "base/buf.h"
#include "tests/auth_test.h"

static struct arena arena;

static const struct dns_record zone[] = {
	{ "bank.example", QUESTION_TXT, "v=spf1 ip4:192.0.2.1 -all" },
	{ "bank.example", QUESTION_A, "192.0.2.1" },
	{ "_dmarc.bank.example", QUESTION_TXT, "v=DMARC1; p=reject; sp=quarantine; np=reject" },
	{ "news.bank.example", QUESTION_TXT, "v=spf1 ip4:192.0.2.2 -all" },
	{ "apart.bank.example", QUESTION_TXT, "v=spf1 ip4:192.0.2.3 -all" },
	{ "_dmarc.apart.bank.example", QUESTION_TXT, "v=DMARC1; p=none; psd=n" },
	{ "evil.example", QUESTION_TXT, "v=spf1 ip4:203.0.113.66 -all" },
	{ "strict.example", QUESTION_TXT, "v=spf1 ip4:192.0.2.1 -all" },
	{ "_dmarc.strict.example", QUESTION_TXT, "v=DMARC1; p=quarantine; adkim=s; aspf=s" },
	{ "_dmarc.testing.example", QUESTION_TXT, "v=DMARC1; p=reject; t=y" },
	{ "_dmarc.old.example", QUESTION_TXT, "v=DMARC1; p=quarantine; pct=0" },
	{ "_dmarc.broken.example", QUESTION_TXT, "v=DMARC1; p=refuse" },
	{ "_dmarc.slow.example", QUESTION_TXT, "TIMEOUT" },
	{ "_dmarc.sick-parent.example", QUESTION_TXT, "SERVFAIL" },
	{ "_dmarc.sub.sick-parent.example", QUESTION_TXT, "v=DMARC1; p=reject" },
	{ "nomail.example", QUESTION_TXT, "v=spf1 -all" },
	{ NULL, 0, NULL },
};

static void parse(struct span raw, struct message *message, struct content *content)
{
	message_parse(raw, &arena, message);
	content_examine(message, content);
}

static struct dmarc judge(const char *from, struct spf spf, const struct dkim *dkim)
{
	struct message message;
	struct content content;
	struct dmarc dmarc;
	struct dns dns = { .records = zone };
	parse(arena_printf(&arena, "From: u@%s\r\n\r\n", from), &message, &content);
	struct dmarc_source source = { .mail_from = &spf, .dkim = dkim };
	source.author = dmarc_author(&message, &content, &arena, &source.author_problem);
	do
		dns_round_begin(&dns, &arena);
	while (dmarc_judge(&source, &dns.answers, &dns.questions, &arena, &dmarc) == AUTH_MORE && dns_round_end(&dns));
	return dmarc;
}

static void results(void **state)
{
	static const struct {
		const char *from;
		enum spf_result spf;
		const char *spf_domain;
		enum dkim_result dkim;
		const char *d;
		uint32_t flags;
		enum dmarc_result result;
		enum dmarc_policy policy, disposition;
		const char *by;
	} cases[] = {
#define NOTHING DMARC_POLICY_NONE
#define ASIDE DMARC_POLICY_QUARANTINE
#define REFUSE DMARC_POLICY_REJECT
		{ "bank.example", SPF_PASS, "bank.example", 0, NULL, 0, DMARC_PASS, REFUSE, NOTHING, "bank.example" },
		{ "bank.example", SPF_FAIL, "bank.example", DKIM_PASS, "bank.example", 0, DMARC_PASS, REFUSE, NOTHING, "bank.example" },
		{ "bank.example", SPF_PASS, "news.bank.example", 0, NULL, 0, DMARC_PASS, REFUSE, NOTHING, "news.bank.example" },
		{ "Bank.Example", SPF_NONE, "", DKIM_PASS, "MAIL.bank.EXAMPLE", 0, DMARC_PASS, REFUSE, NOTHING, "MAIL.bank.EXAMPLE" },
		{ "news.bank.example", SPF_NONE, "", DKIM_PASS, "bank.example", 0, DMARC_PASS, ASIDE, NOTHING, "bank.example" },
		{ "bank.example", SPF_PASS, "evil.example", DKIM_PASS, "evil.example", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_FAIL, "bank.example", DKIM_FAIL, "bank.example", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_SOFTFAIL, "bank.example", DKIM_NEUTRAL, "bank.example", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_NONE, "", DKIM_POLICY, "bank.example", DKIM_SHA1, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_NONE, "", DKIM_PASS, "bank.example", DKIM_BODY_LENGTH, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_NONE, "", DKIM_PASS, "bank.example", DKIM_HEADER_ADDED, DMARC_FAIL, REFUSE, REFUSE, NULL },
		/* sp for a name that is there, np for one that is not */
		{ "news.bank.example", SPF_NONE, "", 0, NULL, 0, DMARC_FAIL, ASIDE, ASIDE, NULL },
		{ "nowhere.bank.example", SPF_NONE, "", 0, NULL, 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		/* psd=n sets a name apart from what is above and beside it */
		{ "apart.bank.example", SPF_PASS, "bank.example", 0, NULL, 0, DMARC_FAIL, NOTHING, NOTHING, NULL },
		{ "bank.example", SPF_PASS, "apart.bank.example", 0, NULL, 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "apart.bank.example", SPF_PASS, "x.apart.bank.example", 0, NULL, 0, DMARC_PASS, NOTHING, NOTHING,
		  "x.apart.bank.example" },
		{ "strict.example", SPF_PASS, "m.strict.example", DKIM_PASS, "m.strict.example", 0, DMARC_FAIL, ASIDE, ASIDE, NULL },
		{ "strict.example", SPF_NONE, "", DKIM_PASS, "strict.example", 0, DMARC_PASS, ASIDE, NOTHING, "strict.example" },
		{ "testing.example", SPF_NONE, "", 0, NULL, 0, DMARC_FAIL, REFUSE, ASIDE, NULL },
		{ "old.example", SPF_NONE, "", 0, NULL, 0, DMARC_FAIL, ASIDE, NOTHING, NULL },
		{ "broken.example", SPF_PASS, "broken.example", 0, NULL, 0, DMARC_PERMERROR, NOTHING, NOTHING, "broken.example" },
		{ "none.example", SPF_PASS, "none.example", 0, NULL, 0, DMARC_NONE, NOTHING, NOTHING, "none.example" },
		{ "none.example", SPF_FAIL, "none.example", 0, NULL, 0, DMARC_NONE, NOTHING, NOTHING, NULL },
		/* what could not be looked up is neither pass nor fail */
		{ "slow.example", SPF_PASS, "slow.example", 0, NULL, 0, DMARC_TEMPERROR, NOTHING, NOTHING, "slow.example" },
		{ "bank.example", SPF_TEMPERROR, "bank.example", 0, NULL, 0, DMARC_TEMPERROR, REFUSE, NOTHING, NULL },
		{ "bank.example", SPF_FAIL, "bank.example", DKIM_TEMPERROR, "bank.example", 0, DMARC_TEMPERROR, REFUSE, NOTHING, NULL },
		{ "bank.example", SPF_TEMPERROR, "evil.example", DKIM_TEMPERROR, "evil.example", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_TEMPERROR, "bank.example", DKIM_PASS, "bank.example", 0, DMARC_PASS, REFUSE, NOTHING,
		  "bank.example" },
		{ "sub.sick-parent.example", SPF_PASS, "sub.sick-parent.example", 0, NULL, 0, DMARC_PASS, REFUSE, NOTHING,
		  "sub.sick-parent.example" },
		{ "sub.sick-parent.example", SPF_PASS, "sick-parent.example", 0, NULL, 0, DMARC_TEMPERROR, REFUSE, NOTHING, NULL },
		{ "sub.sick-parent.example", SPF_PASS, "evil.example", 0, NULL, 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		/* a domain that is none vouches for nobody, whoever signed with it */
		{ "bank.example", SPF_NONE, "", DKIM_PASS, "", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_NONE, "", DKIM_PASS, "example", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_NONE, "", DKIM_PASS, ".bank.example", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_NONE, "", DKIM_PASS, "bank.example.", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_NONE, "", DKIM_PASS, "evil..bank.example", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_NONE, "", DKIM_PASS, "evil.example(.bank.example", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_NONE, "", DKIM_PASS, "evil.example,.bank.example", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_NONE, "", DKIM_PASS, "evil.example@.bank.example", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_NONE, "", DKIM_PASS, "evil.example\x01.bank.example", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_NONE, "", DKIM_PASS, "notbank.example", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_NONE, "", DKIM_PASS, "bank.example.evil.example", 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_PASS, "(bank.example)", 0, NULL, 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_PASS, "x(.bank.example", 0, NULL, 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
		{ "bank.example", SPF_PASS, "example", 0, NULL, 0, DMARC_FAIL, REFUSE, REFUSE, NULL },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dkim dkim = { .left_out = 0 };
		struct spf spf = { .result = cases[i].spf, .domain = span_cstr(cases[i].spf_domain) };
		arena_reset(&arena);
		if (cases[i].d)
			*(struct dkim_signature *)vec_push(&arena, &dkim.list) =
			    (struct dkim_signature){ .domain = span_cstr(cases[i].d), .result = cases[i].dkim, .flags = cases[i].flags };
		struct dmarc d = judge(cases[i].from, spf, &dkim);
		bool right = d.result == cases[i].result && d.policy == cases[i].policy && d.disposition == cases[i].disposition &&
			     span_eq(d.aligned_by, span_cstr(cases[i].by)) && (d.result < DMARC_TEMPERROR || d.problem.n);
		if (!right)
			fail_msg("%zu: %s, spf %s, dkim %s: %s, policy %s, disposition %s, by %.*s, problem %.*s", i, cases[i].from,
				 cases[i].spf_domain, cases[i].d ? cases[i].d : "-", dmarc_result_name(d.result),
				 dmarc_policy_name(d.policy), dmarc_policy_name(d.disposition), SPAN_ARG(d.aligned_by),
				 SPAN_ARG(d.problem));
	}
	(void)state;
}

/* A NUL in d= cannot stand in the table. */
static void nul_in_domain(void **state)
{
	struct dkim dkim = { .left_out = 0 };
	*(struct dkim_signature *)vec_push(&arena, &dkim.list) =
	    (struct dkim_signature){ .domain = SPAN("bank.example\0.evil.example"), .result = DKIM_PASS };
	*(struct dkim_signature *)vec_push(&arena, &dkim.list) =
	    (struct dkim_signature){ .domain = SPAN("evil.example\0.bank.example"), .result = DKIM_PASS };
	assert_int_equal(judge("bank.example", (struct spf){ .result = SPF_NONE }, &dkim).result, DMARC_FAIL);
	(void)state;
}

static struct authentication authenticate(struct span raw, struct authentication_client *client, struct dns *dns)
{
	struct message message;
	struct content content;
	struct path path = { .boundary = 0 };
	struct authentication a = { .step = AUTH_MORE };
	parse(raw, &message, &content);
	struct authentication_source source = {
		.message = &message, .content = &content, .path = &path, .client = client, .now = 1767225600
	};
	do {
		dns_round_begin(dns, &arena);
		authentication_step(&source, &dns->answers, &dns->questions, &arena, &a);
	} while (a.step == AUTH_MORE && dns_round_end(dns));
	return a;
}

/* The whole way: the attacker's machine, envelope and header, and what the reader would see. */
static void compositions(void **state)
{
	static const struct {
		struct span helo, mail_from, header;
	} cases[] = {
#define EVIL SPAN_INIT("evil.example")
#define FROM_EVIL SPAN_INIT("u@evil.example")
#define BANK SPAN_INIT("From: admin@bank.example\r\n")
		/* envelope: HELO and MAIL FROM disagree, or MAIL FROM can be cut in two ways */
		{ EVIL, FROM_EVIL, BANK },
		{ EVIL, SPAN_INIT("admin@bank.example"), BANK },
		{ EVIL, SPAN_INIT("x@nowhere.bank.example"), BANK },
		{ EVIL, SPAN_INIT(""), BANK },
		{ SPAN_INIT("bank.example"), FROM_EVIL, BANK },
		{ SPAN_INIT("bank.example"), SPAN_INIT(""), BANK },
		{ EVIL, SPAN_INIT("admin@bank.example@evil.example"), BANK },
		{ EVIL, SPAN_INIT("u@evil.example@bank.example"), BANK },
		{ EVIL, SPAN_INIT("@evil.example:admin@bank.example"), BANK },
		{ EVIL, SPAN_INIT("@bank.example,@x.example:u@evil.example"), BANK },
		{ EVIL, SPAN_INIT("u@evil.example(.bank.example"), BANK },
		{ EVIL, SPAN_INIT("u@(bank.example)evil.example"), BANK },
		{ EVIL, SPAN_INIT("u@evil.example\0.bank.example"), BANK },
		{ EVIL, SPAN_INIT("u@bank.example\0.evil.example"), BANK },
		{ EVIL, SPAN_INIT("\"u@bank.example>\"@evil.example"), BANK },
		{ EVIL, SPAN_INIT("<u@bank.example>@evil.example"), BANK },
		{ EVIL, SPAN_INIT("u@evil.example,bank.example"), BANK },
		{ EVIL, SPAN_INIT("bank.example"), BANK },
		{ SPAN_INIT("evil.example(bank.example)"), SPAN_INIT(""), BANK },
		{ SPAN_INIT("[203.0.113.66]"), SPAN_INIT(""), BANK },
		/* results of others, brought along */
		{ EVIL, FROM_EVIL,
		  SPAN_INIT("Authentication-Results: mx.here.example; spf=pass smtp.mailfrom=bank.example; dkim=pass "
			    "header.d=bank.example; dmarc=pass header.from=bank.example\r\nFrom: admin@bank.example\r\n") },
		{ EVIL, FROM_EVIL,
		  SPAN_INIT("ARC-Authentication-Results: i=1; bank.example; dmarc=pass header.from=bank.example\r\n"
			    "From: admin@bank.example\r\n") },
		{ EVIL, FROM_EVIL,
		  SPAN_INIT("Received-SPF: pass (bank.example) client-ip=192.0.2.1; envelope-from=admin@bank.example\r\n"
			    "From: admin@bank.example\r\n") },
		{ EVIL, FROM_EVIL,
		  SPAN_INIT("DKIM-Signature: v=1; a=rsa-sha256; d=bank.example; s=k; h=from; bh=AAAA; b=AAAA\r\n"
			    "From: admin@bank.example\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("Sender: u@evil.example\r\nFrom: admin@bank.example\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("Return-Path: <admin@bank.example>\r\nFrom: admin@bank.example\r\n") },
		/* header: two readings of who it is from */
		{ EVIL, FROM_EVIL, SPAN_INIT("From: u@evil.example\r\nFrom: admin@bank.example\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From: admin@bank.example\r\nFrom: u@evil.example\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From : admin@bank.example\r\nFrom: u@evil.example\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT(" From: admin@bank.example\r\nFrom: u@evil.example\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From: u@evil.example\r\n From: admin@bank.example\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From\r\n : admin@bank.example\r\nFrom: u@evil.example\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From: <u@evil.example><admin@bank.example>\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From: <u@evil.example>, admin@bank.example\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From: <@bank.example,@x.example:u@evil.example>\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From: admin@bank.example(u@evil.example)\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From: admin@bank.example,(x)<u@evil.example>\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From: \"admin@bank.example\"@evil.example\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From: bank:admin@bank.example,u@evil.example;\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From: =?utf-8?b?QmFuayA8YWRtaW5AYmFuay5leGFtcGxlPiwg?=<u@evil.example>\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From: admin@bank.example\0<u@evil.example>\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("From: admin@bank.example\r\n\t<u@evil.example>\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("Subject: x\nFrom: admin@bank.example\nX: y\r\nFrom: u@evil.example\r\n") },
		{ EVIL, FROM_EVIL, SPAN_INIT("Sender: admin@bank.example\r\nResent-From: admin@bank.example\r\nSubject: no From\r\n") },
	};
	assert_true(COUNT(cases) >= 25);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns dns = { .records = zone };
		struct authentication_client client = { .helo = cases[i].helo, .mail_from = cases[i].mail_from };
		struct buf raw;
		arena_reset(&arena);
		assert_true(ip_parse(SPAN("203.0.113.66"), &client.ip));
		buf_init(&raw, &arena, 65536);
		buf_put(&raw, cases[i].header);
		buf_cstr(&raw, "To: you@there.example\r\n\r\nYour account\r\n");
		struct authentication a = authenticate(buf_span(&raw), &client, &dns);
		if (a.dmarc.result == DMARC_PASS)
			fail_msg("%zu: %.*s / %.*s: pass for %.*s", i, SPAN_ARG(cases[i].mail_from), SPAN_ARG(cases[i].header),
				 SPAN_ARG(a.dmarc.domain));
		if (a.dmarc.domain.p && !span_eq(a.dmarc.domain, SPAN("bank.example")))
			fail_msg("%zu: judged %.*s", i, SPAN_ARG(a.dmarc.domain));
	}
	(void)state;
}

/* The same machinery lets honest mail through: MAIL FROM, and HELO for a bounce. All is asked in few rounds. */
static void honest(void **state)
{
	static const struct {
		const char *helo, *mail_from, *header;
		const char *ip;
		enum dmarc_result result;
		uint32_t rounds;
	} cases[] = {
		{ "mx.bank.example", "bounce@bank.example", "From: Bank <admin@bank.example>\r\n", "192.0.2.1", DMARC_PASS, 2 },
		{ "mx.bank.example", "bounce@news.bank.example", "From: Bank <admin@bank.example>\r\n", "192.0.2.2", DMARC_PASS, 3 },
		{ "bank.example", "", "From: <>\r\n", "192.0.2.1", DMARC_PERMERROR, 2 },
		{ "bank.example", "", "From: MAILER-DAEMON@bank.example\r\n", "192.0.2.1", DMARC_PASS, 2 },
		{ "bank.example", "u@evil.example", "From: admin@bank.example\r\n", "192.0.2.1", DMARC_FAIL, 2 },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns dns = { .records = zone };
		struct authentication_client client = { .helo = span_cstr(cases[i].helo), .mail_from = span_cstr(cases[i].mail_from) };
		arena_reset(&arena);
		assert_true(ip_parse(span_cstr(cases[i].ip), &client.ip));
		struct authentication a = authenticate(arena_printf(&arena, "%s\r\nhello\r\n", cases[i].header), &client, &dns);
		if (a.dmarc.result != cases[i].result || dns.rounds != cases[i].rounds)
			fail_msg("%zu: %s in %u rounds", i, dmarc_result_name(a.dmarc.result), dns.rounds);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(results), cmocka_unit_test(nul_in_domain), cmocka_unit_test(compositions),
					    cmocka_unit_test(honest) };
	content_warm_up();
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("auth/dmarc", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
