/* The line of the log that a message leaves. */
#include "action/outcome_log.h"
#include "tests/test.h"

static struct arena arena;

static void lines(void **state)
{
	struct log log;
	struct log_line line;
	struct span recipients[2] = { SPAN_INIT("secret@example.org"), SPAN_INIT("v@example.org") };
	struct connection connection = { .has_ip = true, .mail_from = SPAN("a\n@b.example"), .recipients = recipients, .n_recipients = 2 };
	struct outcome_told told = { "milter", &connection, SPAN("4Xy"), 1234, 900 };
	struct outcome o = { .id = SPAN("0a"),
			     .verdict = VERDICT_REJECT,
			     .score = 9120,
			     .disposition = DISPOSITION_DELIVER,
			     .would = DISPOSITION_REJECT,
			     .message_id = SPAN("1@b.example"),
			     .origin = SPAN("192.0.2.1"),
			     .microseconds = 95,
			     .waited = 20 };
	static const struct outcome_symbol symbols[] = { { SPAN_INIT("a.zero"), { 0 }, { 0 }, 0 },
							 { SPAN_INIT("a.one"), { 0 }, { 0 }, 1000 },
							 { SPAN_INIT("a.good"), { 0 }, { 0 }, -2050 },
							 { SPAN_INIT("a.three"), { 0 }, { 0 }, 3000 },
							 { SPAN_INIT("a.half"), { 0 }, { 0 }, 500 } };
	(void)state;
	for (size_t i = 0; i < COUNT(symbols); i++)
		*(struct outcome_symbol *)vec_push(&arena, &o.symbols) = symbols[i];
	*(struct span *)vec_push(&arena, &o.withhold) = recipients[1];
	ip_parse(SPAN("2001:db8::1"), &connection.ip);
	log_open(&log, LOG_TO_JOURNAL, LOG_AS_LOGFMT, NULL, NULL);
	log_begin(&line, &log, LOG_INFO, "message");
	outcome_log(&o, &told, &line);
	assert_span(log_finish(&line),
		    "level=info event=message id=0a door=milter queue_id=4Xy ip=2001:db8::1 from=\"a\\n@b.example\" recipients=2 "
		    "message_id=1@b.example bytes=1234 verdict=reject score=9.120 disposition=deliver would=reject withheld=1 "
		    "reasons=a.three:3.00,a.good:-2.05,a.one:1.00 origin=192.0.2.1 work_us=95 wait_us=20 took_us=900\n");
	struct connection empty = { .mail_from = SPAN("") };
	struct outcome unjudged = { .unjudged = UNJUDGED_CRASHED, .disposition = DISPOSITION_DEFER, .would = DISPOSITION_DEFER };
	told = (struct outcome_told){ "http", &empty, span_none, 10, 20 };
	log_begin(&line, &log, LOG_INFO, "message");
	outcome_log(&unjudged, &told, &line);
	assert_span(log_finish(&line),
		    "level=info event=message door=http from=<> recipients=0 bytes=10 unjudged=crashed disposition=defer work_us=0 "
		    "wait_us=0 took_us=20\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("action/outcome_log", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
