/* learn/features.h - views to features: the numbers of the model's cells that a message touches.
 *
 *	RAW     every four bytes in a row (Goodman and Yih 2006; Cormack, TREC 2007)
 *	TEXT    the same over the normalised text
 *	WORDS   words of the text, and pairs of words at most two apart (orthogonal sparse bigrams, Siefkes et al. 2004)
 *	FIELDS  key and word, key and pair of words, key and whole value
 *	COUNTED words, neighbouring words and fields once more: how many messages of each class had them.
 *
 * Each feature counts once a message. Its cell is a hash of it: cells are shared, and no feature is stored.
 * Promises: linear, bounded by the limits of learn/view.h. Deterministic on every machine: what the hashes are is part of the model's
 * FORMAT, which must grow with every change here, in learn/view.c or in what the checks call their evidence.
 * Owner: lists live in the arena; the scratch belongs to whoever made it, one a thread. */
#ifndef LEARN_FEATURES_H
#define LEARN_FEATURES_H

#include "learn/view.h"

enum feature_view {
	FEATURES_RAW,
	FEATURES_TEXT,
	FEATURES_WORDS,
	FEATURES_FIELDS,
	FEATURES_WEIGHED, /* views with a weight a feature */
	FEATURES_COUNTED = FEATURES_WEIGHED,
	FEATURES_VIEWS
};

/* The cells of a view are 1 << bits, one after the other. */
enum {
	FEATURES_RAW_BITS = 19,
	FEATURES_TEXT_BITS = 18,
	FEATURES_WORDS_BITS = 18,
	FEATURES_FIELDS_BITS = 18,
	FEATURES_COUNTED_BITS = 19,
};

enum { FEATURES_IN_FIELDS = 1 << 30 }; /* added to an `at` of COUNTED that counts in FIELDS */

struct feature_list {
	uint32_t *cell; /* within the view's cells, each once */
	uint32_t *at;   /* where in the view's text the feature was met first, ascending; COUNTED: in TEXT, or with FEATURES_IN_FIELDS */
	uint32_t n;
};

enum { FEATURES_NOBODY = 1 << 30 };

struct features {
	struct feature_list of[FEATURES_VIEWS];
	uint32_t sender; /* the counted cell of the address of From, or else of the client's, or FEATURES_NOBODY: what one sender teaches is
			    bounded by its count */
};

struct features_scratch; /* which cells were met: all zero between messages */
struct features_scratch *features_scratch_new(void);
void features_scratch_free(struct features_scratch *scratch);

enum { FEATURES_ALL = (1 << FEATURES_VIEWS) - 1 };
/* wanted: a bit for each view to be taken; the lists of the others are empty. */
void features_take(const struct views *views, unsigned wanted, struct features_scratch *scratch, struct arena *arena,
		   struct features *ret_features);
/* cells[0, n) of a view in ascending order, in place. */
void features_sort(struct features_scratch *scratch, enum feature_view view, uint32_t *cells, uint32_t n);
unsigned features_bits(enum feature_view view);

#endif
