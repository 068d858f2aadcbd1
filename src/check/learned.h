/* check/learned.h - what was learned from mail of known kind, as evidence.
 *
 * The model gives one score that holds the checks' sum already; the evidence weighs what remains, so that all evidence together adds up to
 * that score and nothing counts twice. It comes after all checks: it reads their evidence. */
#ifndef CHECK_LEARNED_H
#define CHECK_LEARNED_H

#include "check/check.h"
#include "learn/model.h"

/* structural: the sum of the evidence so far, thousandths of a nat. Adds nothing when the model has nothing to say. */
void learned_add(const struct check_view *view, const struct model_score *score, int32_t structural, struct evidence_set *set);
extern const struct check check_learned; /* for the manual; it takes no step of its own */

#endif
