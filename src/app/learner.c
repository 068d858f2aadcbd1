/* app/learner.c - see learner.h. Between the model, which knows what a message teaches, and the store, which keeps it. */
#include "app/learner.h"
#include "app/rehearsal.h"
#include "base/err.h"
#include "base/record.h"
#include "learn/fingerprint.h"
#include "learn/prior.h"

#include <stdio.h>
#include <stdlib.h>

struct learner {
	struct weights *weights;     /* NULL: there is no file yet */
	struct rehearsal *rehearsal; /* NULL where nothing is learned */
	struct model model;
	struct features_scratch *scratch;
	struct arena arena; /* of one lesson */
	uint64_t lessons;   /* in memory: numbers them */
	int32_t *nothing;   /* the model's cells where there is a prior and no file */
};

/* The features of a message, in one block of memory. */
struct lesson {
	struct weights_id id;
	int32_t structural;
	uint32_t sender;
	uint32_t n[FEATURES_VIEWS];
	uint32_t cells[];
};

/* The one place where a model is made, for judging, learning and evaluating alike. */
static struct learner *learner_of(struct weights *weights, bool prior)
{
	struct learner *learner = calloc(1, sizeof *learner);
	if (!learner)
		abort();
	learner->weights = weights;
	learner->model.prior = prior ? prior_shipped() : NULL;
	if (prior && !learner->model.prior)
		fprintf(stderr, "postern: the prior in this program is of another version of the model, and is left out; tools/make-prior "
				"makes it anew\n");
	if (!weights && learner->model.prior)
		learner->nothing = calloc(MODEL_CELLS, sizeof *learner->nothing); /* pages of zeros, never written: costs no memory */
	learner->model.cells = weights ? weights_cells(weights) : learner->nothing;
	learner->scratch = features_scratch_new();
	arena_init(&learner->arena);
	return learner;
}

int learner_open_memory(bool prior, struct learner **ret)
{
	struct weights *weights = weights_open_memory(MODEL_CELLS);
	if (!weights)
		return ERR_IO;
	*ret = learner_of(weights, prior);
	(*ret)->rehearsal = rehearsal_open(NULL);
	return 0;
}

int learner_open_file(const char *path, enum weights_mode mode, unsigned aside, bool prior, char ret_why[WEIGHTS_WHY_MAX],
		      struct learner **ret)
{
	struct weights_options options = {
		.mode = mode, .n_cells = MODEL_CELLS, .format = MODEL_FORMAT, .aside = aside, .now = clock_now()
	};
	struct weights *weights = NULL;
	int err = weights_open(path, &options, ret_why, &weights);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	*ret = learner_of(weights, prior);
	if (mode == WEIGHTS_LEARN)
		(*ret)->rehearsal = rehearsal_open(path);
	return 0;
}

void learner_close(struct learner *learner)
{
	if (!learner)
		return;
	weights_close(learner->weights);
	rehearsal_close(learner->rehearsal);
	features_scratch_free(learner->scratch);
	arena_release(&learner->arena);
	free(learner->nothing);
	free(learner);
}

const struct model *learner_model(const struct learner *learner) { return learner->model.cells ? &learner->model : NULL; }
struct weights *learner_weights(const struct learner *learner) { return learner->weights; }

size_t learner_bytes(const struct learner *learner)
{
	return MODEL_CELLS * sizeof(int32_t) + (learner->model.prior ? prior_bytes(learner->model.prior) : 0);
}

/* In a long run of one kind, a message of the other kind is told again, so that it is not forgotten. */
static void rehearse(struct learner *learner, enum weights_label learned, struct model_lesson *change)
{
	struct weights_id id;
	struct weights_taught taught;
	struct features features;
	if (learner->rehearsal && rehearsal_next(learner->rehearsal, learned, &learner->arena, &id, &features) &&
	    weights_known(learner->weights, &id, &taught) && taught.label != learned)
		model_rehearse(&learner->model, &features, taught.label == WEIGHTS_SPAM, learner->scratch, &learner->arena, change);
}

static void keep(struct learner *learner, const struct weights_lesson *lesson, struct features *features)
{
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		features_sort(learner->scratch, &features->of[v]);
	if (learner->rehearsal)
		rehearsal_keep(learner->rehearsal, &lesson->id, lesson->label, features);
}

/* Between weights_begin and weights_end: what the model as it is now can still learn. */
static int teach(struct learner *learner, struct features *features, int32_t structural, struct weights_lesson *lesson)
{
	struct model_lesson change;
	struct weights_group groups[MODEL_GROUPS];
	model_teach(&learner->model, features, structural, lesson->label == WEIGHTS_SPAM, learner->scratch, &learner->arena, &change);
	rehearse(learner, lesson->label, &change);
	for (uint32_t i = 0; i < change.n_groups; i++)
		groups[i] = (struct weights_group){ change.group[i].by, change.group[i].n, change.group[i].cells };
	lesson->groups = groups;
	lesson->n_groups = change.n_groups;
	return weights_teach(learner->weights, lesson);
}

static struct weights_id id_of(const struct message *message)
{
	struct fingerprint fingerprint;
	struct weights_id id;
	_Static_assert(sizeof fingerprint.b == sizeof id.b, "one is the other");
	fingerprint_take(message, &fingerprint);
	memcpy(id.b, fingerprint.b, sizeof id.b);
	return id;
}

static int teach_once(struct learner *learner, struct features *features, int32_t structural, struct weights_lesson *lesson,
		      enum learner_outcome *ret)
{
	struct weights_taught before;
	bool known = weights_known(learner->weights, &lesson->id, &before);
	if (known && before.label == lesson->label) {
		*ret = LEARNER_KNOWN;
		return 0;
	}
	int err = known ? weights_forget(learner->weights, &lesson->id, NULL) : 0;
	if (err == 0)
		keep(learner, lesson, features);
	if (err == 0)
		err = teach(learner, features, structural, lesson);
	if (err == 0)
		*ret = known ? LEARNER_CHANGED : LEARNER_DONE;
	return err;
}

int learner_teach(struct learner *learner, struct pipeline *pipeline, enum weights_label label, int64_t now, enum learner_outcome *ret)
{
	struct weights_lesson lesson = { .id = id_of(&pipeline->message), .label = label, .time = now };
	int err = weights_begin(learner->weights);
	if (err < 0)
		return err;
	arena_reset(&learner->arena);
	err = teach_once(learner, &pipeline->features, pipeline->structural, &lesson, ret);
	weights_end(learner->weights);
	return err;
}

int learner_forget_id(struct learner *learner, const struct weights_id *id, struct weights_taught *ret)
{
	int err = weights_begin(learner->weights);
	if (err < 0)
		return err;
	err = weights_forget(learner->weights, id, ret);
	weights_end(learner->weights);
	return err;
}

int learner_forget(struct learner *learner, const struct message *message, struct weights_taught *ret)
{
	struct weights_id id = id_of(message);
	return learner_forget_id(learner, &id, ret);
}

int learner_forget_lesson(struct learner *learner, const struct lesson *lesson, struct weights_taught *ret)
{
	return learner_forget_id(learner, &lesson->id, ret);
}

struct lesson *learner_lesson(const struct pipeline *pipeline)
{
	size_t n = 0, at = 0;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		n += pipeline->features.of[v].n;
	struct lesson *lesson = malloc(sizeof *lesson + n * sizeof *lesson->cells);
	if (!lesson)
		abort();
	lesson->id = id_of(&pipeline->message);
	lesson->structural = pipeline->structural;
	lesson->sender = pipeline->features.sender;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		const struct feature_list *list = &pipeline->features.of[v];
		if (list->n)
			memcpy(lesson->cells + at, list->cell, list->n * sizeof *list->cell);
		lesson->n[v] = list->n;
		at += list->n;
	}
	return lesson;
}

/* A copy: teaching uses them up. */
static struct features features_of(struct learner *learner, const struct lesson *lesson)
{
	struct features features = { .sender = lesson->sender };
	const uint32_t *cells = lesson->cells;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		features.of[v].n = lesson->n[v];
		features.of[v].cell = arena_alloc(&learner->arena, (lesson->n[v] + 1) * sizeof *cells);
		memcpy(features.of[v].cell, cells, lesson->n[v] * sizeof *cells);
		cells += lesson->n[v];
	}
	return features;
}

int learner_teach_lesson(struct learner *learner, const struct lesson *lesson, enum weights_label label, int64_t now,
			 enum learner_outcome *ret)
{
	struct weights_lesson change = { .id = lesson->id, .label = label, .time = now };
	int err = weights_begin(learner->weights);
	if (err < 0)
		return err;
	arena_reset(&learner->arena);
	struct features features = features_of(learner, lesson);
	err = teach_once(learner, &features, lesson->structural, &change, ret);
	weights_end(learner->weights);
	return err;
}

int learner_knows_lesson(struct learner *learner, const struct lesson *lesson, bool *ret)
{
	struct weights_taught taught;
	int err = weights_begin(learner->weights);
	if (err < 0)
		return err;
	*ret = weights_known(learner->weights, &lesson->id, &taught);
	weights_end(learner->weights);
	return ERR_OK;
}

void learner_learn(struct learner *learner, const struct lesson *lesson, bool spam)
{
	struct weights_lesson change = { .label = spam ? WEIGHTS_SPAM : WEIGHTS_HAM };
	arena_reset(&learner->arena);
	struct features features = features_of(learner, lesson);
	learner->lessons++;
	memcpy(change.id.b, &learner->lessons, sizeof learner->lessons);
	keep(learner, &change, &features);
	/* In memory neither can fail but by a mistake of ours. */
	if (weights_begin(learner->weights) < 0 || teach(learner, &features, lesson->structural, &change) < 0)
		abort();
	weights_end(learner->weights);
}

void lesson_free(struct lesson *lesson) { free(lesson); }

/* As bytes: number MODEL_FORMAT, id, signed structural, number sender; for each view number cells, and each as what it is more than the one
 * before. */

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

void lesson_write(const struct lesson *lesson, struct buf *out)
{
	const uint32_t *cells = lesson->cells;
	record_put_number(out, MODEL_FORMAT);
	buf_put(out, span_of(lesson->id.b, sizeof lesson->id.b));
	record_put_signed(out, lesson->structural);
	record_put_number(out, lesson->sender);
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		size_t bytes = lesson->n[v] * sizeof *cells;
		uint32_t *sorted = malloc(bytes + 1), before = 0;
		if (!sorted)
			abort();
		memcpy(sorted, cells, bytes);
		qsort(sorted, lesson->n[v], sizeof *sorted, by_number);
		record_put_number(out, lesson->n[v]);
		for (uint32_t i = 0; i < lesson->n[v]; i++) {
			record_put_number(out, sorted[i] - before);
			before = sorted[i];
		}
		free(sorted);
		cells += lesson->n[v];
	}
}

/* Each once, within the view; false: they are not. */
static bool take_cells(struct cursor *in, uint32_t *cells, uint64_t n)
{
	uint64_t cell = 0;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t step = record_number(in);
		if (in->overrun || (i && !step) || step >= FEATURES_CELLS || (cell += step) >= FEATURES_CELLS)
			return false;
		cells[i] = (uint32_t)cell;
	}
	return true;
}

int lesson_read(struct span record, struct lesson **ret)
{
	struct cursor in = cursor_of(record);
	if (record_number(&in) != MODEL_FORMAT)
		return in.overrun ? ERR_SYNTAX : ERR_UNSUPPORTED;
	/* Each cell takes a byte at least. */
	struct lesson *lesson = calloc(1, sizeof *lesson + record.n * sizeof *lesson->cells);
	if (!lesson)
		abort();
	struct span id = cursor_take(&in, sizeof lesson->id.b);
	if (id.n)
		memcpy(lesson->id.b, id.p, id.n);
	int64_t structural = record_signed(&in);
	uint64_t sender = record_number(&in);
	bool sound = !in.overrun && structural >= INT32_MIN && structural <= INT32_MAX && sender <= FEATURES_NOBODY;
	uint32_t *cells = lesson->cells;
	for (unsigned v = 0; v < FEATURES_VIEWS && sound; v++) {
		lesson->n[v] = (uint32_t)record_count(&in);
		sound = take_cells(&in, cells, lesson->n[v]);
		cells += lesson->n[v];
	}
	if (!sound || in.overrun || cursor_left(&in)) {
		lesson_free(lesson);
		return ERR_SYNTAX;
	}
	lesson->structural = (int32_t)structural;
	lesson->sender = (uint32_t)sender;
	*ret = lesson;
	return 0;
}
