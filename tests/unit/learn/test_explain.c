/* learn/explain: what differed between good mail and spam is what is told, with the place it stands at; and hostile text stays cheap. */
#include "learn/explain.h"
#include "tests/taught.h"

#include <stdlib.h>

#define HEAD "From: Anna <anna@friends.example>\nTo: Zacharias Keller <zack@home.example>\nDate: Mon, 19 Oct 2026 12:20:30 +0000\n"
#define TYPE "MIME-Version: 1.0\nContent-Type: text/plain\n\n"
#define MEETING "the minutes of our last meeting are attached, see you on Friday"
#define PRIZE "claim your enormous prize before midnight"

static const char good[] = HEAD "Subject: minutes\nX-Mailer: Quillpen 4\n" TYPE "Dear all,\n\n" MEETING ".\n";
static const char bad[] = HEAD "Subject: winner\nX-Mailer: Bulkhammer\n" TYPE "Dear all,\n\n" PRIZE " at http://lucky.example/claim now.\n";

/* Judges the message and explains the score anew: what the pipeline kept for itself it does not show. */
static void explain(struct taught *t, struct span message, struct explanation *ret)
{
	struct pipeline *p = &t->pipeline;
	struct views views;
	struct evidence_set none = { .arena = &p->arena };
	struct view_source source = { &p->message, &p->content, &p->path, &none };
	pipeline_judge(p, message, &t->judgement);
	views_build(&source, true, &p->arena, &views);
	features_take(&views, FEATURES_ALL, p->thread->scratch, &p->arena, &p->features);
	model_score(t->options.model, &p->features, 0, &p->score);
	explain_score(&(struct explain_source){ &source, &views, &p->features, t->options.model, &p->score }, &p->arena, ret);
}

static const struct explain_fact *fact_with(const struct explain_list *list, const char *name, const char *quote)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (strcmp(list->fact[i].name, name) == 0 && span_has(list->fact[i].quote, span_cstr(quote)))
			return &list->fact[i];
	for (uint32_t i = 0; i < list->n; i++)
		print_error("    %.3f %s \"%.*s\"\n", list->fact[i].nats, list->fact[i].name, SPAN_ARG(list->fact[i].quote));
	return NULL;
}

static void both_directions(void **state)
{
	struct taught t;
	struct explanation e;
	const char mixed[] =
	    HEAD "Subject: hello\n" TYPE "Dear all,\n\nClaim your ENORMOUS prize before\nmidnight. Then the minutes of our "
		 "last meeting are attached.\n";
	(void)state;
	taught_begin(&t);
	taught_learn_both(&t, good, bad, 15);
	explain(&t, span_cstr(mixed), &e);
	const struct explain_fact *spam = fact_with(&e.spam, "", "ENORMOUS prize"), *ham = fact_with(&e.ham, "", "meeting");
	assert_true(spam && ham);
	assert_true(spam->nats > 0 && ham->nats < 0);
	/* As written, and where it is written: offsets in the text of the body. */
	struct span text = t.pipeline.content.bodies.v[0].text;
	assert_int_equal(spam->at.in, PLACE_TEXT);
	assert_true(span_eq(span_slice(text, spam->at.from, spam->at.to), spam->quote));
	taught_end(&t);
}

static void header_facts(void **state)
{
	struct taught t;
	struct explanation e;
	(void)state;
	taught_begin(&t);
	taught_learn_both(&t, good, bad, 15);
	explain(&t, SPAN(HEAD "Subject: WINNER today\nX-Mailer: Bulkhammer\n" TYPE "See http://lucky.example/other\n"), &e);
	const struct explain_fact *mailer = fact_with(&e.spam, "the program it says it was written with,", "Bulkhammer");
	assert_non_null(mailer);
	assert_int_equal(mailer->at.in, PLACE_RAW);
	assert_true(span_starts(span_slice(t.pipeline.message.raw, mailer->at.from, mailer->at.to), SPAN("X-Mailer: Bulkhammer")));
	assert_non_null(fact_with(&e.spam, "its subject", "WINNER"));
	assert_non_null(fact_with(&e.spam, "a link to", "lucky.example"));
	taught_end(&t);
}

/* "Zacharias" stood in all the spam and in no good mail, but it is the recipient's name. */
static void recipient_is_no_reason(void **state)
{
	struct taught t;
	struct explanation e;
	(void)state;
	taught_begin(&t);
	taught_learn_both(&t, good, HEAD "Subject: winner\n" TYPE "Zacharias, " PRIZE ", Zacharias!\n", 15);
	explain(&t, SPAN(HEAD "Subject: hello\n" TYPE "Zacharias, " PRIZE ", Zacharias!\n"), &e);
	assert_true(e.spam.n > 0);
	for (uint32_t i = 0; i < e.spam.n; i++)
		assert_false(span_ihas(e.spam.fact[i].quote, SPAN("zacharias")));
	taught_end(&t);
}

static void shares_add_up(void **state)
{
	struct taught t;
	struct explanation e;
	(void)state;
	taught_begin(&t);
	taught_learn_both(&t, good, bad, 5);
	explain(&t, span_cstr(bad), &e);
	double sum = 0, shares = t.pipeline.score.share[MODEL_COUNTS];
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		const struct feature_list *list = &t.pipeline.features.of[v];
		float *nats = malloc((list->n + 1) * sizeof *nats);
		model_shares(t.options.model, &t.pipeline.features, &t.pipeline.score, v, nats);
		for (uint32_t i = 0; i < list->n; i++)
			sum += nats[i];
		shares += t.pipeline.score.share[v];
		free(nats);
	}
	assert_true(sum - shares < 1e-4 && shares - sum < 1e-4);
	taught_end(&t);
}

static void nothing_learned(void **state)
{
	struct taught t;
	struct explanation e;
	(void)state;
	taught_begin(&t);
	explain(&t, span_cstr(bad), &e);
	assert_int_equal(e.spam.n, 0);
	assert_int_equal(e.ham.n, 0);
	taught_end(&t);
}

/* What a zero-width space hides is quoted with it: the report makes it visible. */
static void hidden_characters(void **state)
{
	struct taught t;
	struct explanation e;
	(void)state;
	taught_begin(&t);
	taught_learn_both(&t, good, bad, 15);
	explain(
	    &t,
	    SPAN(
		"From: a@b.example\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nclaim your enor\xE2\x80\x8Bmous prize\n"),
	    &e);
	assert_non_null(fact_with(&e.spam, "", "enor\xE2\x80\x8Bmous"));
	taught_end(&t);
}

static struct span repeated(const char *head, const char *piece, size_t n)
{
	size_t h = strlen(head), p = strlen(piece);
	uint8_t *bytes = malloc(h + n * p);
	memcpy(bytes, head, h);
	for (size_t i = 0; i < n; i++)
		memcpy(bytes + h + i * p, piece, p);
	return span_of(bytes, h + n * p);
}

static void hostile(void **state)
{
	static const char *const pieces[] = { "enormous ", "enormous", "a ", "\n", "http://lucky.example/x ", "\xF0\x9F\x92\xB0", "www." };
	static const char *const heads[] = { HEAD "Subject: x\n\n", HEAD "Subject: ", "", HEAD TYPE "X" };
	struct taught t;
	struct explanation e;
	(void)state;
	taught_begin(&t);
	taught_learn_both(&t, good, bad, 10);
	for (size_t h = 0; h < COUNT(heads); h++)
		for (size_t i = 0; i < COUNT(pieces); i++) {
			struct span message = repeated(heads[h], pieces[i], 100000 / strlen(pieces[i]));
			explain(&t, message, &e);
			free((void *)(uintptr_t)message.p);
		}
	struct span word = repeated(HEAD "Subject: x\n\n", "enormous", 125000);
	explain(&t, word, &e);
	free((void *)(uintptr_t)word.p);
	struct span fields = repeated("", "X-Mailer: Bulkhammer\n", 20000), nul = repeated(HEAD "Subject: x\n\n", "x", 1000);
	explain(&t, fields, &e);
	memset((void *)(uintptr_t)(nul.p + nul.n - 900), 0, 900);
	explain(&t, nul, &e);
	explain(&t, span_none, &e);
	free((void *)(uintptr_t)fields.p);
	free((void *)(uintptr_t)nul.p);
	taught_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions), cmocka_unit_test(header_facts),    cmocka_unit_test(recipient_is_no_reason),
		cmocka_unit_test(shares_add_up),   cmocka_unit_test(nothing_learned), cmocka_unit_test(hidden_characters),
		cmocka_unit_test(hostile),
	};
	pipeline_warm_up();
	return cmocka_run_group_tests_name("learn/explain", tests, NULL, NULL);
}
