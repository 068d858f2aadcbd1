/* tests/unit/message/test_message.c - the tree of parts, as mail programs see it. */
#include "message/charset.h"
#include "message/message.h"
#include "tests/test.h"

static struct arena arena;

static struct message parse(const char *text)
{
	struct message m;
	arena_reset(&arena);
	message_parse(span_cstr(text), &arena, &m);
	return m;
}

static void plain_text(void **state)
{
	(void)state;
	struct message m = parse("From: a@example.org\r\nSubject: =?utf-8?Q?caf=C3=A9?=\r\n\tau lait\r\n\r\nHello\r\n");
	assert_int_equal(m.parts.n, 1);
	assert_span(message_root(&m)->number, "1");
	assert_span(message_root(&m)->type.value, "text/plain");
	assert_span(message_root(&m)->text, "Hello\r\n");
	assert_span(message_field_text(&m, HEADER_SUBJECT), "café\tau lait");
	assert_span(message_field(&m, HEADER_FROM), "a@example.org");
}

static void nested(void **state)
{
	(void)state;
	struct message m =
	    parse("From someone Thu Jan  1 00:00:00 1970\nContent-Type: multipart/mixed; boundary=\"out\"\n\npreamble\n--out\n"
		  "Content-Type: multipart/alternative; boundary=in\n\n--in\n\ntext\n--in\nContent-Type: text/html; charset=utf-8\n"
		  "Content-Transfer-Encoding: base64\n\nPGI+aGk8L2I+\n--in--\n\n--out\nContent-Type: application/zip; name=\"a.zip\"\n"
		  "Content-Disposition: attachment; filename=b.zip\n\nzip\n--out\nContent-Type: message/rfc822\n\nSubject: "
		  "inner\n\nbody\n--out--\n");
	static const struct {
		const char *number, *type, *bytes;
	} want[] = {
		{ "0", "multipart/mixed", NULL },    { "1", "multipart/alternative", NULL }, { "1.1", "text/plain", "text" },
		{ "1.2", "text/html", "<b>hi</b>" }, { "2", "application/zip", "zip" },      { "3", "message/rfc822", NULL },
		{ "3.1", "text/plain", "body" },
	};
	assert_int_equal(m.parts.n, COUNT(want));
	for (uint32_t i = 0; i < COUNT(want); i++) {
		assert_span(m.parts.v[i].number, want[i].number);
		assert_span(m.parts.v[i].type.value, want[i].type);
		if (want[i].bytes)
			assert_span(m.parts.v[i].bytes, want[i].bytes);
	}
	assert_span(part_name_shown(&m.parts.v[4]), "b.zip");
	assert_int_equal(m.parts.v[4].names.n, 2);
	assert_span(m.envelope_line, "From someone Thu Jan  1 00:00:00 1970");
	assert_int_equal(m.anomalies.list.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(plain_text), cmocka_unit_test(nested) };
	int failed = cmocka_run_group_tests_name("message/message", tests, NULL, NULL);
	arena_release(&arena);
	charset_thread_release();
	return failed;
}
