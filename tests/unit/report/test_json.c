/* The JSON contract of `scan --json`: every member, its name and its form. */
#include "report/json.h"
#include "tests/test.h"

static const struct evidence_def def = { "test.id", GROUP_PATH, 1500, 0, "says {1}", "why" };

static void whole(void **state)
{
	struct arena arena;
	struct buf buf;
	struct message message;
	struct content content = { 0 };
	struct path path = { .origin = { .has_ip = true, .hop = 2, .confidence = 875, .role = ORIGIN_ORIGIN, .has_relay = true } };
	(void)state;
	arena_init(&arena);
	message_parse(SPAN("Subject: x\n\nbody\n"), &arena, &message);
	memset(&message.anomalies, 0, sizeof message.anomalies);
	anomaly_add(&message.anomalies, &arena, ANOMALY_HEADER_NUL, (struct place){ 1, 2, 0, PLACE_DECODED });
	ip_parse(SPAN("192.0.2.1"), &path.origin.ip);
	ip_parse(SPAN("2001:db8::2"), &path.origin.relay);
	struct judgement judgement = {
		.file = SPAN("a\xff.eml"),
		.n = 3,
		.label = "spam",
		.message = &message,
		.content = &content,
		.path = &path,
		.evidence = { .arena = &arena },
		.verdict = { .action = VERDICT_MARK, .score = -250, .probability = 0.4378 },
		.microseconds = 42,
	};
	struct evidence *evidence = evidence_add(&judgement.evidence, &def, SPAN("it"), span_none, span_none);
	evidence_at(evidence, (struct place){ 0, 10, 0, PLACE_RAW });
	evidence_at(evidence, (struct place){ 1, 4, 0, PLACE_TEXT });
	evidence_unchecked(&judgement.evidence, "spf", "no resolver", span_none);
	buf_init(&buf, &arena, 10000);
	report_json(&judgement, &buf);
	assert_span(buf_span(&buf),
		    "{\"file\":\"a\\udcff.eml\",\"n\":3,\"label\":\"spam\",\"bytes\":17,\"verdict\":\"mark\",\"probability\":0.437800,"
		    "\"score\":-0.25,"
		    "\"evidence\":[{\"id\":\"test.id\",\"group\":\"path\",\"weight\":1.5,\"says\":\"says it\",\"at\":["
		    "{\"part\":\"1\",\"in\":\"raw\",\"from\":0,\"to\":10},{\"part\":\"1\",\"in\":\"text\",\"from\":1,\"to\":4}]}],"
		    "\"unchecked\":[{\"check\":\"spf\",\"why\":\"no resolver\"}],"
		    "\"origin\":{\"ip\":\"192.0.2.1\",\"confidence\":0.875,\"hop\":2,\"role\":\"origin\",\"relay\":\"2001:db8::2\"},"
		    "\"anomalies\":[{\"id\":\"header.nul\",\"count\":1,\"at\":[{\"part\":\"1\",\"in\":\"decoded\",\"from\":1,\"to\":2}]}],"
		    "\"microseconds\":42}");

	/* What is not there: no number, no label, no origin. */
	judgement.n = 0;
	judgement.label = NULL;
	path.origin = (struct origin){ 0 };
	buf.n = 0;
	report_json(&judgement, &buf);
	assert_true(span_starts(buf_span(&buf), SPAN("{\"file\":\"a\\udcff.eml\",\"bytes\":17,")));
	assert_true(span_has(buf_span(&buf), SPAN("\"origin\":{\"ip\":null,\"confidence\":0,\"hop\":null,\"role\":\"unknown\"}")));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(whole) };
	return cmocka_run_group_tests_name("report/json", tests, NULL, NULL);
}
