/* app/pipeline: questions are put in rounds and answered from a zone, a check that asks too much ends as unchecked, and one message judged
 * twice gives the same, byte for byte. */
#include "app/pipeline.h"
#include "base/clock.h"
#include "base/limits.h"
#include "report/json.h"
#include "tests/zone_test.h"

static const struct evidence_def defs[] = {
	{ "test.known", GROUP_PATH, 700, 0, "The name leads to {1}", "test" },
	{ "test.one", GROUP_PATH, 100, 0, "Said once", "test" },
};

static unsigned rounds;

static void put(const struct check_view *view, struct questions *questions, enum question_type type, struct span name)
{
	*(struct question *)vec_push(view->arena, &questions->list) = (struct question){ type, name };
}

/* PTR first, then the address of the name it gives: two rounds. */
static enum check_step names_step(const struct check_view *view, const struct answers *answers, struct questions *questions,
				  struct evidence_set *set)
{
	struct span reverse = SPAN("1.2.0.192.in-addr.arpa");
	const struct answer *ptr = answers_find(answers, QUESTION_PTR, reverse);
	rounds++;
	if (!ptr) {
		put(view, questions, QUESTION_PTR, reverse);
		return CHECK_MORE;
	}
	if (answer_failed(ptr)) {
		evidence_unchecked(set, "names", "the name could not be asked for: {1}", span_cstr(answer_status_says(ptr->status)));
		return CHECK_DONE;
	}
	const struct answer *a = answers_find(answers, QUESTION_A, ptr->records.v[0]);
	if (!a) {
		put(view, questions, QUESTION_A, ptr->records.v[0]);
		return CHECK_MORE;
	}
	evidence_add(set, &defs[0], a->records.v[0], span_none, span_none);
	return CHECK_DONE;
}

/* Never has enough: a new question each round. */
static enum check_step endless_step(const struct check_view *view, const struct answers *answers, struct questions *questions,
				    struct evidence_set *set)
{
	(void)set;
	put(view, questions, QUESTION_A, arena_printf(view->arena, "%u.example", answers->list.n));
	return CHECK_MORE;
}

/* A thousand questions at once. */
static enum check_step flood_step(const struct check_view *view, const struct answers *answers, struct questions *questions,
				  struct evidence_set *set)
{
	if (answers->list.n) {
		evidence_add(set, &defs[1], span_none, span_none, span_none);
		return CHECK_DONE;
	}
	for (unsigned i = 0; i < 1000; i++)
		put(view, questions, QUESTION_TXT, arena_printf(view->arena, "t%u.example", i));
	return CHECK_MORE;
}

static const struct check names = { "names", "", defs, 2, .step = names_step }, endless = { "endless", "", defs, 2, .step = endless_step },
			  flood = { "flood", "", defs, 2, .step = flood_step };

static const char zone_json[] = "{\"1.2.0.192.in-addr.arpa\": [{\"PTR\": \"a.example\"}], \"a.example\": [{\"A\": \"192.0.2.1\"}]}";

static struct pipeline_options options_with(const struct check *const *checks, const struct zone *zone)
{
	struct pipeline_options o = { .now = CLOCK_NONE, .checks = checks, .zone = zone };
	settings_defaults(&o.settings);
	return o;
}

static void asks_in_rounds(void **state)
{
	const struct check *const checks[] = { &names, NULL };
	struct arena arena;
	struct pipeline p;
	struct judgement j;
	(void)state;
	arena_init(&arena);
	struct zone *zone = zone_test(zone_json, &arena);
	struct pipeline_options o = options_with(checks, zone);
	pipeline_init(&p, &o);
	rounds = 0;
	pipeline_judge(&p, SPAN("Subject: x\n\nbody\n"), &j);
	assert_int_equal(rounds, 3);
	assert_int_equal(p.answers.list.n, 2);
	assert_int_equal(j.evidence.list.n, 1);
	assert_span(j.evidence.list.v[0].says, "The name leads to 192.0.2.1");
	assert_int_equal(j.evidence.unchecked.n, 0);
	assert_int_equal(j.verdict.score, 700);
	pipeline_release(&p);

	/* Nobody to ask: said, never taken for fine. */
	o.zone = NULL;
	pipeline_init(&p, &o);
	pipeline_judge(&p, SPAN("Subject: x\n\nbody\n"), &j);
	assert_int_equal(p.answers.list.v[0].status, ANSWER_UNAVAILABLE);
	assert_int_equal(j.evidence.list.n, 0);
	assert_int_equal(j.evidence.unchecked.n, 1);
	assert_string_equal(j.evidence.unchecked.v[0].check, "names");
	pipeline_release(&p);
	zone_free(zone);
	arena_release(&arena);
}

static void asks_too_much(void **state)
{
	const struct check *const checks[] = { &endless, NULL }, *const floods[] = { &flood, NULL };
	struct pipeline p;
	struct judgement j;
	(void)state;
	struct pipeline_options o = options_with(checks, NULL);
	pipeline_init(&p, &o);
	pipeline_judge(&p, SPAN("Subject: x\n\nbody\n"), &j);
	assert_int_equal(p.answers.list.n, LIMIT_ROUNDS);
	assert_int_equal(j.evidence.unchecked.n, 1);
	assert_string_equal(j.evidence.unchecked.v[0].check, "endless");
	assert_true(span_has(j.evidence.unchecked.v[0].why, SPAN("more questions")));
	pipeline_release(&p);

	o.checks = floods;
	pipeline_init(&p, &o);
	pipeline_judge(&p, SPAN("Subject: x\n\nbody\n"), &j);
	assert_int_equal(p.answers.list.n, 1000);
	assert_false(p.answers.list.v[LIMIT_QUESTIONS - 1].why.n);
	assert_true(span_has(p.answers.list.v[LIMIT_QUESTIONS].why, SPAN("more questions")));
	pipeline_release(&p);
}

/* A model that is there but cannot be read: judged without it, and said. */
static void model_in_trouble(void **state)
{
	const struct check *const checks[] = { NULL };
	struct pipeline_options o = options_with(checks, NULL);
	struct pipeline p;
	struct judgement j;
	(void)state;
	o.model_trouble = SPAN("model is damaged");
	pipeline_init(&p, &o);
	pipeline_judge(&p, SPAN("Subject: x\n\nbody\n"), &j);
	assert_int_equal(j.verdict.score, 0);
	assert_int_equal(j.evidence.unchecked.n, 1);
	assert_string_equal(j.evidence.unchecked.v[0].check, "learned");
	assert_true(span_has(j.evidence.unchecked.v[0].why, SPAN("model is damaged")));
	pipeline_release(&p);
}

/* An empty model: not one word, and not one thousandth, differs from no model. */
static void empty_model(void **state)
{
	int32_t *cells = calloc(MODEL_CELLS, sizeof *cells);
	struct model model = { cells };
	struct pipeline_options o = options_with(NULL, NULL);
	struct arena arena;
	struct span said[2];
	(void)state;
	arena_init(&arena);
	for (unsigned i = 0; i < 2; i++) {
		struct pipeline p;
		struct judgement j;
		struct buf json;
		o.model = i ? &model : NULL;
		buf_init(&json, &arena, 1u << 20);
		pipeline_init(&p, &o);
		pipeline_judge(&p, SPAN("From: \"PayPal\" <a@example.org>\nSubject: Your account\n\nhttp://192.0.2.1/x\n"), &j);
		j.microseconds = 0;
		report_json(&j, &json);
		said[i] = buf_span(&json);
		pipeline_release(&p);
	}
	assert_true(span_eq(said[0], said[1]));
	arena_release(&arena);
	free(cells);
}

/* The same bytes, in a pipeline that has judged others before: the same JSON but for the time it took. */
static void repeats_itself(void **state)
{
	static const char *const messages[] = {
		"From: \"PayPal\" <a@example.org>\nTo: b@example.com\nSubject: Your account\nMessage-ID: <1@example.org>\n"
		"Date: Mon, 2 Mar 2026 10:00:00 +0000\nContent-Type: text/html\n\n<a href='http://192.0.2.1/x'>www.paypal.com</a>\n",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/zip; "
		"name=a.zip\n\nPK\3\4\n--b\n\nhttp://a.example.org/\n",
		"",
		"\n",
		"x",
		"Subject: =?utf-8?b?w6Q=?=\n\n\xff\xfe",
	};
	struct pipeline_options o = options_with(NULL, NULL);
	struct arena arena;
	struct pipeline p;
	struct judgement j;
	struct span first[COUNT(messages)];
	(void)state;
	arena_init(&arena);
	pipeline_init(&p, &o);
	for (unsigned time = 0; time < 3; time++)
		for (size_t i = 0; i < COUNT(messages); i++) {
			struct buf json;
			buf_init(&json, &arena, 1u << 20);
			pipeline_judge(&p, span_cstr(messages[i]), &j);
			j.microseconds = 0;
			report_json(&j, &json);
			if (time == 0)
				first[i] = buf_span(&json);
			assert_true(span_eq(first[i], buf_span(&json)));
		}
	pipeline_release(&p);
	arena_release(&arena);
}

/* Mail of the last days is asked about, and what comes from a live connection; nothing else. */
static void asks_about_recent_mail(void **state)
{
	static const struct {
		int64_t days;
		const char *says; /* NULL: it is asked */
	} cases[] = {
		{ 0, NULL },
		{ 13, NULL },
		{ -13, NULL },
		{ 16, "the message is 16 days old, and what the DNS says today proves nothing about then" },
		{ 6000, "was not asked: the message is 6,000 days old, and" },
		{ -16, "the message is dated in the future" },
	};
	struct pipeline_options o = options_with(NULL, NULL);
	struct arena arena;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		o.network = true;
		struct span why = pipeline_why_not_asked(&o, clock_now() - cases[i].days * 86400, &arena);
		if (cases[i].says ? !span_has(why, span_cstr(cases[i].says)) : why.n > 0)
			fail_msg("%lld days: %.*s", (long long)cases[i].days, SPAN_ARG(why));
		o.network = false;
		assert_int_equal(pipeline_why_not_asked(&o, clock_now() - cases[i].days * 86400, &arena).n, 0);
	}
	o.network = true;
	assert_true(span_has(pipeline_why_not_asked(&o, CLOCK_NONE, &arena), SPAN("when the message came is not known")));

	/* The words reach what people read. */
	const struct check *const checks[] = { &names, NULL };
	struct pipeline p;
	struct judgement j;
	o.checks = checks;
	o.now = clock_now() - 100 * 86400;
	pipeline_init(&p, &o);
	pipeline_judge(&p, SPAN("Subject: x\n\nbody\n"), &j);
	assert_int_equal(j.evidence.unchecked.n, 1);
	assert_true(span_has(j.evidence.unchecked.v[0].why, SPAN("was not asked")));
	assert_true(span_has(answer_says(&p.answers.list.v[0]), SPAN("100 days old")));
	pipeline_release(&p);
	arena_release(&arena);
}

/* Two messages of one thread that wait: each is left, taken up when its round is over, and judged as if it had been alone. */
static void waits_beside_others(void **state)
{
	static const char json[] = "{\"1.2.0.192.in-addr.arpa\": [{\"PTR\": \"a.example\", \"delay\": 3}], "
				   "\"a.example\": [{\"A\": \"192.0.2.1\", \"delay\": 4}]}";
	enum { MANY = 20 };
	const struct check *const checks[] = { &names, NULL };
	struct arena arena;
	struct pipeline_thread thread;
	struct pipeline *p = calloc(MANY, sizeof *p);
	(void)state;
	arena_init(&arena);
	struct zone *zone = zone_test(json, &arena);
	struct pipeline_options o = options_with(checks, zone);
	pipeline_thread_init(&thread, &o);
	rounds = 0;
	for (unsigned i = 0; i < MANY; i++) {
		pipeline_init_in(&p[i], &thread);
		assert_int_equal(pipeline_begin(&p[i], SPAN("Subject: x\n\nbody\n")), PIPELINE_WAITING);
	}
	unsigned finished = 0;
	struct asker_round *round;
	while ((round = asker_wait(thread.asker))) {
		struct pipeline *one = round->context;
		struct judgement j;
		if (pipeline_continue(one) == PIPELINE_WAITING)
			continue;
		pipeline_finish(one, &j);
		assert_int_equal(j.verdict.score, 700);
		finished++;
	}
	assert_int_equal(finished, MANY);
	assert_int_equal(rounds, 3 * MANY);
	for (unsigned i = 0; i < MANY; i++)
		pipeline_release(&p[i]);
	pipeline_thread_release(&thread);
	zone_free(zone);
	arena_release(&arena);
	free(p);
}

/* Whom one's own users write to becomes known; who writes to them does not. */
static void correspondents(void **state)
{
	static const char message[] =
	    "From: me@ours.example\nTo: A <a@example.org>, b@example.net\nCc: c@example.com\nSubject: x\n\nhello\n";
	static const struct span envelope[] = { SPAN_INIT("d@example.org") };
	static const struct {
		const char *user;
		size_t envelope, n;
		const char *first;
	} cases[] = { { "me", 0, 3, "a@example.org" }, { "me", 1, 1, "d@example.org" }, { NULL, 1, 0, NULL } };
	const struct check *const none[] = { NULL };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pipeline_options o = options_with(none, NULL);
		struct pipeline p;
		struct judgement j;
		o.connection.has_ip = ip_parse(SPAN("198.51.100.7"), &o.connection.ip);
		o.connection.auth_user = span_cstr(cases[i].user);
		o.connection.recipients = envelope;
		o.connection.n_recipients = cases[i].envelope;
		pipeline_init(&p, &o);
		pipeline_judge(&p, span_cstr(message), &j);
		assert_int_equal(j.correspondents.n, cases[i].n);
		if (cases[i].first)
			assert_span(j.correspondents.v[0], cases[i].first);
		pipeline_release(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_in_rounds),      cmocka_unit_test(asks_too_much),  cmocka_unit_test(model_in_trouble),
		cmocka_unit_test(empty_model),         cmocka_unit_test(repeats_itself), cmocka_unit_test(asks_about_recent_mail),
		cmocka_unit_test(waits_beside_others), cmocka_unit_test(correspondents),
	};
	pipeline_warm_up();
	return cmocka_run_group_tests_name("app/pipeline", tests, NULL, NULL);
}
