/* session/smtp_words: every reply has words and a code of three digits, and nothing a client sent can end a line of them. */
#include "base/limits.h"
#include "session/smtp_words.h"
#include "tests/test.h"

static struct arena arena;

static struct span words(enum smtp_reply reply, const struct smtp_fill *fill)
{
	struct buf out;
	buf_init(&out, &arena, 10000);
	smtp_words_put(smtp_personality_postern(), reply, fill, &out);
	return buf_span(&out);
}

static void all_replies(void **state)
{
	const struct smtp_fill fill = { .host = SPAN("mx\r\n250 x"), .helo = SPAN("a\nb") };
	(void)state;
	for (int reply = SMTP_REPLY_NONE + 1; reply < SMTP_REPLIES; reply++) {
		struct span text = words((enum smtp_reply)reply, &fill);
		uint16_t code = smtp_words_code(smtp_personality_postern(), (enum smtp_reply)reply);
		assert_true(code >= 200 && code < 600);
		assert_true(span_ends(text, SPAN("\r\n")));
		assert_int_equal(span_find_byte(text, '\n', 0), text.n - 1);
		assert_true(text.n <= 512);
	}
	assert_int_equal(words(SMTP_REPLY_NONE, &fill).n, 0);
}

static void texts(void **state)
{
	struct smtp_fill fill = { .host = SPAN("mx.example"), .id = SPAN("7F"), .n = 12, .largest = 1000 };
	struct buf out;
	(void)state;
	assert_span(words(SMTP_REPLY_GREETING, &fill), "220 mx.example ESMTP\r\n");
	assert_span(words(SMTP_REPLY_TEASER, &fill), "220-mx.example ESMTP\r\n");
	assert_span(words(SMTP_REPLY_MESSAGE, &fill), "250 2.0.0 Accepted 7F\r\n");
	assert_span(words(SMTP_REPLY_CHUNK, &fill), "250 2.0.0 12 bytes received\r\n");
	assert_span(words(SMTP_REPLY_EHLO, &fill), "250 mx.example\r\n");
	fill.offers = SMTP_SIZE | SMTP_UTF8;
	assert_span(words(SMTP_REPLY_EHLO, &fill), "250-mx.example\r\n250-SIZE 1000\r\n250 SMTPUTF8\r\n");
	buf_init(&out, &arena, 10000);
	smtp_words_line(550, SPAN("5.7.1"), SPAN("no\r\n250 yes"), &out);
	smtp_words_line(451, span_none, SPAN("later"), &out);
	assert_span(buf_span(&out), "550 5.7.1 no??250 yes\r\n451 later\r\n");
	assert_ptr_equal(smtp_personality_find(SPAN("postern")), smtp_personality_postern());
	assert_null(smtp_personality_find(SPAN("nobody")));
}

static void several_lines_and_long_ones(void **state)
{
	static const struct smtp_personality p = { .name = "x", .texts = { [SMTP_REPLY_HELP] = "214 a %c\nb %%\n%l" } };
	char helo[LIMIT_REPLY_TEXT + 100];
	struct buf out;
	(void)state;
	memset(helo, 'h', sizeof helo);
	struct smtp_fill fill = { .helo = SPAN("me"), .line = SPAN("HELP") };
	buf_init(&out, &arena, 10000);
	smtp_words_put(&p, SMTP_REPLY_HELP, &fill, &out);
	assert_span(buf_span(&out), "214-a me\r\n214-b %\r\n214 HELP\r\n");
	fill.helo = span_of(helo, sizeof helo);
	buf_init(&out, &arena, 10000);
	smtp_words_put(&p, SMTP_REPLY_HELP, &fill, &out);
	assert_true(out.n < 300);
	buf_init(&out, &arena, 10000);
	smtp_words_line(550, span_none, span_of(helo, sizeof helo), &out);
	assert_int_equal(out.n, 4 + LIMIT_REPLY_TEXT + 2);
	/* what a personality does not say is postern's */
	buf_init(&out, &arena, 10000);
	smtp_words_put(&p, SMTP_REPLY_BYE, &fill, &out);
	assert_span(buf_span(&out), "221 2.0.0 Goodbye\r\n");
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
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_replies), cmocka_unit_test(texts),
					    cmocka_unit_test(several_lines_and_long_ones) };
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
