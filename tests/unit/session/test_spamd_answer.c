/* session/spamd_answer: what each command is answered, in the words of each version. */
#include "session/spamd_answer.h"
#include "tests/test.h"

static struct arena arena;

static const struct span RAW = SPAN_INIT("Subject: x\r\nTo: b\r\n\r\nbody\r\n\r\n");

static struct span answer(enum spamd_command command, uint32_t minor, bool rspamc, bool spam)
{
	static struct header_edit edits[] = { { HEADER_INSERT, 0, SPAN_INIT("X-Spam-Flag"), SPAN_INIT(" YES"), 0, 0 } };
	static struct outcome_symbol symbols[] = { { SPAN_INIT("a.b"), SPAN_INIT("form"), SPAN_INIT("One"), 1500 },
						   { SPAN_INIT("c.d"), SPAN_INIT("form"), SPAN_INIT("Two"), -150 } };
	struct spamd_engine engine = { .command = command, .minor = minor, .rspamc = rspamc };
	struct outcome outcome = { .thresholds = { .mark = 2000, .quarantine = 4000, .reject = 8000 },
				   .score = spam ? 8000 : -1600,
				   .verdict = spam ? VERDICT_MARK : VERDICT_ACCEPT,
				   .spam = spam,
				   .why = SPAN("why"),
				   .message_id = SPAN("<1@example.net>") };
	struct buf out;
	outcome.edits.v = edits;
	outcome.edits.n = 1;
	outcome.symbols.v = symbols;
	outcome.symbols.n = 2;
	buf_init(&out, &arena, 100000);
	spamd_answer_outcome(&out, &engine, &outcome, RAW);
	return buf_span(&out);
}

#define OK "SPAMD/1.1 0 EX_OK\r\n"
#define REPORT                                                                                                                             \
	"why\n\n pts  reason\n----- ----------------------------------------------------------------\n"                                    \
	"  2.5 One (a.b)\n- 0.2 Two (c.d)\n"

static void all_commands(void **state)
{
	(void)state;
	assert_span(answer(SPAMD_CHECK, 5, false, true), OK "Spam: True ; 15.0 / 5.0\r\n\r\n");
	assert_span(answer(SPAMD_CHECK, 2, false, false), OK "Spam: False ; -1.0 / 5.0\r\n\r\n");
	assert_span(answer(SPAMD_SYMBOLS, 5, false, true), OK "Content-length: 7\r\nSpam: True ; 15.0 / 5.0\r\n\r\na.b,c.d");
	assert_span(answer(SPAMD_SYMBOLS, 2, false, true), OK "Spam: True ; 15.0 / 5.0\r\n\r\na.b,c.d\r\n");
	assert_span(answer(SPAMD_REPORT, 2, false, false), OK "Spam: False ; -1.0 / 5.0\r\n\r\n" REPORT);
	assert_true(span_ends(answer(SPAMD_REPORT, 5, false, false), SPAN("\r\n\r\n" REPORT)));
	assert_span(answer(SPAMD_REPORT_IFSPAM, 5, false, false), OK "Content-length: 0\r\nSpam: No ; -1.0 / 5.0\r\n\r\n");
	assert_true(span_ends(answer(SPAMD_REPORT_IFSPAM, 5, false, true), SPAN("Spam: Yes ; 15.0 / 5.0\r\n\r\n" REPORT)));
	assert_span(answer(SPAMD_PROCESS, 5, false, true), OK "Content-length: 47\r\nSpam: True ; 15.0 / 5.0\r\n\r\n"
							      "X-Spam-Flag: YES\r\nSubject: x\r\nTo: b\r\n\r\nbody\r\n\r\n");
	assert_span(answer(SPAMD_PROCESS, 2, false, true), OK "Content-length: 47\r\n\r\n"
							      "X-Spam-Flag: YES\r\nSubject: x\r\nTo: b\r\n\r\nbody\r\n\r\n");
	assert_span(answer(SPAMD_HEADERS, 5, false, true), OK "Content-length: 39\r\nSpam: True ; 15.0 / 5.0\r\n\r\n"
							      "X-Spam-Flag: YES\r\nSubject: x\r\nTo: b\r\n\r\n");
	assert_true(
	    span_starts(answer(SPAMD_CHECK, 3, true, true), SPAN("RSPAMD/1.3 0 EX_OK\r\nMetric: default; True; 15.0 / 5.0 / 15.0\r\n"
								 "Action: ")));
	assert_true(span_ends(answer(SPAMD_CHECK, 3, true, true),
			      SPAN("Symbol: a.b(2.50)\r\nSymbol: c.d(-0.25)\r\nMessage-ID: <1@example.net>\r\n\r\n")));
}

/* As Exim reads it. */
static void exim(void **state)
{
	char version[8], result[8];
	double score, threshold, reject;
	int at;
	(void)state;
	struct span text = answer(SPAMD_CHECK, 3, true, false);
	assert_int_equal(sscanf((const char *)text.p, "RSPAMD/%7s 0 EX_OK\r\nMetric: default; %7s %lf / %lf / %lf\r\n%n", version, result,
				&score, &threshold, &reject, &at),
			 5);
	assert_true(span_starts(span_skip(text, (size_t)at), SPAN("Action: ")));
	text = answer(SPAMD_REPORT, 2, false, true);
	assert_int_equal(
	    sscanf((const char *)text.p, "SPAMD/%7s 0 EX_OK\r\nSpam: %*s ; %lf / %lf\r\n\r\n%n", version, &score, &threshold, &at), 3);
	assert_true(score > 14.9 && score < 15.1);
}

static void told_and_failed(void **state)
{
	struct spamd_engine set = { .set_local = true }, gone = { .remove_local = true };
	static const struct {
		bool set, done;
		const char *want;
	} told[] = {
		{ true, true, OK "DidSet: local\r\n\r\n" },
		{ true, false, OK "\r\n" },
		{ false, true, OK "DidRemove: local\r\n\r\n" },
	};
	struct buf out;
	(void)state;
	for (size_t i = 0; i < COUNT(told); i++) {
		buf_init(&out, &arena, 1000);
		spamd_answer_told(&out, told[i].set ? &set : &gone, told[i].done);
		assert_span(buf_span(&out), told[i].want);
	}
	buf_init(&out, &arena, 1000);
	spamd_answer_failure(&out, SPAMD_PROTOCOL, SPAN("a\r\nb"));
	assert_span(buf_span(&out), "SPAMD/1.0 76 Bad header line: a??b\r\n\r\n");
	buf_init(&out, &arena, 1000);
	spamd_answer_failure(&out, SPAMD_TEMPORARY, SPAN("later"));
	assert_span(buf_span(&out), "SPAMD/1.0 75 later\r\n\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_commands), cmocka_unit_test(exim), cmocka_unit_test(told_and_failed) };
	return cmocka_run_group_tests_name("session/spamd_answer", tests, NULL, NULL);
}
