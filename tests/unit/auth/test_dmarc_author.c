/* Whose mail is it? Only a From field that every mail program shows alike has an author; honest forms in use are among them. */
#include "auth/dmarc_author.h"
#include "base/buf.h"
#include "base/limits.h"
#include "tests/test.h"

static struct arena arena;

static struct span author(struct span raw, struct span *problem)
{
	struct message message;
	struct content content;
	message_parse(raw, &arena, &message);
	content_examine(&message, &content);
	return dmarc_author(&message, &content, &arena, problem);
}

static void honest(void **state)
{
	static const struct {
		const char *from, *domain;
	} cases[] = {
		{ "u@good.example", "good.example" },
		{ "<u@good.example>", "good.example" },
		{ "Jane Doe <u@Good.Example>", "good.example" },
		{ "\"Doe, Jane\" <u@mail.good.example>", "mail.good.example" },
		{ "u@good.example (Jane Doe)", "good.example" },
		{ "Jane (work) <u@good.example>", "good.example" },
		{ "\"u@good.example\" <u@good.example>", "good.example" },
		{ "u@good.example <u@good.example>", "good.example" },
		{ "\"Doe <u@good.example>\" <u@good.example>", "good.example" },
		{ "\"'someone@other.example' via List\" <list@good.example>", "good.example" }, /* as Google Groups writes */
		{ "=?utf-8?q?J=C3=A4ne?= <u@good.example>", "good.example" },
		{ "=?utf-8?q?Doe=2C_J=C3=A4ne?=<u@good.example>", "good.example" },
		{ "Jane\r\n Doe\r\n\t<u@good.example>", "good.example" },
		{ "a@good.example, b@good.example", "good.example" },
		{ "\"odd local\"@good.example", "good.example" },
		{ "J\xc3\xa4ne <u@b\xc3\xbc"
		  "cher.example>",
		  "xn--bcher-kva.example" },
		{ "u+tag=x!y%z@under_score.good.example", "under_score.good.example" },
		{ "\"Offer: 50% off; today\" <u@good.example>", "good.example" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span problem;
		arena_reset(&arena);
		struct span got =
		    author(arena_printf(&arena, "Subject: x\r\nFrom: %s\r\nTo: t@there.example\r\n\r\nhello\r\n", cases[i].from), &problem);
		if (!span_eq(got, span_cstr(cases[i].domain)))
			fail_msg("%s: got %.*s, %.*s", cases[i].from, SPAN_ARG(got), SPAN_ARG(problem));
		assert_null(problem.p);
	}
	(void)state;
}

/* Fields in which one program shows bank.example and another one evil.example, or nobody a domain. */
static void not_plain(void **state)
{
	static const char *const fields[] = {
		"<u@evil.example><admin@bank.example>",
		"<u@evil.example>, <admin@bank.example>",
		"u@evil.example, admin@bank.example",
		"u@evil.example; admin@bank.example",
		"u@evil.example admin@bank.example",
		"admin@bank.example <u@evil.example>",
		"\"<admin@bank.example>\" <u@evil.example>",
		"(<admin@bank.example>) u@evil.example",
		"=?utf-8?b?PGFkbWluQGJhbmsuZXhhbXBsZT4=?= <u@evil.example>", /* "<admin@bank.example>" */
		"=?utf-8?q?admin=40bank.example=2C?= <u@evil.example>",
		"=?utf-8?b?YWRtaW5AYmFuay5leGFtcGxl?=", /* nothing but an encoded address */
		"=?utf-8?q?admin?=@bank.example",
		"=?utf-8?b?YWRtaW5AYmFuay5leGFtcGxlAA==?= <u@evil.example>", /* a NUL at its end */
		"<admin@=?utf-8?q?bank.example?=>",
		"admin@bank.example(.evil.example)",
		"admin@bank.example (x).evil.example",
		"admin@(x)bank.example",
		"<admin@bank.example(x)>",
		"<admin(x)@bank.example>",
		"\"admin@bank.example\"@evil.example",
		"\"admin@bank.example\\\"\"@evil.example",
		"admin@bank.example@evil.example",
		"<admin@bank.example@evil.example>",
		"<@bank.example,@x.example:u@evil.example>",
		"<@evil.example:admin@bank.example>",
		"bank: admin@bank.example;",
		"bank: admin@bank.example, u@evil.example;",
		"undisclosed:;",
		"admin@bank.example.",
		"admin@.bank.example",
		"admin@bank..example",
		"admin @bank.example",
		"admin@ bank.example",
		"admin@bank. example",
		"admin@bank.example\r\n .evil.example",
		"< admin@bank.example >",
		"<<admin@bank.example>>",
		"<admin@bank.example",
		"admin@bank.example>",
		"<admin@bank.example> <",
		"\"admin@bank.example",
		"admin@bank.example (x",
		"admin@bank.example\\",
		"admin@bank",
		"admin@[192.0.2.1]",
		"admin",
		"@bank.example",
		"<>",
		"",
		"admin@bank.example\x01",
		"admin@bank.example\x7f.evil.example",
		"admin@bank.example/.evil.example",
		"admin@bank.example:25",
		"admin@bank.example%evil.example",
		"admin@bank.exam\xff\xfeple",
		"admin@bank.example\xe2\x80\x8b.evil.example@x",
		"mailto:admin@bank.example",
		"\"admin\x00\"@bank.example",
	};
	for (size_t i = 0; i < COUNT(fields); i++) {
		struct span problem;
		arena_reset(&arena);
		struct span raw = arena_printf(&arena, "Subject: x\r\nFrom: %s\r\nTo: t@there.example\r\n\r\nhello\r\n", fields[i]);
		struct span got = author(raw, &problem);
		if (got.p || !problem.n)
			fail_msg("%s: got %.*s", fields[i], SPAN_ARG(got));
	}
	(void)state;
}

/* Whole headers in which some programs see another From field, or none. */
static void several_fields(void **state)
{
	static const struct span headers[] = {
		SPAN_INIT("Subject: no From\r\n\r\n"),
		SPAN_INIT("From: u@evil.example\r\nFrom: admin@bank.example\r\n\r\n"),
		SPAN_INIT("From: admin@bank.example\r\nSubject: x\r\nfrom: admin@bank.example\r\n\r\n"),
		SPAN_INIT("From : admin@bank.example\r\n\r\n"),
		SPAN_INIT("From : admin@bank.example\r\nFrom: u@evil.example\r\n\r\n"),
		SPAN_INIT("From\t:admin@bank.example\r\n\r\n"),
		SPAN_INIT(" From: admin@bank.example\r\nFrom: u@evil.example\r\n\r\n"),
		SPAN_INIT("From: u@evil.example\r\nFrom\0: admin@bank.example\r\n\r\n"),
		SPAN_INIT("From: u@evil.example\r\nFr\x01om: admin@bank.example\r\n\r\n"),
		SPAN_INIT("From: u@evil.example\r\n\xef\xbb\xbf"
			  "From: admin@bank.example\r\n\r\n"),
		SPAN_INIT("Subject: x\rFrom: admin@bank.example\r\nFrom: u@evil.example\r\n\r\n"),
		SPAN_INIT("From: u@evil.example\rFrom: admin@bank.example\r\nTo: x@y.example\r\n\r\n"),
		SPAN_INIT("Subject: x\nFrom: admin@bank.example\r\nTo: x@y.example\r\n\r\n"),
		SPAN_INIT("Subject: x\r\nFrom: admin@bank.example\nTo: x@y.example\r\n\r\n"),
		SPAN_INIT("Subject: x\r\nFrom: admin@bank.example\n .evil.example\r\nTo: x@y.example\r\n\r\n"),
		SPAN_INIT("From: admin@bank.example\0.evil.example\r\n\r\n"),
		SPAN_INIT("From: admin@bank.example\0\r\n\r\n"),
		SPAN_INIT("From: u@evil.example\r\nno field at all\r\nFrom : admin@bank.example\r\n\r\n"),
		SPAN_INIT("From\r\n : admin@bank.example\r\nFrom: u@evil.example\r\n\r\n"),
		SPAN_INIT(""),
	};
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct span problem;
		arena_reset(&arena);
		struct span got = author(headers[i], &problem);
		if (got.p || !problem.n)
			fail_msg("%.*s: got %.*s", SPAN_ARG(headers[i]), SPAN_ARG(got));
	}
	(void)state;
}

/* What looks like a second From, and is none to anybody. */
static void other_lines(void **state)
{
	static const struct span headers[] = {
		SPAN_INIT("From u@evil.example Thu Jan  1 00:00:00 2026\r\nFrom: u@good.example\r\n\r\n"),
		SPAN_INIT("From: u@good.example\r\nX-From: u@evil.example\r\nResent-From: u@evil.example\r\nFromage: x\r\n\r\nFrom: "
			  "u@evil.example\r\n"),
		SPAN_INIT("DKIM-Signature: v=1; h=\r\n\tFrom:To:Subject\r\nFrom: u@good.example\r\nbad line\r\n\r\n"),
		SPAN_INIT("Received: from x\nFrom: u@good.example\nTo: t@x.example\n\n"),
		SPAN_INIT("Delivered-To: me\nReceived: x\r\nFrom: u@good.example\r\nTo: t@x.example\r\n\r\n"),
	};
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct span problem;
		arena_reset(&arena);
		struct span got = author(headers[i], &problem);
		if (!span_eq(got, SPAN("good.example")))
			fail_msg("%zu: got %.*s, %.*s", i, SPAN_ARG(got), SPAN_ARG(problem));
	}
	(void)state;
}

static void limits(void **state)
{
	struct buf raw;
	struct span problem;
	buf_init(&raw, &arena, 1 << 20);
	buf_cstr(&raw, "From: u@good.example");
	for (unsigned i = 1; i < LIMIT_AUTHORS; i++)
		buf_cstr(&raw, ", u@good.example");
	struct span fits = arena_printf(&arena, "%.*s\n\n", SPAN_ARG(buf_span(&raw)));
	assert_span(author(fits, &problem), "good.example");
	buf_cstr(&raw, ", u@good.example\n\n");
	assert_null(author(buf_span(&raw), &problem).p);
	buf_init(&raw, &arena, 1 << 20);
	buf_cstr(&raw, "From: u@good.example (");
	while (raw.n < LIMIT_HEADER_VALUE + 100)
		buf_byte(&raw, 'x');
	buf_cstr(&raw, ")\n\n");
	assert_null(author(buf_span(&raw), &problem).p);
	(void)state;
}

static void domains(void **state)
{
	static const struct {
		struct span name;
		bool is;
	} cases[] = {
		{ SPAN_INIT("a.b"), true },         { SPAN_INIT("A-1_x.b"), true }, { SPAN_INIT("a"), false },
		{ SPAN_INIT(""), false },           { SPAN_INIT("a..b"), false },   { SPAN_INIT("a.b."), false },
		{ SPAN_INIT(".a.b"), false },       { SPAN_INIT("a.b c"), false },  { SPAN_INIT("a.b(c)"), false },
		{ SPAN_INIT("a\0.b"), false },      { SPAN_INIT("a@b.c"), false },  { SPAN_INIT("[1.2]"), false },
		{ SPAN_INIT("\xc3\xa9.b"), false }, { SPAN_INIT("a.b\n"), false },  { SPAN_INIT("a,b.c"), false },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		if (dmarc_author_is_domain(cases[i].name) != cases[i].is)
			fail_msg("%.*s", SPAN_ARG(cases[i].name));
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(honest),      cmocka_unit_test(not_plain), cmocka_unit_test(several_fields),
		cmocka_unit_test(other_lines), cmocka_unit_test(limits),    cmocka_unit_test(domains),
	};
	content_warm_up();
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("auth/dmarc_author", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
