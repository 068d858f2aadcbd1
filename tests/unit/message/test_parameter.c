/* tests/unit/message/test_parameter.c - names of attachments and other parameters, in every reading. */
#include "message/charset.h"
#include "message/parameter.h"
#include "tests/test.h"

static const struct {
	const char *field, *value, *name, *readings; /* readings: in order, separated by | */
} cases[] = {
	{ "Attachment; filename=a.zip", "attachment", "filename", "a.zip" },
	{ "text/html charset=utf-8", "text/html", "charset", "utf-8" },
	{ "text / html; charset=utf-8 (c)", "text/html", "charset", "utf-8|utf-8 (c)" },
	{ "a/b; filename=\"c;d\\\"e.zip\"", "a/b", "filename", "c;d\"e.zip|c;d\\\"e.zip|c;d\\|c;d\\e.zip\"" },
	{ "a/b; name=my report (1).pdf", "a/b", "name", "my report (1).pdf|my report .pdf|my" },
	{ "a/b; name*0*=utf-8''r%C3%A9; name*1=\"sum.exe\"; name=r.txt", "a/b", "name", "résum.exe|r.txt" },
	{ "a/b; name*1=b; name*0=a", "a/b", "name", "ab" },
	{ "a/b; name==?utf-8?Q?caf=C3=A9.exe?=", "a/b", "name", "café.exe|=?utf-8?Q?caf=C3=A9.exe?=|" },
	{ "a/b; (name=no) name=yes", "a/b", "name", "yes" },
	{ "a/b; name=\"open", "a/b", "name", "open" },
	{ "a/b; name=\"a\".exe", "a/b", "name", "a|a.exe" },
	{ "a/b; name*=UTF-16''%00a%00b", "a/b", "name", "ab" },
};

static void every_reading(void **state)
{
	struct arena arena;
	bool ok = true;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct anomalies anomalies = { 0 };
		struct field_value value;
		struct span field = span_cstr(cases[i].field), rest = span_cstr(cases[i].readings), want;
		struct header header = { .value = field, .raw = field };
		field_value_parse(field, &header, &arena, &anomalies, &value);
		assert_span(value.value, cases[i].value);
		uint32_t at = 0;
		while (span_split(&rest, '|', &want)) {
			while (at < value.parameters.n && !span_eq(value.parameters.v[at].name, span_cstr(cases[i].name)))
				at++;
			if (want.n == 0)
				break; /* more may follow */
			if (at == value.parameters.n || !span_eq(value.parameters.v[at].value, want)) {
				print_error("%s: no reading %.*s there, but %.*s\n", cases[i].field, SPAN_ARG(want),
					    SPAN_ARG(at < value.parameters.n ? value.parameters.v[at].value : span_none));
				ok = false;
			}
			at++;
		}
	}
	assert_true(ok);
	arena_release(&arena);
	charset_thread_release();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_reading) };
	return cmocka_run_group_tests_name("message/parameter", tests, NULL, NULL);
}
