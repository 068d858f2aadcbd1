/* app/case_of: what a case file keeps of a judgement is what the judgement rested on, in words that need the message no longer. */
#include "app/case_of.h"
#include "facts/answers_record.h"
#include "tests/test.h"

static const char message[] = "Received: from a.example (a.example [192.0.2.7]) by mx.example.org with ESMTP id 1;\r\n"
			      "\tMon, 2 Mar 2026 10:00:00 +0000\r\n"
			      "From: \"service@paypal.com\" <X@Evil.example>\r\n"
			      "To: b@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe=1B?=\r\nMessage-ID: <1@evil.example>\r\n"
			      "Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nContent-Type: text/html\r\n\r\n"
			      "<a href=\"http://192.0.2.9/login\">http://www.paypal.com/</a>\r\n";

static struct arena arena;
static struct pipeline_options options;
static struct pipeline pipeline;
static struct judgement judgement;

static void judged(void)
{
	static const struct span recipients[] = { SPAN_INIT("b@example.org"), SPAN_INIT("C@example.org") };
	options.connection = (struct connection){ .has_ip = true,
						  .ip = ip_from_v4(0xc0000207),
						  .helo = SPAN("a.example"),
						  .mail_from = SPAN(""),
						  .recipients = recipients,
						  .n_recipients = 2 };
	pipeline_judge(&pipeline, span_of(message, sizeof message - 1), &judgement);
}

static struct casefile kept(enum disposition disposition, const struct span *withheld, uint32_t n)
{
	struct casefile made, again;
	struct buf record;
	char id[CASEFILE_ID];
	assert_true(case_new_id(id));
	struct case_source source = { .judgement = &judgement,
				      .pipeline = &pipeline,
				      .id = arena_dup(&arena, span_of(id, sizeof id)),
				      .door = SPAN("milter"),
				      .queue_id = SPAN("4A\x1b"),
				      .disposition = disposition,
				      .withheld = withheld,
				      .n_withheld = n,
				      .generations = case_generations(&options.settings, &arena) };
	case_of(&source, &arena, &made);
	buf_init(&record, &arena, SIZE_MAX);
	casefile_write(&made, &record);
	assert_int_equal(casefile_read(buf_span(&record), &arena, &again), 0);
	return again;
}

static void holds_what_it_rested_on(void **state)
{
	(void)state;
	judged();
	struct casefile c = kept(DISPOSITION_DELIVER, NULL, 0);
	assert_span(c.from_address, "x@evil.example");
	assert_span(c.message_id, "1@evil.example");
	assert_span(c.subject, "Grüße\\e");
	assert_span(c.queue_id, "4A\\e");
	assert_int_equal(c.bytes, sizeof message - 1);
	assert_true(c.has_ip && c.has_origin && c.mail_from.p && !c.mail_from.n);
	assert_int_equal(c.recipients.n, 2);
	assert_false(c.recipients.v[0].withheld || c.recipients.v[1].withheld);
	assert_int_equal(c.evidence.list.n, judgement.evidence.list.n);
	assert_true(c.evidence.list.n > 1);
	bool pointed = false;
	for (uint32_t i = 0; i < c.evidence.list.n; i++) {
		const struct evidence *was = &judgement.evidence.list.v[i], *is = &c.evidence.list.v[i];
		assert_string_equal(is->def->id, was->def->id);
		assert_true(span_eq(is->says, was->says));
		assert_int_equal(is->n_at, was->n_at);
		for (uint32_t k = 0; k < was->n_at; k++)
			assert_true(is->at[k].from == was->at[k].from && is->at[k].to == was->at[k].to &&
				    is->at[k].part == was->at[k].part && is->at[k].in == was->at[k].in);
		pointed |= is->cited.n > 0;
	}
	assert_true(pointed && c.parts.n > 0);
	assert_span(c.parts.v[0].number, "1");
	assert_true(c.sender.n >= 2 && span_starts(c.sender.v[0].says, SPAN("It says that it is from ")));
	assert_true(span_starts(c.sender.v[0].cited, SPAN(" (lines ")));
	struct verdict verdict = casefile_verdict(&c);
	assert_int_equal(verdict.action, judgement.verdict.action);
	assert_int_equal(verdict.score, judgement.verdict.score);
	assert_memory_equal(verdict.group_sum, judgement.verdict.group_sum, sizeof verdict.group_sum);
	struct answers answers;
	assert_int_equal(answers_record_read(c.answers, &arena, &answers), 0);
}

static void tells_who_did_not_get_it(void **state)
{
	static const struct span withheld[] = { SPAN_INIT("C@example.org") };
	(void)state;
	judged();
	struct casefile c = kept(DISPOSITION_STORE, NULL, 0);
	assert_true(c.recipients.v[0].withheld && c.recipients.v[1].withheld);
	c = kept(DISPOSITION_DELIVER, withheld, 1);
	assert_true(!c.recipients.v[0].withheld && c.recipients.v[1].withheld);
}

static void settings_have_a_generation(void **state)
{
	struct settings other = options.settings;
	(void)state;
	uint64_t first = case_generations(&options.settings, &arena).settings;
	assert_int_equal(case_generations(&other, &arena).settings, first);
	other.mark++;
	assert_int_not_equal(case_generations(&other, &arena).settings, first);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(holds_what_it_rested_on), cmocka_unit_test(tells_who_did_not_get_it),
					    cmocka_unit_test(settings_have_a_generation) };
	settings_defaults(&options.settings);
	options.now = 1772445600;
	arena_init(&arena);
	pipeline_warm_up();
	pipeline_init(&pipeline, &options);
	int failed = cmocka_run_group_tests_name("app/case_of", tests, NULL, NULL);
	pipeline_release(&pipeline);
	arena_release(&arena);
	return failed;
}
