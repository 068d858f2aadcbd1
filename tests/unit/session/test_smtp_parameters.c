/* session/smtp_parameters: what stands behind an address, attributes, xtext. */
#include "session/smtp_parameters.h"
#include "tests/test.h"

static void parameters(void **state)
{
	enum { ALL = SMTP_SIZE | SMTP_8BITMIME | SMTP_UTF8 | SMTP_AUTH | SMTP_DSN };
	static const struct {
		const char *text;
		bool rcpt;
		uint32_t offers;
		enum smtp_reply reply;
	} v[] = {
		{ "", false, 0, SMTP_REPLY_NONE },
		{ "  size=12   body=8bitmime  smtputf8 auth=<> ret=full envid=x", false, ALL, SMTP_REPLY_NONE },
		{ "NOTIFY=NEVER ORCPT=rfc822;a@b", true, ALL, SMTP_REPLY_NONE },
		{ "NOTIFY=SUCCESS,FAILURE,DELAY", true, ALL, SMTP_REPLY_NONE },
		{ "SIZE=1", false, ALL & ~SMTP_SIZE, SMTP_REPLY_PARAMETER_UNKNOWN },
		{ "SIZE=1", true, ALL, SMTP_REPLY_PARAMETER_UNKNOWN },
		{ "NOTIFY=NEVER", false, ALL, SMTP_REPLY_PARAMETER_UNKNOWN },
		{ "X-FOO", false, ALL, SMTP_REPLY_PARAMETER_UNKNOWN },
		{ "SIZE=", false, ALL, SMTP_REPLY_PARAMETER_SYNTAX },
		{ "SIZE", false, ALL, SMTP_REPLY_PARAMETER_SYNTAX },
		{ "SIZE=-1", false, ALL, SMTP_REPLY_PARAMETER_SYNTAX },
		{ "BODY=7BIT", false, ALL, SMTP_REPLY_NONE },
		{ "BODY=x", false, ALL, SMTP_REPLY_PARAMETER_SYNTAX },
		{ "SMTPUTF8=1", false, ALL, SMTP_REPLY_PARAMETER_SYNTAX },
		{ "SMTPUTF8 SMTPUTF8", false, ALL, SMTP_REPLY_PARAMETER_SYNTAX },
		{ "AUTH=a+4", false, ALL, SMTP_REPLY_PARAMETER_SYNTAX },
		{ "RET=SOME", false, ALL, SMTP_REPLY_PARAMETER_SYNTAX },
		{ "ENVID=", false, ALL, SMTP_REPLY_PARAMETER_SYNTAX },
		{ "NOTIFY=NEVER,DELAY", true, ALL, SMTP_REPLY_PARAMETER_SYNTAX },
		{ "NOTIFY=", true, ALL, SMTP_REPLY_PARAMETER_SYNTAX },
		{ "ORCPT=a@b", true, ALL, SMTP_REPLY_PARAMETER_SYNTAX },
		{ "ORCPT=;a@b", true, ALL, SMTP_REPLY_PARAMETER_SYNTAX },
	};
	struct smtp_parameters p;
	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		enum smtp_reply reply = smtp_parameters_parse(span_cstr(v[i].text), v[i].rcpt, v[i].offers, &p);
		if (reply != v[i].reply)
			fail_msg("%s: %d", v[i].text, reply);
	}
	assert_int_equal(smtp_parameters_parse(SPAN("SIZE=12 BODY=8BITMIME SMTPUTF8 AUTH=a RET=HDRS ENVID=e"), false, ALL, &p), 0);
	assert_true(p.has_size && p.size == 12 && p.body == SMTP_BODY_8BITMIME && p.utf8);
	assert_span(p.auth, "a");
	assert_span(p.ret, "HDRS");
	assert_span(p.envid, "e");
	assert_null(p.notify.p);
}

static void attributes(void **state)
{
	struct span rest = SPAN("NAME=a  ADDR=192.0.2.1 LOGIN="), name, value;
	bool wrong;
	(void)state;
	assert_true(smtp_attribute_next(&rest, &name, &value, &wrong));
	assert_span(name, "NAME");
	assert_span(value, "a");
	assert_true(smtp_attribute_next(&rest, &name, &value, &wrong));
	assert_true(smtp_attribute_next(&rest, &name, &value, &wrong));
	assert_span(name, "LOGIN");
	assert_span(value, "");
	assert_false(smtp_attribute_next(&rest, &name, &value, &wrong));
	assert_false(wrong);
	rest = SPAN("NAME");
	assert_false(smtp_attribute_next(&rest, &name, &value, &wrong));
	assert_true(wrong);
}

static void xtext(void **state)
{
	struct arena arena;
	struct buf out, back;
	(void)state;
	arena_init(&arena);
	buf_init(&out, &arena, 100);
	smtp_xtext_encode(SPAN("a b+c=\303\r\n"), &out);
	assert_span(buf_span(&out), "a+20b+2Bc+3D+C3+0D+0A");
	buf_init(&back, &arena, 100);
	assert_true(smtp_xtext_decode(buf_span(&out), &back));
	assert_span(buf_span(&back), "a b+c=\303\r\n");
	assert_false(smtp_xtext_decode(SPAN("a+4"), &back));
	assert_false(smtp_xtext_decode(SPAN("a+xx"), &back));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(parameters), cmocka_unit_test(attributes), cmocka_unit_test(xtext) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
