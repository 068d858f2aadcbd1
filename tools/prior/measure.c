/* tools/prior/measure.c - what a prior does for mail it was not made from; see maker.h */
#include "learn/evaluation.h"
#include "learn/exact.h"
#include "tools/prior/maker.h"

#include <stdio.h>
#include <stdlib.h>

enum { BEGINNING = 200 }; /* messages: does the prior help where it should? */

struct course {
	int32_t *cells;
	struct model model;
	struct features_scratch *scratch;
	struct arena arena;
	struct evaluation_message *run;
	size_t n;
};

static void features_of(const struct mail *mail, struct arena *arena, struct features *ret)
{
	ret->sender = mail->sender;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		ret->of[v] = (struct feature_list){ .cell = arena_alloc(arena, (mail->n[v] + 1) * sizeof(uint32_t)), .n = mail->n[v] };
		memcpy(ret->of[v].cell, mail->cells[v], mail->n[v] * sizeof(uint32_t));
	}
}

static void meet(struct course *c, const struct mail *mail, bool feedback)
{
	static const struct verdict_thresholds thresholds = { 0, 2000, 4000, 8000 };
	struct features features;
	struct model_score score;
	struct model_lesson lesson;
	arena_reset(&c->arena);
	features_of(mail, &c->arena, &features);
	model_score(&c->model, &features, mail->structural, &score);
	int8_t action = (int8_t)verdict_action_at(exact_round(score.log_odds * 1000), &thresholds);
	c->run[c->n++] = (struct evaluation_message){ score.log_odds, mail->spam, action };
	if (!feedback)
		return;
	model_teach(&c->model, &features, mail->structural, mail->spam, c->scratch, &c->arena, &lesson);
	for (uint32_t g = 0; g < lesson.n_groups; g++)
		for (uint32_t i = 0; i < lesson.group[g].n; i++)
			c->cells[lesson.group[g].cells[i]] += lesson.group[g].by;
}

static void print_share(const struct evaluation *e, unsigned class, enum verdict_action least)
{
	uint64_t n = 0;
	for (unsigned action = least; action <= VERDICT_REJECT; action++)
		n += e->outcome[class][action];
	if (e->messages[class])
		printf(" %6.2f", 100.0 * (double)n / (double)e->messages[class]);
	else
		printf("      -");
}

static void print_run(const struct course *c, const char *source, const char *way, size_t n)
{
	struct evaluation e;
	if (evaluation_measure(c->run, n, 2, &e) != 0)
		return;
	printf("%-13s %-31s %8.4f", source, way, e.roca.value);
	for (unsigned class = 0; class < EVALUATION_CLASSES; class ++)
		for (enum verdict_action least = VERDICT_MARK; least <= VERDICT_REJECT; least++)
			print_share(&e, class, least);
	printf("\n");
}

static void walk(const struct mails *mails, uint32_t source, const struct model_prior *prior, bool feedback)
{
	struct course c = { .cells = calloc(MODEL_CELLS, sizeof *c.cells), .run = calloc(mails->n, sizeof *c.run) };
	char way[64];
	if (!c.cells || !c.run)
		abort();
	c.model = (struct model){ c.cells, prior };
	c.scratch = features_scratch_new();
	arena_init(&c.arena);
	for (size_t i = 0; i < mails->n; i++)
		if (mails->v[i].source == source)
			meet(&c, &mails->v[i], feedback);
	snprintf(way, sizeof way, "%s, %s", feedback ? "learned at once" : "never taught", prior ? "prior" : "no prior");
	print_run(&c, mails->source[source], way, c.n);
	if (feedback) {
		snprintf(way, sizeof way, "  its first %d, %s", BEGINNING, prior ? "prior" : "no prior");
		print_run(&c, mails->source[source], way, c.n < BEGINNING ? c.n : BEGINNING);
	}
	fflush(stdout);
	features_scratch_free(c.scratch);
	arena_release(&c.arena);
	free(c.cells);
	free(c.run);
}

void measure_head(void)
{
	printf("%-13s %-31s %8s %20s %20s\n", "", "", "", "good mail lost, %", "spam found, %");
	printf("%-13s %-31s %8s %6s %6s %6s %6s %6s %6s\n", "source left out", "", "1-ROCA%", "mark", "quar.", "reject", "mark", "quar.",
	       "reject");
}

void measure(const struct mails *mails, uint32_t source, const struct model_prior *prior)
{
	walk(mails, source, NULL, false);
	walk(mails, source, prior, false);
	walk(mails, source, NULL, true);
	walk(mails, source, prior, true);
}
