/* learn/features.h - views to features: the numbers of the model's cells that a message touches.
 *
 *	RAW     four bytes in a row (Goodman and Yih 2006; Cormack, TREC 2007), of these a half that their first two decide
 *	TEXT    the same over the normalised text
 *	WORDS   words of the text, and pairs of neighbours
 *	FIELDS  key and word, key and pair of words, key and whole value
 *
 * Each feature counts once a message. Its cell is a hash of it: cells are shared, and no feature is stored.
 * Promises: linear, bounded by the limits of learn/view.h. Deterministic on every machine: what the hashes are is part of the model's
 * FORMAT, which must grow with every change here, in learn/view.c or in what the checks call their evidence.
 * Owner: lists live in the arena; the scratch belongs to whoever made it, one a thread. */
#ifndef LEARN_FEATURES_H
#define LEARN_FEATURES_H

#include "learn/view.h"

enum feature_view { FEATURES_RAW, FEATURES_TEXT, FEATURES_WORDS, FEATURES_FIELDS, FEATURES_VIEWS };

enum {
	FEATURES_BITS = 18,
	FEATURES_CELLS = 1 << FEATURES_BITS, /* of each view */
	FEATURES_NOBODY = FEATURES_CELLS,
	FEATURES_ALL = (1 << FEATURES_VIEWS) - 1,
};

struct feature_list {
	uint32_t *cell; /* within the view's cells, each once */
	uint32_t *at;   /* where in the view's text the feature was met first, ascending; NULL when sorted */
	uint32_t n;
	bool sorted; /* cells ascend */
};

struct features {
	struct feature_list of[FEATURES_VIEWS];
	uint32_t sender; /* the cell in FIELDS of the address of From, or else of the client's, or FEATURES_NOBODY: what one sender teaches
			    is bounded by its count */
};

struct features_scratch; /* which cells were met, and the text as it is hashed: no cell between messages */
struct features_scratch *features_scratch_new(void);
void features_scratch_free(struct features_scratch *scratch);

/* Where the view's cells will be read, stride bytes each: they are fetched while features are found. Never read here. */
void features_expect(struct features_scratch *scratch, enum feature_view view, const void *cells, size_t stride);

/* wanted: a bit for each view to be taken; the lists of the others are empty. */
void features_take(const struct views *views, unsigned wanted, struct features_scratch *scratch, struct arena *arena,
		   struct features *ret_features);
/* Cells in ascending order, in place; what is sorted already costs nothing. */
void features_sort(struct features_scratch *scratch, struct feature_list *list);

#endif
