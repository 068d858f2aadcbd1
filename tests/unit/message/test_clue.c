/* message/clue: decoded vectors, and neighbours that are none. */
#include "message/clue.h"
#include "tests/test.h"

static void message_ids(void **state)
{
	struct clue_message_id id;
	char ip[IP_TEXT_MAX];
	(void)state;
	assert_true(clue_message_id(SPAN("01c92c39$ff9ce480$e284815d@60GC7Q"), &id));
	assert_true(id.filetime == 0x01c92c39ff9ce480 && !id.prefixed && clock_from_filetime(id.filetime) == 1223795597);
	ip_format(&id.ip, ip);
	assert_string_equal(ip, "93.129.132.226");
	assert_true(clue_message_id(SPAN("000d01ca5112$bddb2f80$6400a8c0@desktop"), &id));
	ip_format(&id.ip, ip);
	assert_true(id.prefixed && strcmp(ip, "192.168.0.100") == 0);
	static const char *const none[] = { "",
					    "$$$",
					    "a$b$c@d",
					    "01c92c39$ff9ce480@d",
					    "01c92c39$ff9ce480$e284815d$0@d",
					    "ffffffff$ff9ce480$e284815d@d",
					    "0001c92c39$ff9ce480$e284815d@d" };
	for (size_t i = 0; i < COUNT(none); i++)
		assert_false(clue_message_id(span_cstr(none[i]), &id));
}

static void boundaries(void **state)
{
	uint64_t filetime;
	struct span text;
	(void)state;
	assert_true(clue_boundary(SPAN("----=_NextPart_000_000E_01C92C39.FF9CE480"), &filetime, &text) && filetime == 0x01c92c39ff9ce480);
	assert_span(text, "01C92C39.FF9CE480");
	assert_false(clue_boundary(SPAN("----=_NextPart_000_000E_FFC92C39.FF9CE480"), &filetime, &text));
	assert_false(clue_boundary(SPAN("----=_Part_01C92C39.FF9CE480"), &filetime, &text));
	assert_false(clue_boundary(SPAN("."), &filetime, &text));
}

static void thread_indexes(void **state)
{
	struct clue_thread_index index;
	(void)state;
	assert_true(clue_thread_index(SPAN("Aca6Q862Q89QD80AN22RHXR0U7WZ61=="), &index));
	assert_true(index.bytes == 22 && !index.canonical && clock_from_filetime(index.filetime) == 1154970382);
	assert_true(clue_thread_index(SPAN("Aca6Q862Q89QD80AN22RHXR0U7WZ6w=="), &index) && index.canonical);
	assert_true(clue_thread_index(SPAN("AQHGukPOtkPPUA/NADdtkR10dFO1mes="), &index) &&
		    clock_from_filetime(index.filetime) / 86400 == 1154970382 / 86400);
	assert_false(clue_thread_index(SPAN("not base64!"), &index));
	assert_false(clue_thread_index(SPAN(""), &index));
}

static void received_ids(void **state)
{
	static const struct {
		enum received_writer writer;
		const char *id;
		int64_t time; /* 0: none */
	} cases[] = {
		{ RECEIVED_BY_EXIM, "1LeQ5B-0001aZ-Qx", 1236069273 },
		{ RECEIVED_BY_SENDMAIL, "n9FDq2hT021873", 1255614722 },
		{ RECEIVED_BY_GMAIL, "x12si1.2009.03.03.01.00.05", 1236069005 },
		{ RECEIVED_BY_GMAIL, "h5cs12345wxn.12.1255012345678", 1255012345 },
		{ RECEIVED_BY_EXIM, "short", 0 },
		{ RECEIVED_BY_SENDMAIL, "QAA13555", 0 },
		{ RECEIVED_BY_POSTFIX, "7BACDC372", 0 },
		{ RECEIVED_BY_GMAIL, "a.b.c", 0 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct received r = {
			.writer = cases[i].writer, .id = span_cstr(cases[i].id), .has_time = true, .time.seconds = 1236070805
		};
		int64_t time = 0, slack;
		bool ok = clue_received_id(&r, &time, &slack);
		if (ok != (cases[i].time != 0) || time != cases[i].time)
			fail_msg("%s: %lld", cases[i].id, (long long)time);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_ids),
		cmocka_unit_test(boundaries),
		cmocka_unit_test(thread_indexes),
		cmocka_unit_test(received_ids),
	};
	return cmocka_run_group_tests_name("message/clue", tests, NULL, NULL);
}
