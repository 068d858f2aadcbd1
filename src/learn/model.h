/* learn/model.h - features to log-odds, and a labelled message to a lesson.
 *
 * Four linear models (logistic regression over the cells of RAW, TEXT, WORDS and FIELDS) and one that counts (Robinson's f(w) over WORDS
 * and FIELDS) each give log-odds. They and the structural score of the checks are squashed, weighed and added: the weights are learned too,
 * so that what says the same twice counts once. With little mail, or mail of one kind only, the learned part is held back.
 *
 * A message teaches only as far as it was misjudged: each part moves in proportion to its own error, not at all when it was right and sure.
 * The change is a lesson: a number for each group of cells, whole numbers only, so that taking it away again restores every cell.
 *
 * Pure: cells are read, never written; applying a lesson is the caller's (state/weights.h). Same cells, same message: same bits everywhere.
 * Owner: lessons live in the arena given, but for the cells of features, which are those of the features taught. */
#ifndef LEARN_MODEL_H
#define LEARN_MODEL_H

#include "learn/features.h"

/* Grows whenever the same message would touch other cells, or cells would mean something else. */
enum { MODEL_FORMAT = 4 };

/* What speaks: each view, the counts, the checks. */
enum { MODEL_COUNTS = FEATURES_VIEWS, MODEL_CHECKS, MODEL_PARTS };

/* Cells that are no feature's. Weights and biases in millionths (of a nat). */
enum model_parameter {
	MODEL_BIAS,                               /* one for each view: takes up the share of spam while training */
	MODEL_MIX = MODEL_BIAS + FEATURES_VIEWS,  /* one a part, less what it is at the start */
	MODEL_SEEN_HAM = MODEL_MIX + MODEL_PARTS, /* messages learned */
	MODEL_SEEN_SPAM,
	MODEL_COUNTED_HAM, /* messages whose features were counted */
	MODEL_COUNTED_SPAM,
	MODEL_BOUND = 64, /* scores that good mail got before it was learned: learn/bound.h */
	MODEL_PARAMETERS = 2048,
};

/* A feature has a weight; those of WORDS and FIELDS have next to it how many messages of each kind had them. */
enum {
	MODEL_RAW = MODEL_PARAMETERS,
	MODEL_TEXT = MODEL_RAW + FEATURES_CELLS,
	MODEL_WORDS = MODEL_TEXT + FEATURES_CELLS,
	MODEL_FIELDS = MODEL_WORDS + 2 * FEATURES_CELLS,
	MODEL_CELLS = MODEL_FIELDS + 2 * FEATURES_CELLS,
};

/* What is known before anything was learned (learn/prior.h). It speaks as far as what was learned is not trusted yet, and is silent in the
 * end. It is never written into the cells, so that it can be left out, or be another one tomorrow. */
struct model_prior {
	struct {
		const int8_t *weight; /* one a cell of the view; NULL: the view has none */
		int32_t unit;         /* of these weights, millionths of a nat */
	} view[FEATURES_VIEWS];
};

struct model {
	const int32_t *cells;            /* MODEL_CELLS of them; others may be adding to them */
	const struct model_prior *prior; /* NULL: none */
};

/* What a view's sum of weights is multiplied with when it has n features: long messages weigh like short ones. */
double model_norm(enum feature_view view, uint32_t n);

struct model_score {
	double log_odds;                    /* nats, positive for spam: the one score, checks included */
	double part[MODEL_PARTS];           /* what each part says alone, nats */
	double share[MODEL_PARTS];          /* what each adds to log_odds */
	double slope[MODEL_COUNTS + 1];     /* log_odds a unit of that view's cells; of what the counts say */
	double prior[FEATURES_VIEWS];       /* of share: what the prior adds */
	double prior_slope[FEATURES_VIEWS]; /* log_odds a unit of the prior's weights */
	double trust;                       /* 0 to 1: how far the learned parts were let in */
	uint32_t seen_ham, seen_spam;       /* messages it learned from */
};

/* A bit for each view that can move a score, as the model stands: with nothing to tell apart, only those the prior speaks of. */
unsigned model_listens(const struct model *model);

/* Features taken with that scratch are to be scored by this model (features_expect). */
void model_expect(const struct model *model, struct features_scratch *scratch);

/* structural: the checks' sum, thousandths of a nat. */
void model_score(const struct model *model, const struct features *features, int32_t structural, struct model_score *ret_score);

/* What each feature of a view adds to log_odds, nats: over all views together what the views and the counts share. */
void model_shares(const struct model *model, const struct features *features, const struct model_score *score, enum feature_view view,
		  float *ret_nats);

struct model_group {
	int32_t by;
	uint32_t n;
	uint32_t *cells; /* in the whole model, ascending */
};

enum { MODEL_GROUPS = 192 }; /* those of learn/bound.h among them */

struct model_lesson {
	struct model_group group[MODEL_GROUPS];
	uint32_t n_groups; /* 0: nothing to learn */
};

/* What the message teaches. The features are sorted: their `at` no longer belong to them. */
void model_teach(const struct model *model, struct features *features, int32_t structural, bool spam, struct features_scratch *scratch,
		 struct arena *arena, struct model_lesson *ret_lesson);

/* Adds to the lesson what a message learned before must be told again, as far as the views would misjudge it now; nothing is counted
 * twice. */
void model_rehearse(const struct model *model, struct features *features, bool spam, struct features_scratch *scratch, struct arena *arena,
		    struct model_lesson *lesson);

#endif
