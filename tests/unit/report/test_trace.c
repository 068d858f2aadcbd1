/* report/trace: the way of a message as JSON and as a table, from messages whose way is known. */
#include "app/pipeline.h"
#include "report/trace.h"
#include "tests/test.h"

#define WAY                                                                                                                                \
	"Received: from mail.example.org (mail.example.org [192.0.2.7])\n\tby mx.example.com (Postfix) with ESMTP id 4B1C23F0A1\n"         \
	"\tfor <bob@example.com>; Mon, 22 Jul 2002 14:03:22 +0200\n"                                                                       \
	"Received: from pc (unknown [198.51.100.9]) by mail.example.org with SMTP; Mon, 22 Jul 2002 12:03:11 +0000\n"
#define HEAD "From: Ann <ann@example.org>\nTo: bob@example.com\nSubject: hello\nMessage-ID: <1@example.org>\n\nhello\n"

static struct pipeline_options options;
static struct pipeline pipeline;

static struct span text_of(const char *message, const struct style *style)
{
	struct judgement j;
	struct buf out;
	pipeline_judge(&pipeline, span_cstr(message), &j);
	j.file = SPAN("a\x1b.eml");
	buf_init(&out, &pipeline.arena, 1u << 20);
	if (style)
		report_trace(&j, style, &out);
	else
		report_trace_json(&j, &out);
	return buf_span(&out);
}

static void has(struct span text, const char *wanted)
{
	if (!span_has(text, span_cstr(wanted)))
		fail_msg("no \"%s\" in\n%.*s", wanted, SPAN_ARG(text));
}

static void json(void **state)
{
	(void)state;
	struct span text = text_of(WAY HEAD, NULL);
	assert_true(span_starts(text, SPAN("{\"file\":\"a\\u001b.eml\",\"origin\":{\"ip\":")));
	has(text, "\"hops\":[{\"n\":1,\"source\":\"received\",\"verdict\":");
	has(text, "\"from\":{\"helo\":\"mail.example.org\",\"rdns\":\"mail.example.org\",\"ip\":\"192.0.2.7\"},\"by\":\"mx.example.com\","
		  "\"with\":\"ESMTP\","
		  "\"id\":\"4B1C23F0A1\",\"time\":1027339402,\"delay_s\":11}");
	has(text, "{\"n\":2,\"source\":\"received\"");
	has(text,
	    "\"ip\":\"198.51.100.9\"},\"by\":\"mail.example.org\",\"with\":\"SMTP\",\"id\":null,\"time\":1027339391,\"delay_s\":null}");
	has(text, "\"clues\":[");
	/* No way at all. */
	text = text_of(HEAD, NULL);
	has(text, "\"origin\":{\"ip\":null,\"confidence\":0,\"hop\":null,\"role\":\"unknown\"},\"hops\":[],\"clues\":[]}");
}

static void clues(void **state)
{
	(void)state;
	static const char message[] = "X-Originating-IP: [203.0.113.5]\n" WAY HEAD;
	struct style plain = { 0 };
	has(text_of(message, NULL), "{\"from\":\"X-Originating-IP\",\"kind\":\"address\",\"ip\":\"203.0.113.5\"");
	has(text_of(message, &plain), "Clues hidden in the message\n");
	has(text_of(message, &plain), "is the address 203.0.113.5 (line 1)");
}

static void table(void **state)
{
	struct style plain = { 0 }, colour = { .colour = true, .width = 80 };
	(void)state;
	struct span text = text_of(WAY HEAD, &plain);
	assert_true(span_starts(text, SPAN("a\\e.eml\n")));
	has(text, "Hop  Line  Verdict   Time                     Delay\n");
	has(text, "  1     1  ");
	has(text, "2002-07-22 12:03:22 UTC  11 s\n");
	has(text, "  2     4  ");
	has(text, "2002-07-22 12:03:11 UTC\n"); /* no blanks behind it */
	has(text, "from 192.0.2.7 (known as mail.example.org)\n           to mx.example.com with ESMTP\n");
	assert_false(span_has(text, SPAN("\x1b")));
	has(text_of(WAY HEAD, &colour), "\x1b[");
	text = text_of(HEAD, &plain);
	has(text, "It carries no trace of its way");
	assert_false(span_has(text, SPAN("Hop  Line")));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(json), cmocka_unit_test(clues), cmocka_unit_test(table) };
	options.now = CLOCK_NONE;
	settings_defaults(&options.settings);
	pipeline_init(&pipeline, &options);
	int failed = cmocka_run_group_tests_name("report/trace", tests, NULL, NULL);
	pipeline_release(&pipeline);
	return failed;
}
