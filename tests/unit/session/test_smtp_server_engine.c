/* session/smtp_server_engine: dialogues whole and byte by byte, every command in every state, limits, messages that would end twice. */
#include "base/limits.h"
#include "tests/smtp_test.h"
#include "tests/test.h"

static struct arena arena;

#define HI "EHLO c.example\r\n"
#define TO "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"

struct dialogue {
	const char *sent, *codes, *content;
	uint32_t manners; /* of which GATE_EARLY_PIPELINING depends on what is there at once: compared where all comes in one piece */
	uint32_t offers, refuse;
	bool lmtp, byte_by_byte_only;
	size_t sent_n; /* 0: a C string */
};

#define PIPE GATE_EARLY_PIPELINING

static void see(const struct dialogue *d, size_t piece)
{
	struct smtp_server_options options = smtp_test_options;
	struct smtp_test t;
	options.offers |= d->offers;
	options.lmtp = d->lmtp;
	options.message_bytes = 1000;
	options.recipients = 3;
	smtp_test_init(&t, &options, &arena);
	t.refuse = d->refuse;
	smtp_test_feed_pieces(&t, span_of(d->sent, d->sent_n ? d->sent_n : strlen(d->sent)), piece);
	assert_span(buf_span(&t.codes), d->codes);
	assert_span(buf_span(&t.content), d->content ? d->content : "");
	assert_int_equal(t.engine.manners & ~(uint32_t)PIPE, d->manners & ~(uint32_t)PIPE);
	if (piece == SIZE_MAX && (t.engine.manners & PIPE) != (d->manners & PIPE))
		fail_msg("early pipelining: %u of \"%.60s\"", t.engine.manners & PIPE, d->sent);
	if (piece == 1)
		assert_int_equal(t.engine.manners & PIPE, 0);
	arena_reset(&arena);
}

static void see_all(const struct dialogue *v, size_t n)
{
	static const size_t pieces[] = { SIZE_MAX, 1, 2, 3, 7, 50 };
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < COUNT(pieces); j++)
			see(&v[i], pieces[j]);
}

static void dialogues(void **state)
{
	static const struct dialogue v[] = {
		{ HI, "250" },
		{ "HELO c.example\r\nQUIT\r\n", "250 221", .manners = PIPE },
		{ "helo c.example\r\n", "250" },
		{ "  NOOP  \r\n", "250" },
		{ "NOOP anything\r\nHELP\r\nVRFY a\r\nEXPN a\r\nRSET\r\n", "250 214 252 502 250", .manners = PIPE },
		{ "\r\n", "500" },
		{ "HELO\r\nEHLO \r\nHELO c.example\r\n", "501 501 250", .manners = PIPE },
		{ "LHLO c.example\r\n", "500" },
		{ "LHLO c.example\r\n", "250", .lmtp = true },
		{ "EHLO c.example\r\n", "500", .lmtp = true },
		{ HI TO "DATA\r\n", "250 250 250 354", .manners = PIPE },
		{ HI TO "DATA\r\nx\r\n.\r\n", "250 250 250 354 250", "x\r\n|", PIPE },
		{ HI TO "DATA\r\n.\r\n", "250 250 250 354 250", "|", PIPE },
		{ HI TO "DATA\r\n..\r\n.x\r\n...\r\n.\r\nQUIT\r\n", "250 250 250 354 250 221", ".\r\nx\r\n..\r\n|", PIPE },
		{ HI TO "DATA\r\nx\r\n.\r\n" TO "DATA\r\ny\r\n.\r\n", "250 250 250 354 250 250 250 354 250", "x\r\n|y\r\n|", PIPE },
		{ HI "MAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\nx\r\n.\r\n", "250 250 250 354 250", "x\r\n|", PIPE },
		{ HI "MAIL FROM: <a@b>\r\nRCPT TO: c@d\r\nRSET\r\nRCPT TO:<c@d>\r\n", "250 250 250 250 503", "", PIPE | GATE_OUT_OF_ORDER },
		{ HI TO "EHLO other\r\nDATA\r\n", "250 250 250 250 503", "", PIPE | GATE_OUT_OF_ORDER },
		{ HI TO "BDAT 3\r\nx\r\nBDAT 4 LAST\r\ny\r\nz", "250 250 250 250 250", "x\r\ny\r\nz|", PIPE },
		{ HI TO "BDAT 3\r\nx\r\nBDAT 0 LAST\r\nNOOP\r\n", "250 250 250 250 250 250", "x\r\n|", PIPE },
		{ HI TO "BDAT 0 last\r\n", "250 250 250 250", "|", PIPE },
		{ HI TO "BDAT 3\r\n.\r\nBDAT 6 LAST\r\nQUIT\r\n", "250 250 250 250 250", ".\r\nQUIT\r\n|", PIPE },
		{ "LHLO c\r\n" TO "RCPT TO:<e@f>\r\nDATA\r\nx\r\n.\r\n", "250 250 250 250 354 250 250", "x\r\n|", PIPE, .lmtp = true },
		/* refused by others */
		{ HI TO "DATA\r\nNOOP\r\n", "250 250 250 550 250", "", PIPE, .refuse = 1 << SMTP_DATA },
		{ HI "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n", "250 250 550 503", "", PIPE | GATE_OUT_OF_ORDER,
		  .refuse = 1 << SMTP_RCPT },
		{ HI "MAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\n", "250 550 550", "", PIPE, .refuse = 1 << SMTP_MAIL },
		{ "HELO a\r\nMAIL FROM:<a@b>\r\n", "550 503", "", PIPE | GATE_OUT_OF_ORDER, .refuse = 1 << SMTP_HELO },
		{ HI TO "BDAT 6\r\nQUIT\r\nNOOP\r\n", "250 250 250 550 250", "", PIPE, .refuse = 1 << SMTP_DATA },
		{ HI TO "BDAT 6\r\nNOOP\r\nBDAT 6 LAST\r\nQUIT\r\nRSET\r\n", "250 250 250 550 503 250", "NOOP\r\n",
		  PIPE | GATE_OUT_OF_ORDER, .refuse = 1 << SMTP_CHUNK_END },
	};
	(void)state;
	see_all(v, COUNT(v));
}

static void out_of_turn(void **state)
{
	static const struct dialogue v[] = {
		{ "MAIL FROM:<a@b>\r\n", "503", "", GATE_OUT_OF_ORDER },
		{ "RCPT TO:<a@b>\r\n", "503", "", GATE_OUT_OF_ORDER },
		{ "DATA\r\n", "503", "", GATE_OUT_OF_ORDER },
		{ HI "RCPT TO:<a@b>\r\n", "250 503", "", GATE_OUT_OF_ORDER | PIPE },
		{ HI "DATA\r\n", "250 503", "", GATE_OUT_OF_ORDER | PIPE },
		{ HI "MAIL FROM:<a@b>\r\nDATA\r\n", "250 250 503", "", GATE_OUT_OF_ORDER | PIPE },
		{ HI "MAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\n", "250 250 503", "", GATE_OUT_OF_ORDER | PIPE },
		{ HI "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", "250 503 250", "", GATE_OUT_OF_ORDER | PIPE },
		{ "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", "503 250", "", GATE_OUT_OF_ORDER },
		{ HI TO "BDAT 1\r\nxDATA\r\nRCPT TO:<a@b>\r\n", "250 250 250 250 503 503", "x", GATE_OUT_OF_ORDER | PIPE },
		{ HI "STARTTLS\r\n", "250 502", "", PIPE },
		{ HI TO "STARTTLS\r\n", "250 250 250 503", "", PIPE | GATE_OUT_OF_ORDER, .offers = SMTP_STARTTLS },
		{ HI "AUTH PLAIN\r\n", "250 502", "", PIPE },
		{ "AUTH PLAIN\r\n", "503", "", GATE_OUT_OF_ORDER, .offers = SMTP_AUTH },
		{ HI "XCLIENT ADDR=192.0.2.1\r\n", "250 502", "", PIPE },
	};
	(void)state;
	see_all(v, COUNT(v));
}

static void unreadable(void **state)
{
	static const struct dialogue v[] = {
		{ "WHATISTHIS\r\n", "500" },
		{ "NOOP\n", "250", "", GATE_BARE_NEWLINE },
		{ "NO\rOP\r\n", "500", "", GATE_BARE_NEWLINE },
		{ "NOOP\0\r\n", "500", "", 0, .sent_n = 7 },
		{ "GET / HTTP/1.1\r\nNOOP\r\n", "502 !", "", GATE_FOREIGN_COMMAND },
		{ "CONNECT mx:25 HTTP/1.0\r\n", "502 !", "", GATE_FOREIGN_COMMAND },
		{ "post /\r\n", "502 !", "", GATE_FOREIGN_COMMAND },
		{ "Subject: x\r\n", "502 !", "", GATE_FOREIGN_COMMAND },
		{ "\004\001\0\031", "!", "", GATE_FOREIGN_BYTES, .sent_n = 4 },
		{ "\005\001\0", "!", "", GATE_FOREIGN_BYTES, .sent_n = 3 },
		{ "\026\003\001\002", "!", "", GATE_FOREIGN_BYTES },
		{ HI "MAIL LALA: <>\r\nMAIL FROM:\r\nMAIL\r\n", "250 501 501 501", "", PIPE },
		{ HI "MAIL FROM:<pepe>\r\n", "250 501", "", PIPE },
		{ HI "MAIL FROM:<a@xn--->\r\n", "250 501", "", PIPE },
		{ HI "MAIL FROM:<a@b>x\r\n", "250 501", "", PIPE },
		{ HI "MAIL FROM:<a@b\r\n", "250 501", "", PIPE },
		{ HI "MAIL FROM:<a@b> FOO=1\r\n", "250 555", "", PIPE },
		{ HI "MAIL FROM:<a@b> SIZE=1 SIZE=2\r\n", "250 501", "", PIPE },
		{ HI "MAIL FROM:<a@b> SIZE=1001\r\n", "250 552", "", PIPE },
		{ HI "MAIL FROM:<a@b> SIZE=99999999999999999999\r\n", "250 501", "", PIPE },
		{ HI "MAIL FROM:<a@b> SIZE=1000 BODY=8BITMIME RET=HDRS ENVID=a+3Db\r\n", "250 250", "", PIPE },
		{ HI "MAIL FROM:<a@b> BODY=BINARYMIME\r\n", "250 501", "", PIPE },
		{ HI "MAIL FROM:<\303\244@b>\r\n", "250 550", "", PIPE },
		{ HI "MAIL FROM:<\303\244@b> SMTPUTF8\r\nRCPT TO:<\303\244@d>\r\n", "250 250 250", "", PIPE },
		{ HI "MAIL FROM:<a@b>\r\nRCPT TO:<>\r\nRCPT LALA:<a@b>\r\nRCPT TO:<c@d> NOTIFY=NEVER,DELAY\r\n", "250 250 501 501 501", "",
		  PIPE },
		{ HI "MAIL FROM:<a@b>\r\nRCPT TO:<c@d> ORCPT=rfc822;c+40d NOTIFY=SUCCESS,DELAY\r\n", "250 250 250", "", PIPE },
		{ HI TO "DATA x\r\nRSET x\r\n", "250 250 250 501 501", "", PIPE },
		{ HI TO "BDAT\r\nNOOP\r\n", "250 250 250 501 !", "", PIPE },
		{ HI TO "BDAT x LAST\r\nNOOP\r\n", "250 250 250 501 !", "", PIPE },
		{ HI TO "BDAT -1\r\nNOOP\r\n", "250 250 250 501 !", "", PIPE },
		{ HI TO "BDAT 1 FIRST\r\nNOOP\r\n", "250 250 250 501 !", "", PIPE },
		{ HI "MAIL FROM:<a@b>\r\nRCPT TO:<1@d>\r\nRCPT TO:<2@d>\r\nRCPT TO:<3@d>\r\nRCPT TO:<4@d>\r\n", "250 250 250 250 250 452",
		  "", PIPE },
		{ "A\r\nB\r\nC\r\nD\r\nE\r\n", "500 500 500 500 500", "", GATE_MANY_ERRORS },
		{ "A\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\n",
		  "500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 421 !", "", GATE_MANY_ERRORS },
	};
	(void)state;
	see_all(v, COUNT(v));
}

/* Every one of these ends a message for some server, and none for us: the commands behind it are content, and it is refused. */
static void ends_of_others(void **state)
{
	static const struct span ends[] = {
		SPAN_INIT("\n.\n"),       SPAN_INIT("\r.\r"),       SPAN_INIT("\r.\n"),         SPAN_INIT("\n.\r"),
		SPAN_INIT("\n.\r\n"),     SPAN_INIT("\r\n.\n"),     SPAN_INIT("\r.\r\n"),       SPAN_INIT("\r\n.\r"),
		SPAN_INIT("\r\n\0.\r\n"), SPAN_INIT("\r\n.\0\r\n"), SPAN_INIT("\r\n.\r\r\n"),   SPAN_INIT("\r\r\n.\r\r\n"),
		SPAN_INIT("\r\n.\n\n"),   SPAN_INIT("\n\n.\r\n"),   SPAN_INIT("\r\n\0.\0\r\n"), SPAN_INIT("\r\r\n.\r\n\n"),
	};
	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++)
		for (size_t piece = 1; piece < 12; piece++)
			for (int chunked = 0; chunked < 2; chunked++) {
				struct smtp_test t;
				struct buf in, text;
				smtp_test_init(&t, &smtp_test_options, &arena);
				buf_init(&text, &arena, 10000);
				buf_init(&in, &arena, 10000);
				buf_cstr(&text, "Subject: x\r\n\r\none");
				buf_put(&text, ends[i]);
				buf_cstr(&text, TO "DATA\r\nSubject: y\r\n\r\ntwo\r\n");
				buf_cstr(&in, HI TO);
				if (chunked)
					buf_printf(&in, "BDAT %zu LAST\r\n", text.n);
				else
					buf_cstr(&in, "DATA\r\n");
				buf_put(&in, buf_span(&text));
				buf_cstr(&in, chunked ? "NOOP\r\n" : ".\r\nNOOP\r\n");
				smtp_test_feed_pieces(&t, buf_span(&in), piece);
				/* two of them hold a true end: what follows is then a second message by anybody's reading */
				bool twice = i == 15 && !chunked;
				if (!twice)
					assert_span(buf_span(&t.codes), chunked ? "250 250 250 550 250" : "250 250 250 354 550 250");
				assert_true(t.engine.manners & GATE_BARE_NEWLINE);
				arena_reset(&arena);
			}
}

static void too_large(void **state)
{
	static const struct dialogue v[] = {
		{ HI TO "BDAT 1001\r\n", "250 250 250", "", PIPE },
		{ HI TO "BDAT 999999999999999999\r\n", "250 250 250", "", PIPE },
	};
	struct smtp_test t;
	struct smtp_server_options options = smtp_test_options;
	struct buf in;
	(void)state;
	see_all(v, COUNT(v));
	options.message_bytes = 1000;
	for (int chunked = 0; chunked < 2; chunked++)
		for (size_t n = 999; n < 1002; n++) {
			smtp_test_init(&t, &options, &arena);
			buf_init(&in, &arena, 10000);
			buf_cstr(&in, HI TO);
			if (chunked)
				buf_printf(&in, "BDAT %zu\r\n", n);
			else
				buf_cstr(&in, "DATA\r\n");
			for (size_t i = 2; i < n; i++)
				buf_byte(&in, 'x');
			buf_cstr(&in, chunked ? "\r\nBDAT 0 LAST\r\nNOOP\r\n" : "\r\n.\r\nNOOP\r\n");
			smtp_test_feed_pieces(&t, buf_span(&in), 100);
			assert_span(buf_span(&t.codes), chunked    ? n > 1000 ? "250 250 250 552 503 250" : "250 250 250 250 250 250"
							: n > 1000 ? "250 250 250 354 552 250"
								   : "250 250 250 354 250 250");
		}
	arena_reset(&arena);
}

static void long_lines(void **state)
{
	(void)state;
	for (size_t n = LIMIT_SMTP_LINE - 2; n < LIMIT_SMTP_LINE + 3; n++)
		for (size_t piece = 1; piece < 10000; piece = piece * 7 + 1) {
			struct smtp_test t;
			struct buf in;
			smtp_test_init(&t, &smtp_test_options, &arena);
			buf_init(&in, &arena, 10000);
			buf_cstr(&in, "NOOP ");
			while (in.n < n)
				buf_byte(&in, 'x');
			buf_cstr(&in, "\nNOOP\r\n");
			smtp_test_feed_pieces(&t, buf_span(&in), piece);
			assert_span(buf_span(&t.codes), n <= LIMIT_SMTP_LINE ? "250 250" : "500 250");
			arena_reset(&arena);
		}
	struct smtp_test t;
	struct span much = span_of(arena_zalloc(&arena, LIMIT_SMTP_SKIPPED + 5000), LIMIT_SMTP_SKIPPED + 5000);
	smtp_test_init(&t, &smtp_test_options, &arena);
	smtp_test_feed_pieces(&t, much, 1000);
	assert_span(buf_span(&t.codes), "500 !");
	assert_true(smtp_server_need(&t.engine) > LIMIT_SMTP_LINE);
	arena_reset(&arena);
}

static void logins(void **state)
{
	struct smtp_server_options options = smtp_test_options;
	struct smtp_test t;
	struct buf in;
	(void)state;
	options.offers |= SMTP_AUTH;
	smtp_test_init(&t, &options, &arena);
	t.answer = SMTP_CONTINUES;
	smtp_test_feed(&t, SPAN(HI));
	smtp_test_feed(&t, SPAN("AUTH LOGIN\r\n"));
	buf_init(&in, &arena, 20000);
	while (in.n < LIMIT_SMTP_LOGIN_LINE - 2)
		buf_byte(&in, 'A');
	buf_cstr(&in, "\r\n");
	smtp_test_feed_pieces(&t, buf_span(&in), 1000);
	t.answer = SMTP_ACCEPTED;
	smtp_test_feed(&t, SPAN("QUIT\r\n"));
	assert_span(buf_span(&t.codes), "250 334 334 235");
	assert_true(t.engine.authenticated);
	smtp_test_feed(&t, SPAN("AUTH PLAIN AGE\r\n"));
	smtp_test_feed(&t, SPAN("MAIL FROM:<a@b> AUTH=<>\r\n"));
	assert_span(buf_span(&t.codes), "250 334 334 235 503 250");
	assert_int_equal(t.engine.manners, 0);
	arena_reset(&arena);
}

/* Exchanges that lead nowhere have an end, guesses count as errors, and a line that cannot be read is no command afterwards. */
static void logins_that_fail(void **state)
{
	static const char *const broken[] = { "A\rB\r\n", NULL /* too long */ };
	struct smtp_server_options options = smtp_test_options;
	struct smtp_test t;
	struct buf in;
	(void)state;
	options.offers |= SMTP_AUTH;
	smtp_test_init(&t, &options, &arena);
	smtp_test_feed(&t, SPAN(HI));
	t.answer = SMTP_CONTINUES;
	smtp_test_feed(&t, SPAN("AUTH LOGIN\r\n"));
	for (unsigned i = 0; i < LIMIT_SMTP_LOGIN_LINES - 1; i++)
		smtp_test_feed(&t, SPAN("AAAA\r\n"));
	assert_int_equal(t.engine.state, SMTP_IN_AUTH);
	smtp_test_feed(&t, SPAN("AAAA\r\n"));
	assert_int_equal(t.engine.state, SMTP_CLOSED);
	assert_string_equal(t.engine.why, "a login without an end");

	smtp_test_init(&t, &options, &arena);
	smtp_test_feed(&t, SPAN(HI));
	t.refuse = 1u << SMTP_LOGIN;
	smtp_test_feed(&t, SPAN("AUTH PLAIN AAAA\r\n"));
	t.answer = SMTP_CONTINUES;
	t.refuse = 1u << SMTP_LOGIN_LINE;
	smtp_test_feed(&t, SPAN("AUTH PLAIN\r\nAAAA\r\n"));
	assert_int_equal(t.engine.errors, 2);
	assert_false(t.engine.authenticated);

	for (size_t i = 0; i < COUNT(broken); i++) {
		smtp_test_init(&t, &options, &arena);
		smtp_test_feed(&t, SPAN(HI));
		t.answer = SMTP_CONTINUES;
		smtp_test_feed(&t, SPAN("AUTH PLAIN\r\n"));
		buf_init(&in, &arena, 2 * LIMIT_SMTP_LOGIN_LINE);
		while (!broken[i] && in.n < LIMIT_SMTP_LOGIN_LINE + 100)
			buf_byte(&in, 'A');
		buf_cstr(&in, broken[i] ? broken[i] : "\r\n");
		smtp_test_feed(&t, buf_span(&in));
		assert_int_equal(t.engine.state, SMTP_CLOSED);
		assert_string_equal(t.engine.why, "a line of a login that cannot be read");
	}
	arena_reset(&arena);
}

static void begins_anew_with_tls(void **state)
{
	struct smtp_server_options options = smtp_test_options;
	struct smtp_test t;
	(void)state;
	options.offers |= SMTP_STARTTLS;
	smtp_test_init(&t, &options, &arena);
	smtp_test_feed(&t, SPAN(HI));
	struct span injected = SPAN("STARTTLS\r\nMAIL FROM:<evil@b>\r\n");
	assert_int_equal(smtp_test_feed(&t, injected), 10); /* the rest is not looked at */
	assert_true(t.engine.manners & GATE_EARLY_PIPELINING);
	smtp_server_secured(&t.engine);
	smtp_test_feed(&t, SPAN("MAIL FROM:<a@b>\r\n"));
	smtp_test_feed(&t, SPAN(HI));
	smtp_test_feed(&t, SPAN("STARTTLS\r\n"));
	assert_span(buf_span(&t.codes), "250 220 503 250 503");
	arena_reset(&arena);
}

static void early_talker(void **state)
{
	struct smtp_server_engine e;
	struct smtp_event event;
	size_t used;
	(void)state;
	smtp_server_init(&e, &smtp_test_options);
	assert_int_equal(smtp_server_step(&e, span_none, &used, &event), SMTP_MORE);
	assert_int_equal(e.manners, 0);
	assert_int_equal(smtp_server_step(&e, SPAN("HELO x\r\n"), &used, &event), SMTP_MORE);
	assert_int_equal(used, 0);
	assert_int_equal(e.manners, GATE_EARLY_TALKER);
	smtp_server_greeted(&e);
	assert_int_equal(smtp_server_step(&e, SPAN("HELO x\r\n"), &used, &event), SMTP_EVENT);
	assert_span(event.text, "x");
	assert_span(event.line, "HELO x");
	/* Nothing more is read before the answer, but seen to be there. */
	assert_int_equal(smtp_server_step(&e, SPAN("MAIL"), &used, &event), SMTP_MORE);
	assert_int_equal(used, 0);
	assert_true(e.manners & GATE_EARLY_PIPELINING);
}

static void attributes(void **state)
{
	struct smtp_server_options options = smtp_test_options;
	struct smtp_test t;
	(void)state;
	options.offers |= SMTP_XCLIENT | SMTP_XFORWARD;
	smtp_test_init(&t, &options, &arena);
	smtp_test_feed(&t, SPAN("XCLIENT ADDR=192.0.2.1 NAME=[UNAVAILABLE]\r\n"));
	smtp_test_feed(&t, SPAN(HI));
	smtp_test_feed(&t, SPAN("XFORWARD NAME=a ADDR=192.0.2.1\r\n"));
	smtp_test_feed(&t, SPAN("XFORWARD NAME\r\nXFORWARD\r\nXFORWARD =x\r\n"));
	smtp_test_feed(&t, SPAN("XCLIENT HELO=a\r\n"));
	smtp_test_feed(&t, SPAN("MAIL FROM:<a@b>\r\n"));
	assert_span(buf_span(&t.codes), "220 250 250 501 501 501 220 503");
	arena_reset(&arena);
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialogues),      cmocka_unit_test(out_of_turn),      cmocka_unit_test(unreadable),
		cmocka_unit_test(ends_of_others), cmocka_unit_test(too_large),        cmocka_unit_test(long_lines),
		cmocka_unit_test(logins),         cmocka_unit_test(logins_that_fail), cmocka_unit_test(begins_anew_with_tls),
		cmocka_unit_test(early_talker),   cmocka_unit_test(attributes),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
