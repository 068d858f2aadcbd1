/* tests/unit/message/test_header.c - fields exactly as they stand, and the lines that are none. */
#include "base/limits.h"
#include "message/charset.h"
#include "message/header.h"
#include "tests/test.h"

static struct arena arena;
static struct anomalies anomalies;

static struct headers parse(const char *text, size_t *ret_consumed)
{
	struct headers headers;
	uint32_t total = 0;
	struct span bytes = span_cstr(text);
	arena_reset(&arena);
	memset(&anomalies, 0, sizeof anomalies);
	headers_parse(bytes, bytes, &arena, &anomalies, &total, &headers, ret_consumed);
	return headers;
}

static void fields(void **state)
{
	size_t end;
	(void)state;
	struct headers h = parse("From: a@example.org\r\nsubject : one\r\n\t two\nX-Other:3\nTo:\n\nbody", &end);
	assert_int_equal(h.list.n, 4);
	assert_int_equal(end, strlen("From: a@example.org\r\nsubject : one\r\n\t two\nX-Other:3\nTo:\n\n"));
	assert_int_equal(h.list.v[1].id, HEADER_SUBJECT);
	assert_span(h.list.v[1].name, "subject");
	assert_span(h.list.v[1].raw, "subject : one\r\n\t two\n");
	assert_span(header_unfolded(&h.list.v[1], &arena), "one\t two");
	assert_span(header_unfolded(header_named(&h, SPAN("x-other")), &arena), "3");
	assert_null(header_named(&h, SPAN("X-Absent")));
	assert_null(header_first(&h, HEADER_DATE));
	assert_int_equal(anomalies.count[ANOMALY_HEADER_SPACE_BEFORE_COLON], 1);
	assert_string_equal(header_id_name(HEADER_MESSAGE_ID), "Message-ID");
}

static void oddities(void **state)
{
	static const struct {
		const char *text;
		uint32_t fields;
		const char *body;
		int anomaly;
	} cases[] = {
		{ "From: a\nFrom: b\n\nx", 2, "x", ANOMALY_HEADER_DUPLICATE },
		{ "From: a\nno field\nTo: b\n\nx", 2, "x", ANOMALY_HEADER_NO_COLON },
		{ ">From me\nFrom: a\n\nx", 1, "x", ANOMALY_HEADER_NO_COLON },
		{ "From: a\nHello there\nbye", 1, "Hello there\nbye", ANOMALY_NO_BODY_SEPARATOR },
		{ "Hello there\n\nbye", 0, "Hello there\n\nbye", ANOMALY_NO_HEADER },
		{ "--junk\nContent-Type: text/html\n\nx", 1, "x", ANOMALY_HEADER_NO_COLON },
		{ "From: a\n--b\nx", 1, "--b\nx", ANOMALY_NO_BODY_SEPARATOR },
		{ "Subject: \xFC\n\nx", 1, "x", ANOMALY_HEADER_RAW_8BIT },
		{ "Subject: a\rb\n\nx", 1, "x", ANOMALY_LINE_BARE_CR },
		{ "Subject: a\r\r\nTo: b\r\r\n\r\r\nx", 2, "x", ANOMALY_LINE_BARE_CR },
		{ "Subject: a\rTo: b\n\nx", 1, "x", ANOMALY_MIME_AMBIGUOUS },
		{ "Subject: a\r\rhello\n\nx", 1, "x", ANOMALY_MIME_AMBIGUOUS },
		{ "From: a\r\nTo: b\n\nx", 2, "x", ANOMALY_LINE_ENDS_MIXED },
		{ "From: a\n \nTo: b\n\nx", 2, "x", -1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t end;
		struct headers h = parse(cases[i].text, &end);
		assert_int_equal(h.list.n, cases[i].fields);
		assert_span(span_skip(span_cstr(cases[i].text), end), cases[i].body);
		if (cases[i].anomaly >= 0)
			assert_int_equal(anomalies.count[cases[i].anomaly], 1);
	}
}

static void long_value(void **state)
{
	size_t end;
	(void)state;
	for (int folds = 0; folds < 2; folds++) {
		char text[LIMIT_HEADER_VALUE + 100];
		memset(text, 'x', sizeof text);
		memcpy(text, "Subject: x\n ", folds ? 12 : 9);
		memcpy(text + sizeof text - 10, "\nTo: b\n\nx", 10);
		struct headers h = parse(text, &end);
		assert_int_equal(h.list.n, 2);
		assert_int_equal(anomalies.count[ANOMALY_HEADER_VALUE_LIMIT], 1);
		assert_int_equal(header_unfolded(&h.list.v[0], &arena).n, folds ? LIMIT_HEADER_VALUE - 2 : LIMIT_HEADER_VALUE - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(fields), cmocka_unit_test(oddities), cmocka_unit_test(long_value) };
	int failed = cmocka_run_group_tests_name("message/header", tests, NULL, NULL);
	arena_release(&arena);
	charset_thread_release();
	return failed;
}
