/* session/trap_dialogue: takes everything, in the words of a real server, and keeps what it caught. */
#include "session/trap_dialogue.h"

#include "base/limits.h"
#include "tests/test.h"

struct talk {
	struct arena arena, words;
	struct trap_dialogue d;
	struct buf out;
	struct span said; /* all replies so far */
	unsigned recipients, messages;
	struct span message;
	struct span to[8];
	struct trap_catch caught;
	bool over;
};

static void begin_as(struct talk *t, const char *personality, uint32_t kept)
{
	memset(t, 0, sizeof *t);
	arena_init(&t->arena);
	arena_init(&t->words);
	struct trap_dialogue_options options = { .personality = smtp_personality_find(span_cstr(personality)),
						 .host = SPAN("mx.example.org"),
						 .message_bytes = 1000000,
						 .kept_bytes = kept,
						 .chance = 7 };
	trap_dialogue_init(&t->d, &options, SPAN("192.0.2.9"), &t->arena);
	buf_init(&t->out, &t->words, 1 << 20);
	trap_dialogue_greet(&t->d, &t->out);
}

static void begin(struct talk *t, uint32_t kept) { begin_as(t, "postfix", kept); }

static void hear(struct talk *t, struct span in)
{
	while (!t->over) {
		size_t used = 0;
		enum trap_step step = trap_dialogue_step(&t->d, in, &used, &t->out);
		in = span_skip(in, used);
		t->recipients += step == TRAP_RECIPIENT;
		t->over = step == TRAP_OVER;
		if (step == TRAP_MESSAGE) {
			t->messages++;
			t->caught = t->d.caught;
			t->message = arena_dup(&t->words, t->d.caught.message);
			for (uint32_t i = 0; i < t->d.caught.n_recipients && i < COUNT(t->to); i++)
				t->to[i] = arena_dup(&t->words, t->d.caught.recipients[i]);
			t->caught.mail_from = arena_dup(&t->words, t->d.caught.mail_from);
		}
		if (step == TRAP_MORE && used == 0)
			return;
	}
}

static void end(struct talk *t)
{
	arena_release(&t->arena);
	arena_release(&t->words);
}

static const char script[] =
    "EHLO probe.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<box@webmail.example>\r\nRCPT TO:<@x:c%d@mx.example.org>\r\nDATA\r\n"
    "Subject: BC_192.0.2.1\r\n\r\n..x\r\n.\r\nRSET\r\nMAIL FROM:<>\r\nRCPT TO:<e@f.example>\r\nDATA\r\nsecond\r\n.\r\nQUIT\r\n";

/* The same however the bytes are cut. */
static void catches(void **state)
{
	(void)state;
	uint64_t dialect = 0;
	for (size_t piece = 1; piece < 200; piece = piece * 3 + 1) {
		struct talk t;
		begin(&t, 1000);
		struct span whole = span_of(script, sizeof script - 1);
		size_t at = 0, have = 0;
		bool first = true;
		while (!t.over && at < whole.n) {
			have = have + piece < whole.n - at ? have + piece : whole.n - at;
			size_t used = 0;
			enum trap_step step;
			while ((step = trap_dialogue_step(&t.d, span_slice(whole, at, at + have), &used, &t.out)) != TRAP_MORE || used) {
				at += used;
				have -= used;
				t.recipients += step == TRAP_RECIPIENT;
				t.over = step == TRAP_OVER;
				if (step == TRAP_MESSAGE && first) {
					assert_span(t.d.caught.message, "Subject: BC_192.0.2.1\r\n\r\n.x\r\n");
					assert_span(t.d.caught.mail_from, "a@b.example");
					assert_int_equal(t.d.caught.n_recipients, 2);
					assert_span(t.d.caught.recipients[0], "box@webmail.example");
					assert_span(t.d.caught.recipients[1], "@x:c%d@mx.example.org");
					assert_span(t.d.caught.helo, "probe.example");
					assert_true(t.d.caught.esmtp);
					if (dialect)
						assert_int_equal(t.d.caught.dialect, dialect);
					dialect = t.d.caught.dialect;
					first = false;
				} else if (step == TRAP_MESSAGE) {
					assert_span(t.d.caught.message, "second\r\n");
					assert_int_equal(t.d.caught.n_recipients, 1);
					assert_int_equal(t.d.caught.resets, 1);
				}
				t.messages += step == TRAP_MESSAGE;
				if (t.over)
					break;
			}
		}
		assert_int_equal(t.messages, 2);
		assert_int_equal(t.recipients, 3);
		assert_true(t.over);
		struct span said = buf_span(&t.out);
		assert_true(span_starts(said, SPAN("220 mx.example.org ESMTP Postfix\r\n250-mx.example.org\r\n250-PIPELINING\r\n")));
		assert_true(span_has(said, SPAN("354 End data with <CR><LF>.<CR><LF>\r\n250 2.0.0 Ok: queued as ")));
		assert_true(span_ends(said, SPAN("221 2.0.0 Bye\r\n")));
		end(&t);
	}
}

/* A message larger than is kept is taken all the same; its beginning is kept. */
static void bounded(void **state)
{
	(void)state;
	struct talk t;
	begin(&t, 100);
	hear(&t, SPAN("HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"));
	for (int i = 0; i < 1000; i++)
		hear(&t, SPAN("0123456789012345678901234567890123456789\r\n"));
	hear(&t, SPAN(".\r\n"));
	assert_int_equal(t.messages, 1);
	assert_int_equal(t.message.n, 100);
	end(&t);
}

/* What another server might end elsewhere is taken as one message: nothing is passed on, so nothing is smuggled. */
static void bare_newlines(void **state)
{
	(void)state;
	struct talk t;
	begin(&t, 1000);
	hear(&t, SPAN("HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\none\n.\ntwo\r\n.\r\n"));
	assert_int_equal(t.messages, 1);
	assert_span(t.message, "one\n.\ntwo\r\n");
	assert_true(span_has(buf_span(&t.out), SPAN("queued as ")));
	end(&t);
}

/* 1,000 messages through one conversation: as many ids, and memory that does not grow. */
static void many(void **state)
{
	(void)state;
	struct talk t;
	begin(&t, 1000);
	hear(&t, SPAN("EHLO x\r\n"));
	for (int i = 0; i < 1000; i++)
		hear(&t, SPAN("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n"));
	assert_int_equal(t.messages, 1000);
	assert_true(t.arena.peak < 100000);
	end(&t);
}

/* The words of Exchange, as they are published; no real one was at hand. */
static void exchange(void **state)
{
	static const struct {
		const char *line, *reply;
	} v[] = {
		{ "MAIL FROM:<a@b.example>", "503 5.5.2 Send hello first" },
		{ "HELO", "250 mx.example.org Hello [192.0.2.9]" },
		{ "HELO x", "250 mx.example.org Hello [192.0.2.9]" },
		{ "RCPT TO:<a@b.example>", "503 5.5.2 Need mail command" },
		{ "mail from: a@b.example", "250 2.1.0 Sender OK" },
		{ "DATA", "503 5.5.2 Need rcpt command" },
		{ "MAIL FROM:<a@b.example>", "503 5.5.2 Sender already specified" },
		{ "RCPT TO:<c@d.example> NOTIFY=success,failure", "250 2.1.5 Recipient OK" },
		{ "RSET", "250 2.0.0 Resetting" },
		{ "NOOP", "250 2.0.0 OK" },
		{ "VRFY c", "252 2.1.5 Cannot VRFY user" },
		{ "MAIL FROM:<a@b.example> BODY=BINARYMIME", "250 2.1.0 Sender OK" },
		{ "RCPT TO:<c@d.example>", "250 2.1.5 Recipient OK" },
		{ "BDAT 3\r\nabc", "250 2.6.0 CHUNK received OK, 3 octets" },
		{ "FOO bar", "500 5.3.3 Unrecognized command 'FOO'" },
	};
	(void)state;
	struct talk t;
	begin_as(&t, "exchange", 1000);
	assert_true(span_starts(buf_span(&t.out), SPAN("220 mx.example.org Microsoft ESMTP MAIL Service ready at ")));
	for (size_t i = 0; i < COUNT(v); i++) {
		size_t from = t.out.n;
		bool chunk = span_starts(span_cstr(v[i].line), SPAN("BDAT"));
		hear(&t, chunk ? span_cstr(v[i].line) : arena_join(&t.words, span_cstr(v[i].line), SPAN("\r\n")));
		struct span said = span_skip(buf_span(&t.out), from);
		assert_true(span_starts(said, span_cstr(v[i].reply)));
	}
	assert_true(t.over); /* five errors */
	assert_true(span_ends(buf_span(&t.out), SPAN("421 4.7.0 Too many errors on this connection, closing transmission channel\r\n")));
	end(&t);
	begin_as(&t, "exchange", 1000);
	hear(&t, SPAN("EHLO x\r\nAUTH LOGIN\r\n"));
	assert_true(span_ends(buf_span(&t.out), SPAN("\r\n504 5.7.4 Unrecognized authentication type\r\n")));
	hear(&t, SPAN("AUTH NTLM\r\n"));
	assert_true(span_ends(buf_span(&t.out), SPAN("\r\n334 NTLM supported\r\n")));
	hear(&t, SPAN("TlRMTVNTUAABAAAA\r\n"));
	assert_true(span_ends(buf_span(&t.out), SPAN("\r\n535 5.7.3 Authentication unsuccessful\r\n")));
	hear(&t, SPAN("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nMessage-Id: <1@b.example>\r\n\r\nx\r\n.\r\n"));
	assert_true(span_has(buf_span(&t.out), SPAN("\r\n250 2.6.0 <1@b.example> [InternalId=")));
	assert_true(span_ends(buf_span(&t.out), SPAN(" KB/sec Queued mail for delivery\r\n")));
	end(&t);
}

/* Exim reads long commands, and hangs up on who is too quick, too slow or wrong too often. */
static void exim(void **state)
{
	static const char quick[] = "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nx: y\r\n.\r\nNOOP\r\nNOOP\r\n";
	static char noop[LIMIT_SMTP_LINE_EXIM + 10];
	struct talk t;
	(void)state;
	begin_as(&t, "exim", 1000);
	memset(noop, 'x', sizeof noop);
	memcpy(noop, "NOOP ", 5);
	for (size_t n = LIMIT_SMTP_LINE_EXIM - 1; n <= sizeof noop; n += 10) {
		hear(&t, arena_join(&t.words, span_of(noop, n), SPAN("\r\n")));
	}
	assert_true(span_ends(buf_span(&t.out), SPAN("\r\n250 OK\r\n500 unrecognized command\r\n")));
	end(&t);
	begin_as(&t, "exim", 1000);
	hear(&t, span_of(quick, sizeof quick - 1));
	assert_int_equal(t.messages, 1);
	assert_true(t.over);
	assert_true(span_ends(buf_span(&t.out), SPAN("554 SMTP synchronization error\r\n")));
	end(&t);
	begin_as(&t, "exim", 1000);
	trap_dialogue_late(&t.d, &t.out);
	assert_true(span_ends(buf_span(&t.out), SPAN("421 mx.example.org: SMTP command timeout - closing connection\r\n")));
	end(&t);
}

/* Replies take as long as a real server's: neither none at all nor always the same. */
static void pace(void **state)
{
	(void)state;
	struct talk t;
	uint32_t least = UINT32_MAX, most = 0, small = 0;
	begin(&t, 1000);
	hear(&t, SPAN("EHLO x\r\n"));
	for (int i = 0; i < 400; i++) {
		hear(&t, SPAN("MAIL FROM:<a@b.example>\r\n"));
		small += t.d.delay_ms <= 1;
		hear(&t, SPAN("RCPT TO:<c@d.example>\r\nDATA\r\n"));
		size_t used = 0;
		while (trap_dialogue_step(&t.d, span_skip(SPAN("x\r\n.\r\n"), used), &used, &t.out) != TRAP_MESSAGE)
			;
		least = t.d.delay_ms < least ? t.d.delay_ms : least;
		most = t.d.delay_ms > most ? t.d.delay_ms : most;
	}
	assert_true(small > 300);
	assert_int_equal(least, 12);
	assert_int_equal(most, 140);
	for (int i = 0; i < 10; i++)
		hear(&t, SPAN("FOO\r\n"));
	assert_true(t.d.delay_ms < 100);
	assert_false(t.over);
	size_t used;
	trap_dialogue_step(&t.d, SPAN("FOO\r\n"), &used, &t.out);
	assert_true(t.d.delay_ms >= 1000); /* the eleventh error */
	end(&t);
}

/* A client that is refused for ever costs no memory. */
static void refused(void **state)
{
	static const char *const names[] = { "postfix", "exim", "exchange" };
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct talk t;
		begin_as(&t, names[i], 1000);
		hear(&t, SPAN("EHLO x\r\nMAIL FROM:<a@b.example>\r\n"));
		for (int n = 0; n < 2000; n++)
			hear(&t, SPAN("RCPT TO:<a>\r\nDATA\r\n"));
		assert_true(t.arena.peak < 200000);
		end(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(catches), cmocka_unit_test(bounded),  cmocka_unit_test(bare_newlines),
					    cmocka_unit_test(many),    cmocka_unit_test(exchange), cmocka_unit_test(exim),
					    cmocka_unit_test(pace),    cmocka_unit_test(refused) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
