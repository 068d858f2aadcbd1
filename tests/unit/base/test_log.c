/* Lines of the log: whatever a value is, it stays one value on one line, and the line has an end. */
#include "base/clock.h"
#include "base/log.h"
#include "tests/test.h"

#include <string.h>
#include <unistd.h>

static int64_t then(void) { return 1772366400; }

static struct span line_of(struct log_line *line, enum log_format format, struct span value)
{
	struct log log;
	log_open(&log, LOG_TO_JOURNAL, format, NULL, then);
	log_begin(line, &log, LOG_INFO, "e");
	log_text(line, "v", value);
	struct span text = log_finish(line);
	return span_first(text, text.n - 1);
}

static void values(void **state)
{
	static const struct {
		struct span value;
		const char *logfmt, *json;
	} cases[] = {
		{ SPAN_INIT("plain"), "plain", "\"plain\"" },
		{ SPAN_INIT(""), "\"\"", "\"\"" },
		{ SPAN_INIT("two words"), "\"two words\"", "\"two words\"" },
		{ SPAN_INIT("a=b"), "\"a=b\"", "\"a=b\"" },
		{ SPAN_INIT("x\" level=error y=\""), "\"x\\\" level=error y=\\\"\"", "\"x\\\" level=error y=\\\"\"" },
		{ SPAN_INIT("a\nlevel=error\r\n"), "\"a\\nlevel=error\\r\\n\"", "\"a\\nlevel=error\\r\\n\"" },
		{ SPAN_INIT("back\\slash"), "\"back\\\\slash\"", "\"back\\\\slash\"" },
		{ SPAN_INIT("\033[2J\0\x7f"), "\"\\u001b[2J\\u0000\\u007f\"", "\"\\u001b[2J\\u0000\\u007f\"" },
		{ SPAN_INIT("caf\xc3\xa9"), "\"caf\xc3\xa9\"", "\"caf\xc3\xa9\"" },
		{ SPAN_INIT("\xe2\x80\xaegpj.exe\xe2\x80\xa8\xc2\x85"), "\"\\u202egpj.exe\\u2028\\u0085\"",
		  "\"\\u202egpj.exe\\u2028\\u0085\"" },
		{ SPAN_INIT("\xf3\xa0\x81\xa1"), "\"\\udb40\\udc61\"", "\"\\udb40\\udc61\"" },
		{ SPAN_INIT("\xff\xc3"), "\"\\udcff\\udcc3\"", "\"\\udcff\\udcc3\"" },
	};
	struct log_line line;
	char want[200];
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(want, sizeof want, "level=info event=e v=%s", cases[i].logfmt);
		assert_span(line_of(&line, LOG_AS_LOGFMT, cases[i].value), want);
		snprintf(want, sizeof want, "{\"level\":\"info\",\"event\":\"e\",\"v\":%s}", cases[i].json);
		assert_span(line_of(&line, LOG_AS_JSON, cases[i].value), want);
	}
}

static void numbers(void **state)
{
	struct log log;
	struct log_line line;
	(void)state;
	log_open(&log, LOG_TO_STDERR, LOG_AS_LOGFMT, "front", then);
	log_begin(&line, &log, LOG_WARNING, "e");
	log_number(&line, "a", INT64_MIN);
	log_milli(&line, "b", -5);
	log_milli(&line, "c", 12345);
	log_milli(&line, "d", INT64_MIN);
	log_word(&line, "w", "x");
	assert_span(log_finish(&line),
		    "time=2026-03-01T12:00:00Z level=warning role=front event=e a=-9223372036854775808 b=-0.005 c=12.345 "
		    "d=-9223372036854775.808 w=x\n");
}

/* A value is cut after LIMIT_LOG_VALUE bytes, between characters; a line takes no more than LIMIT_LOG_LINE, and says that it was cut. */
static void limits(void **state)
{
	struct log_line line;
	struct log log;
	char many[2 * LIMIT_LOG_VALUE];
	(void)state;
	for (size_t i = 0; i + 1 < sizeof many; i += 2)
		memcpy(many + i, "\xc3\xa9", 2);
	struct span text = line_of(&line, LOG_AS_LOGFMT, span_of(many, sizeof many));
	assert_true(span_ends(text, SPAN("\xc3\xa9\" cut=yes")));
	assert_true(text.n < LIMIT_LOG_VALUE + 60);
	for (int format = 0; format < 2; format++) {
		log_open(&log, LOG_TO_JOURNAL, (enum log_format)format, NULL, then);
		log_begin(&line, &log, LOG_INFO, "e");
		memset(many, '\1', sizeof many);
		log_text(&line, "first", SPAN("a"));
		for (int i = 0; i < 40; i++)
			log_text(&line, "v", span_of(many, LIMIT_LOG_VALUE));
		log_number(&line, "last", 7);
		text = log_finish(&line);
		assert_true(text.n <= LIMIT_LOG_LINE);
		assert_true(span_ends(text, format ? SPAN("\"last\":7,\"cut\":true}\n") : SPAN(" last=7 cut=yes\n")));
		for (size_t i = 0; i + 1 < text.n; i++)
			assert_true(text.p[i] >= ' ');
	}
}

static void writes(void **state)
{
	struct log log;
	struct log_line line;
	int ends[2];
	char got[100];
	(void)state;
	assert_int_equal(pipe(ends), 0);
	log_open(&log, LOG_TO_JOURNAL, LOG_AS_LOGFMT, NULL, then);
	log.fd = ends[1];
	log_begin(&line, &log, LOG_ERR, "e");
	log_end(&log, &line);
	ssize_t n = read(ends[0], got, sizeof got);
	assert_span(span_of(got, (size_t)n), "<3>level=error event=e\n");
	close(ends[0]);
	close(ends[1]);
	log_begin(&line, &log, LOG_ERR, "e");
	log_end(&log, &line);
	assert_int_equal(log.lost, 1);
	log_open(&log, LOG_TO_SYSLOG, LOG_AS_LOGFMT, NULL, then); /* where no syslog listens, it is lost */
	log_begin(&line, &log, LOG_DEBUG, "e");
	log_end(&log, &line);
	log_close(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(values), cmocka_unit_test(numbers), cmocka_unit_test(limits),
					    cmocka_unit_test(writes) };
	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
