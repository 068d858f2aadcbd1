/* session/policy_engine: questions as Postfix puts them, in pieces, and what is none. */
#include "base/err.h"
#include "session/policy_engine.h"
#include "tests/test.h"

#define QUESTION                                                                                                                           \
	"request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nclient_address=192.0.2.7\nclient_name=unknown\n"           \
	"client_port=40000\nserver_address=198.51.100.1\nhelo_name=a=b\nsender=\nrecipient=ben@example.org\nsasl_username=ann\n"           \
	"encryption_protocol=TLSv1.3\nsomething_new=1\n\n"

static void whole(void **state)
{
	struct policy_question q;
	(void)state;
	assert_int_equal(policy_question_read(SPAN(QUESTION "request=next\n"), &q), sizeof QUESTION - 1);
	assert_int_equal(q.state, POLICY_RCPT);
	assert_span(q.address, "192.0.2.7");
	assert_span(q.own, "198.51.100.1");
	assert_span(q.helo, "a=b");
	assert_true(q.sender.p && q.sender.n == 0);
	assert_span(q.recipient, "ben@example.org");
	assert_span(q.user, "ann");
	assert_span(q.tls_protocol, "TLSv1.3");
	for (size_t n = 0; n < sizeof QUESTION - 1; n++)
		assert_int_equal(policy_question_read(span_first(SPAN(QUESTION), n), &q), 0);
}

static void refused(void **state)
{
	static uint8_t long_line[POLICY_BYTES + 10];
	struct policy_question q;
	(void)state;
	memset(long_line, 'a', sizeof long_line);
	assert_int_equal(policy_question_read(SPAN("GET / HTTP/1.0\r\n"), &q), ERR_SYNTAX);
	assert_int_equal(policy_question_read(span_of(long_line, POLICY_BYTES - 1), &q), 0);
	assert_int_equal(policy_question_read(span_of(long_line, POLICY_BYTES), &q), ERR_LIMIT);
	for (size_t i = 0; i < sizeof long_line; i += 2)
		memcpy(long_line + i, "=\n", 2);
	assert_int_equal(policy_question_read(span_of(long_line, sizeof long_line), &q), ERR_LIMIT);
	assert_true(policy_question_read(SPAN("\n"), &q) == 1 && q.state == POLICY_OTHER);
}

static void states(void **state)
{
	static const struct {
		const char *text;
		enum policy_state want;
	} cases[] = { { "protocol_state=CONNECT\n\n", POLICY_CONNECT }, { "protocol_state=EHLO\n\n", POLICY_HELO },
		      { "protocol_state=HELO\n\n", POLICY_HELO },       { "protocol_state=MAIL\n\n", POLICY_MAIL },
		      { "protocol_state=DATA\n\n", POLICY_DATA },       { "protocol_state=END-OF-MESSAGE\n\n", POLICY_OTHER },
		      { "protocol_state=VRFY\n\n", POLICY_OTHER } };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct policy_question q;
		assert_true(policy_question_read(span_cstr(cases[i].text), &q) > 0);
		assert_int_equal(q.state, cases[i].want);
	}
}

static void answers(void **state)
{
	struct arena arena;
	struct buf out;
	struct gate_reply reply = { .answer = GATE_REFUSE, .code = 554, .enhanced = "5.7.1", .text = SPAN("Refused: why") };
	(void)state;
	arena_init(&arena);
	buf_init(&out, &arena, 1000);
	policy_answer(&reply, &out);
	reply.answer = GATE_PASS;
	policy_answer(&reply, &out);
	assert_span(buf_span(&out), "action=554 5.7.1 Refused: why\n\naction=DUNNO\n\n");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(whole), cmocka_unit_test(refused), cmocka_unit_test(states),
					    cmocka_unit_test(answers) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
