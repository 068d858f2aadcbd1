/* session/smtp_client_engine: opening conversations of every kind, commands cut to what the server has, replies that are none, dots. */
#include "base/err.h"
#include "base/limits.h"
#include "session/smtp_client_engine.h"
#include "tests/test.h"

static struct arena arena;

struct talk {
	struct smtp_client_engine engine;
	struct buf sent;
	struct smtp_client_event event; /* the last */
	enum smtp_client_step step;
	unsigned events;
};

static void begin(struct talk *t, const struct smtp_client_options *options)
{
	memset(t, 0, sizeof *t);
	smtp_client_init(&t->engine, options);
	buf_init(&t->sent, &arena, 1 << 20);
}

/* In pieces; what is sent next is put behind what was sent before. */
static void hear(struct talk *t, const char *text, size_t piece)
{
	struct span in = span_cstr(text);
	size_t from = 0, have = 0;
	while (have < in.n) {
		have = in.n - have < piece ? in.n : have + piece;
		for (size_t used = 1; used;) {
			struct smtp_client_event event;
			t->step = smtp_client_step(&t->engine, span_slice(in, from, have), &used, &event, &t->sent);
			if (t->step == SMTP_CLIENT_BAD)
				return;
			if (t->step == SMTP_CLIENT_EVENT) {
				t->event = event;
				t->events++;
			}
			from += used;
		}
	}
	assert_int_equal(from, in.n);
}

static const char *sent(struct talk *t)
{
	static char text[4000];
	snprintf(text, sizeof text, "%.*s", SPAN_ARG(buf_span(&t->sent)));
	t->sent.n = 0;
	return text;
}

static const struct smtp_origin origin = { .has_ip = true, .port = 1234, .name = { NULL, 0 }, .helo = SPAN_INIT("a b"), .esmtp = true };

static void opens(void **state)
{
	static const struct {
		struct smtp_client_options options;
		const char *heard, *sent;
		enum smtp_client_state state;
		uint32_t offers;
	} v[] = {
		{ { .hostname = SPAN_INIT("me") }, "220 x\r\n250 x\r\n", "EHLO me\r\n", SMTP_CLIENT_IDLE, 0 },
		{ { .hostname = SPAN_INIT("me") },
		  "220-x\r\n220 y\r\n250-x\r\n250-SIZE 1000\r\n250 8bitmime\r\n",
		  "EHLO me\r\n",
		  SMTP_CLIENT_IDLE,
		  SMTP_SIZE | SMTP_8BITMIME },
		{ { .lmtp = true }, "220 x\r\n250 x\r\n", "LHLO localhost\r\n", SMTP_CLIENT_IDLE, 0 },
		{ { .hostname = SPAN_INIT("me") }, "220 x\r\n502 what\r\n250 x\r\n", "EHLO me\r\nHELO me\r\n", SMTP_CLIENT_IDLE, 0 },
		{ { .hostname = SPAN_INIT("me") }, "220 x\r\n502 what\r\n550 x\r\n", "EHLO me\r\nHELO me\r\n", SMTP_CLIENT_CLOSED, 0 },
		{ { .hostname = SPAN_INIT("me") }, "220 x\r\n421 bye\r\n", "EHLO me\r\n", SMTP_CLIENT_CLOSED, 0 },
		{ { .lmtp = true }, "220 x\r\n500 what\r\n", "LHLO localhost\r\n", SMTP_CLIENT_CLOSED, 0 },
		{ { .hostname = SPAN_INIT("me") }, "554 no\r\n", "", SMTP_CLIENT_CLOSED, 0 },
		{ { .hostname = SPAN_INIT("me"), .tls = SMTP_TLS_OFFERED }, "220 x\r\n250 x\r\n", "EHLO me\r\n", SMTP_CLIENT_IDLE, 0 },
		{ { .hostname = SPAN_INIT("me"), .tls = SMTP_TLS_OFFERED },
		  "220 x\r\n250-x\r\n250 STARTTLS\r\n454 not now\r\n",
		  "EHLO me\r\nSTARTTLS\r\n",
		  SMTP_CLIENT_IDLE,
		  SMTP_STARTTLS },
		{ { .hostname = SPAN_INIT("me"), .tls = SMTP_TLS_ALWAYS },
		  "220 x\r\n250-x\r\n250 STARTTLS\r\n454 not now\r\n",
		  "EHLO me\r\nSTARTTLS\r\n",
		  SMTP_CLIENT_CLOSED,
		  SMTP_STARTTLS },
		{ { .hostname = SPAN_INIT("me"), .tls = SMTP_TLS_ALWAYS }, "220 x\r\n250 x\r\n", "EHLO me\r\n", SMTP_CLIENT_CLOSED, 0 },
		{ { .hostname = SPAN_INIT("me"), .origin = &origin },
		  "220 x\r\n250-x\r\n250 XCLIENT ADDR NAME HELO PORT\r\n550 no\r\n",
		  "EHLO me\r\nXCLIENT NAME=[UNAVAILABLE] ADDR=IPV6::: PORT=1234 HELO=a+20b\r\n",
		  SMTP_CLIENT_IDLE,
		  SMTP_XCLIENT },
		{ { .hostname = SPAN_INIT("me"), .origin = &origin },
		  "220 x\r\n250-x\r\n250 XCLIENT PROTO LOGIN\r\n220 y\r\n250-x\r\n250 XCLIENT PROTO\r\n",
		  "EHLO me\r\nXCLIENT PROTO=ESMTP LOGIN=[UNAVAILABLE]\r\nEHLO me\r\n",
		  SMTP_CLIENT_IDLE,
		  SMTP_XCLIENT },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(v); i++)
		for (size_t piece = 1; piece < 100; piece = piece * 5 + 2) {
			struct talk t;
			begin(&t, &v[i].options);
			hear(&t, v[i].heard, piece);
			assert_string_equal(sent(&t), v[i].sent);
			assert_int_equal(t.engine.state, v[i].state);
			assert_int_equal(t.engine.offers, v[i].offers);
			arena_reset(&arena);
		}
}

static void no_mail_servers(void **state)
{
	static const char *const v[] = {
		"SSH-2.0-OpenSSH\r\n",
		"220 x\n",
		"22 x\r\n",
		"220_x\r\n",
		"2200 x\r\n",
		"199 x\r\n",
		"600 x\r\n",
		"220-x\r\n221 y\r\n",
		"220 a\rb\r\n",
		"220-x\r\n220\tx\r\n",
		"\r\n",
	};
	struct talk t;
	struct buf text;
	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		begin(&t, &(struct smtp_client_options){ 0 });
		hear(&t, v[i], 1);
		assert_int_equal(t.step, SMTP_CLIENT_BAD);
		assert_non_null(t.engine.why);
	}
	for (size_t n = LIMIT_SMTP_REPLY_LINE - 1; n < LIMIT_SMTP_REPLY_LINE + 2; n++) {
		buf_init(&text, &arena, 10000);
		buf_cstr(&text, "220 ");
		while (text.n < n - 1)
			buf_byte(&text, 'x');
		buf_put(&text, span_of("\r\n", 3));
		begin(&t, &(struct smtp_client_options){ 0 });
		hear(&t, (const char *)text.p, 100);
		assert_int_equal(t.step == SMTP_CLIENT_BAD, n > LIMIT_SMTP_REPLY_LINE);
	}
	for (size_t n = LIMIT_SMTP_REPLY_LINES - 1; n < LIMIT_SMTP_REPLY_LINES + 2; n++) {
		buf_init(&text, &arena, 10000);
		for (size_t i = 1; i < n; i++)
			buf_cstr(&text, "220-x\r\n");
		buf_put(&text, span_of("220 x\r\n", 8));
		begin(&t, &(struct smtp_client_options){ 0 });
		hear(&t, (const char *)text.p, 100);
		assert_int_equal(t.step == SMTP_CLIENT_BAD, n > LIMIT_SMTP_REPLY_LINES);
	}
	arena_reset(&arena);
}

static void open_with(struct talk *t, const struct smtp_client_options *options, const char *offers)
{
	begin(t, options);
	hear(t, "220 x\r\n", 100);
	hear(t, offers, 100);
	assert_int_equal(t->event.kind, SMTP_CLIENT_READY);
	t->sent.n = 0;
}

static void commands(void **state)
{
	static const struct smtp_parameters all = { .has_size = true,
						    .size = 12,
						    .body = SMTP_BODY_8BITMIME,
						    .ret = SPAN_INIT("HDRS"),
						    .envid = SPAN_INIT("e"),
						    .auth = SPAN_INIT("<>"),
						    .notify = SPAN_INIT("NEVER"),
						    .orcpt = SPAN_INIT("rfc822;a") };
	static const struct smtp_parameters utf8 = { .utf8 = true }, none = { 0 };
	struct talk t;
	(void)state;
	open_with(&t, &(struct smtp_client_options){ 0 },
		  "250-x\r\n250-SIZE\r\n250-8BITMIME\r\n250-DSN\r\n250-AUTH PLAIN EXTERNAL\r\n250 SMTPUTF8\r\n");
	assert_int_equal(smtp_client_mail(&t.engine, SPAN(""), &all, &t.sent), ERR_OK);
	assert_string_equal(sent(&t), "MAIL FROM:<> SIZE=12 BODY=8BITMIME RET=HDRS ENVID=e AUTH=<>\r\n");
	hear(&t, "250 2.1.0 ok\r\n", 3);
	assert_int_equal(t.event.to, SMTP_CLIENT_AT_MAIL);
	assert_int_equal(smtp_client_rcpt(&t.engine, SPAN("a@b"), &all, &t.sent), ERR_OK);
	assert_string_equal(sent(&t), "RCPT TO:<a@b> NOTIFY=NEVER ORCPT=rfc822;a\r\n");
	hear(&t, "550 5.1.1 no such user\r\n", 3);
	assert_int_equal(t.event.code, 550);
	assert_int_equal(smtp_client_rcpt(&t.engine, SPAN("\303\244@b"), &none, &t.sent), ERR_OK);
	assert_string_equal(sent(&t), "RCPT TO:<\303\244@b>\r\n");
	hear(&t, "250 ok\r\n", 3);
	smtp_client_data(&t.engine, &t.sent);
	assert_string_equal(sent(&t), "DATA\r\n");
	hear(&t, "354 go\r\n", 3);
	assert_int_equal(t.engine.state, SMTP_CLIENT_AT_END);
	hear(&t, "250 2.0.0 queued\r\n", 3);
	assert_int_equal(t.event.to, SMTP_CLIENT_AT_END);
	assert_true(t.event.last);
	assert_int_equal(t.engine.state, SMTP_CLIENT_IDLE);
	assert_int_equal(smtp_client_mail(&t.engine, SPAN("a@b"), &utf8, &t.sent), ERR_OK);
	assert_string_equal(sent(&t), "MAIL FROM:<a@b> SMTPUTF8\r\n");
	hear(&t, "250 ok\r\n", 3);
	smtp_client_rset(&t.engine, &t.sent);
	hear(&t, "250 ok\r\n", 3);
	smtp_client_other(&t.engine, SPAN("AUTH PLAIN"), &t.sent);
	hear(&t, "334 \r\n", 3);
	assert_int_equal(t.event.code, 334);
	smtp_client_quit(&t.engine, &t.sent);
	assert_string_equal(sent(&t), "RSET\r\nAUTH PLAIN\r\nQUIT\r\n");
	hear(&t, "221 bye\r\n", 3);
	assert_int_equal(t.engine.state, SMTP_CLIENT_CLOSED);

	/* A server that has nothing, and bytes that would be a command of their own. */
	open_with(&t, &(struct smtp_client_options){ 0 }, "250 x\r\n");
	assert_int_equal(smtp_client_mail(&t.engine, SPAN("a@b\r\nRSET"), &none, &t.sent), ERR_USAGE);
	assert_int_equal(smtp_client_rcpt(&t.engine, SPAN("a@b\n"), &none, &t.sent), ERR_USAGE);
	assert_int_equal(smtp_client_other(&t.engine, SPAN("NOOP\r\n"), &t.sent), ERR_USAGE);
	assert_int_equal(smtp_client_mail(&t.engine, SPAN("a@b"), &utf8, &t.sent), ERR_UNSUPPORTED);
	assert_int_equal(smtp_client_rcpt(&t.engine, SPAN("\303\244@b"), &none, &t.sent), ERR_UNSUPPORTED);
	assert_string_equal(sent(&t), "");
	assert_false(smtp_client_xforward(&t.engine, &t.sent));
	assert_int_equal(smtp_client_mail(&t.engine, SPAN("a@b"), &all, &t.sent), ERR_OK);
	assert_string_equal(sent(&t), "MAIL FROM:<a@b>\r\n");
	hear(&t, "250 ok\r\n", 3);
	hear(&t, "250 ok again\r\n", 3);
	assert_int_equal(t.step, SMTP_CLIENT_BAD); /* nobody asked */
	arena_reset(&arena);
}

static void by_lmtp(void **state)
{
	static const struct smtp_parameters none = { 0 };
	struct talk t;
	(void)state;
	open_with(&t, &(struct smtp_client_options){ .lmtp = true, .origin = &origin },
		  "250-x\r\n250-XFORWARD NAME HELO\r\n250 CHUNKING\r\n");
	assert_true(smtp_client_xforward(&t.engine, &t.sent));
	hear(&t, "250 ok\r\n", 3);
	smtp_client_mail(&t.engine, SPAN("a@b"), &none, &t.sent);
	hear(&t, "250 ok\r\n", 3);
	for (int i = 0; i < 3; i++) {
		smtp_client_rcpt(&t.engine, SPAN("c@d"), &none, &t.sent);
		hear(&t, i == 1 ? "550 no\r\n" : "250 ok\r\n", 3);
	}
	t.sent.n = 0;
	smtp_client_chunk(&t.engine, 1234, &t.sent);
	assert_string_equal(sent(&t), "BDAT 1234 LAST\r\n");
	hear(&t, "250 ok\r\n", 3);
	assert_false(t.event.last);
	assert_int_equal(t.event.recipient, 0);
	hear(&t, "452 full\r\n", 3);
	assert_true(t.event.last);
	assert_int_equal(t.event.recipient, 1);
	assert_int_equal(t.event.code, 452);
	hear(&t, "421 going\r\n", 3);
	assert_int_equal(t.engine.state, SMTP_CLIENT_CLOSED);
	arena_reset(&arena);
}

static void secures(void **state)
{
	struct talk t;
	(void)state;
	begin(&t, &(struct smtp_client_options){ .tls = SMTP_TLS_ALWAYS });
	hear(&t, "220 x\r\n250-x\r\n250 STARTTLS\r\n220 go\r\n", 5);
	assert_int_equal(t.event.kind, SMTP_CLIENT_SECURE);
	t.sent.n = 0;
	smtp_client_secured(&t.engine, &t.sent);
	hear(&t, "250-x\r\n250 STARTTLS\r\n", 5);
	assert_string_equal(sent(&t), "EHLO localhost\r\n");
	assert_int_equal(t.event.kind, SMTP_CLIENT_READY);
	arena_reset(&arena);
}

static void stuffing(void **state)
{
	static const struct {
		const char *content, *sent;
	} v[] = {
		{ "", ".\r\n" },
		{ "a", "a\r\n.\r\n" },
		{ "a\r\n", "a\r\n.\r\n" },
		{ ".", "..\r\n.\r\n" },
		{ ".\r\n", "..\r\n.\r\n" },
		{ "a\r\n.\r\nb\r\n..c\r\n", "a\r\n..\r\nb\r\n...c\r\n.\r\n" },
		{ "a\n.\nb", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\r.\rb", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\r\r\n.\n", "a\r\n\r\n..\r\n.\r\n" },
		{ "\n\n", "\r\n\r\n.\r\n" },
		{ "a\r", "a\r\n.\r\n" },
		{ "a.\r\nb.", "a.\r\nb.\r\n.\r\n" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		struct smtp_stuffing s = { .middle = false };
		struct span piece;
		struct buf out;
		buf_init(&out, &arena, 1000);
		smtp_stuffing_add(&s, span_cstr(v[i].content));
		while (smtp_stuffing_next(&s, &piece))
			buf_put(&out, piece);
		buf_put(&out, smtp_stuffing_end(&s));
		assert_span(buf_span(&out), v[i].sent);
	}
	arena_reset(&arena);
}

static void replies(void **state)
{
	struct span rest = SPAN("250-a b\r\n250-\r\n250 c\r\n"), text;
	(void)state;
	assert_true(smtp_reply_line(&rest, &text));
	assert_span(text, "a b");
	assert_true(smtp_reply_line(&rest, &text));
	assert_span(text, "");
	assert_true(smtp_reply_line(&rest, &text));
	assert_span(text, "c");
	assert_false(smtp_reply_line(&rest, &text));
	text = SPAN("5.7.1 no way");
	assert_span(smtp_reply_status(&text), "5.7.1");
	assert_span(text, "no way");
	text = SPAN("3.7.1 no way");
	assert_span(smtp_reply_status(&text), "");
	text = SPAN("5.7 no way");
	assert_span(smtp_reply_status(&text), "");
	assert_span(text, "5.7 no way");
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
		cmocka_unit_test(opens),   cmocka_unit_test(no_mail_servers), cmocka_unit_test(commands), cmocka_unit_test(by_lmtp),
		cmocka_unit_test(secures), cmocka_unit_test(stuffing),        cmocka_unit_test(replies),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
