/* check/learned: the sentence says which way, quotes what moved the score, says how little it knows, and the sum stays exact. */
#include "check/learned.h"
#include "learn/exact.h"
#include "report/story.h"
#include "tests/taught.h"

#define HEAD "From: Anna <anna@friends.example>\nTo: zack@home.example\nDate: Mon, 19 Oct 2026 12:20:30 +0000\n"
#define TYPE "MIME-Version: 1.0\nContent-Type: text/plain\n\n"
static const char good[] = HEAD "Subject: minutes\n" TYPE "The minutes of our last meeting are attached, see you on Friday.\n";
static const char bad[] = HEAD "Subject: winner\n" TYPE "Claim your enormous prize before midnight, dear winner.\n";

static const struct evidence *learned(const struct taught *t)
{
	for (uint32_t i = 0; i < t->judgement.evidence.list.n; i++)
		if (t->judgement.evidence.list.v[i].def->group == GROUP_LEARNED)
			return &t->judgement.evidence.list.v[i];
	return NULL;
}

static void expect(const struct taught *t, const char *id, const char *const *says, size_t n)
{
	const struct evidence *e = learned(t);
	assert_non_null(e);
	assert_string_equal(e->def->id, id);
	for (size_t i = 0; i < n; i++)
		if (!span_has(e->says, span_cstr(says[i])))
			fail_msg("\"%s\" is not in: %.*s", says[i], SPAN_ARG(e->says));
}

static void both_directions(void **state)
{
	struct taught t;
	static const char *const spam[] = { "It is like mail that was spam before: ", "your enormous prize" };
	static const char *const ham[] = { "It is like mail that was good before: ", "meeting" };
	(void)state;
	taught_begin(&t);
	taught_learn_both(&t, good, bad, 15);
	pipeline_judge(&t.pipeline, span_cstr(bad), &t.judgement);
	expect(&t, "learned.spam", spam, COUNT(spam));
	assert_true(learned(&t)->weight > 0 && learned(&t)->n_at > 0);
	assert_int_equal(t.judgement.verdict.score, exact_round(t.pipeline.score.log_odds * 1000));
	pipeline_judge(&t.pipeline, span_cstr(good), &t.judgement);
	expect(&t, "learned.ham", ham, COUNT(ham));
	assert_int_equal(t.judgement.verdict.score, exact_round(t.pipeline.score.log_odds * 1000));
	taught_end(&t);
}

static void says_nothing_untaught(void **state)
{
	struct taught t;
	(void)state;
	taught_begin(&t);
	pipeline_judge(&t.pipeline, span_cstr(bad), &t.judgement);
	assert_null(learned(&t));
	taught_learn(&t, span_cstr(bad), true); /* of one kind alone nothing can be told apart */
	pipeline_judge(&t.pipeline, span_cstr(bad), &t.judgement);
	assert_null(learned(&t));
	taught_end(&t);
}

static void says_how_little_it_knows(void **state)
{
	struct taught t;
	static const char *const few[] = { "as far as 3 good messages and 3 of spam can tell" };
	(void)state;
	taught_begin(&t);
	taught_learn_both(&t, good, bad, 3);
	pipeline_judge(&t.pipeline, span_cstr(bad), &t.judgement);
	expect(&t, "learned.spam", few, 1);
	taught_learn_both(&t, good, bad, 10);
	pipeline_judge(&t.pipeline, span_cstr(bad), &t.judgement);
	assert_false(span_has(learned(&t)->says, SPAN("as far as")));
	taught_end(&t);
}

static struct evidence_set told(struct arena *arena, double model, double checks, int32_t structural)
{
	struct evidence_set set = { .arena = arena };
	struct model_score score = { .log_odds = model + checks, .trust = 1, .seen_ham = 100, .seen_spam = 100 };
	struct explanation reasons = { .spam = { .fact = { { .nats = 1, .name = "", .quote = SPAN("buy\n  \x1b[1mnow") } }, .n = 1 } };
	score.share[FEATURES_RAW] = model;
	score.share[MODEL_CHECKS] = checks;
	learned_add(&score, structural, &reasons, &set);
	return set;
}

/* The sentence tells the larger part of what remains: the model's own, or that the checks count for less. */
static void what_remains(void **state)
{
	static const struct {
		double model, checks;
		int32_t structural, weight;
		const char *id, *says;
	} cases[] = {
		{ 3, 1, 1000, 3000, "learned.spam", "It is like mail that was spam before: the words \"buy \\e[1mnow\"" },
		{ 0.2, 0, 0, 200, "learned.spam", "It is a little like mail that was spam before: the words \"buy \\e[1mnow\"" },
		{ -3, 0, 0, -3000, "learned.ham", "It is like mail that was good before" },
		{ 1, 2, 5000, -2000, "learned.less", "In mail of known kind, findings like these meant less than they say" },
		{ -1, -1, -3000, 1000, "learned.less", "In mail of known kind, findings like these meant less than they say" },
		{ 0.1, 4, 3000, 1100, "learned.more", "In mail of known kind, findings like these meant more than they say" },
	};
	struct arena arena;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct evidence_set set = told(&arena, cases[i].model, cases[i].checks, cases[i].structural);
		assert_int_equal(set.list.n, 1);
		assert_string_equal(set.list.v[0].def->id, cases[i].id);
		assert_int_equal(set.list.v[0].weight, cases[i].weight);
		if (!span_eq(set.list.v[0].says, span_cstr(cases[i].says)))
			fail_msg("got %.*s", SPAN_ARG(set.list.v[0].says));
	}
	arena_release(&arena);
}

/* Further reasons stand beneath the first ones, each with its place. */
static void story(void **state)
{
	struct taught t;
	struct buf out;
	struct style plain = { 0 };
	(void)state;
	taught_begin(&t);
	taught_learn_both(&t, good, bad, 15);
	pipeline_judge(&t.pipeline,
		       SPAN(HEAD "Subject: winner\n" TYPE "Claim your enormous prize before midnight, dear winner.\n\n"
				 "See the minutes of our last meeting.\n"),
		       &t.judgement);
	t.judgement.file = SPAN("x");
	buf_init(&out, &t.pipeline.arena, 65536);
	report_story(&t.judgement, &plain, &out);
	assert_true(span_has(buf_span(&out), SPAN("    - It is like mail that was")));
	assert_true(span_has(buf_span(&out), SPAN("\n        - but like ")));
	taught_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions),
		cmocka_unit_test(says_nothing_untaught),
		cmocka_unit_test(says_how_little_it_knows),
		cmocka_unit_test(what_remains),
		cmocka_unit_test(story),
	};
	pipeline_warm_up();
	return cmocka_run_group_tests_name("check/learned", tests, NULL, NULL);
}
