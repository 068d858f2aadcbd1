/* app/learner.c - see learner.h. Between the model, which knows what a message teaches, and the store, which keeps it. */
#include "app/learner.h"
#include "base/err.h"
#include "state/weights.h"

#include <stdlib.h>

struct learner {
	struct weights *weights;
	struct model model;
	struct features_scratch *scratch;
	struct arena arena; /* of one lesson */
};

/* The features of a message, in one block of memory. */
struct lesson {
	int32_t structural;
	uint32_t n[FEATURES_VIEWS];
	uint32_t cells[];
};

static struct learner *learner_of(struct weights *weights)
{
	struct learner *learner = weights ? calloc(1, sizeof *learner) : NULL;
	if (!learner) {
		weights_close(weights);
		return NULL;
	}
	learner->weights = weights;
	learner->model.cells = weights_cells(weights);
	learner->scratch = features_scratch_new();
	arena_init(&learner->arena);
	return learner;
}

int learner_open_memory(bool prior, struct learner **ret)
{
	(void)prior;
	struct learner *learner = learner_of(weights_open_memory(MODEL_CELLS));
	if (!learner)
		return ERR_IO;
	*ret = learner;
	return 0;
}

void learner_close(struct learner *learner)
{
	if (!learner)
		return;
	weights_close(learner->weights);
	features_scratch_free(learner->scratch);
	arena_release(&learner->arena);
	free(learner);
}

const struct model *learner_model(const struct learner *learner) { return &learner->model; }

size_t learner_bytes(const struct learner *learner)
{
	(void)learner;
	return MODEL_CELLS * sizeof(int32_t);
}

double learner_log_odds(const struct learner *learner, const struct pipeline *pipeline, const struct judgement *judgement)
{
	(void)learner, (void)judgement;
	return pipeline->score.log_odds;
}

struct lesson *learner_lesson(struct learner *learner, struct pipeline *pipeline, const struct judgement *judgement)
{
	(void)learner, (void)judgement;
	size_t n = 0, at = 0;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		n += pipeline->features.of[v].n;
	struct lesson *lesson = malloc(sizeof *lesson + n * sizeof *lesson->cells);
	if (!lesson)
		abort();
	lesson->structural = pipeline->structural;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		const struct feature_list *list = &pipeline->features.of[v];
		memcpy(lesson->cells + at, list->cell, list->n * sizeof *list->cell);
		lesson->n[v] = list->n;
		at += list->n;
	}
	return lesson;
}

void learner_learn(struct learner *learner, const struct lesson *lesson, bool spam)
{
	static uint64_t number;
	arena_reset(&learner->arena);
	struct features features = { 0 };
	const uint32_t *cells = lesson->cells;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		features.of[v].n = lesson->n[v];
		features.of[v].cell = arena_alloc(&learner->arena, (lesson->n[v] + 1) * sizeof *cells);
		memcpy(features.of[v].cell, cells, lesson->n[v] * sizeof *cells);
		cells += lesson->n[v];
	}
	struct model_lesson change;
	model_teach(&learner->model, &features, lesson->structural, spam, learner->scratch, &learner->arena, &change);
	struct weights_group groups[MODEL_GROUPS];
	for (uint32_t i = 0; i < change.n_groups; i++)
		groups[i] = (struct weights_group){ change.group[i].by, change.group[i].n, change.group[i].cells };
	struct weights_lesson taught = { .label = spam ? WEIGHTS_SPAM : WEIGHTS_HAM, .groups = groups, .n_groups = change.n_groups };
	number++;
	memcpy(taught.id.b, &number, sizeof number);
	weights_begin(learner->weights);
	int err = weights_teach(learner->weights, &taught); if (err) abort();
	weights_end(learner->weights);
}

void lesson_free(struct lesson *lesson) { free(lesson); }
