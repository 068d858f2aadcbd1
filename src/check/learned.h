/* check/learned.h - what was learned from mail of known kind, as evidence.
 *
 * The model gives one score that holds the checks' sum already; the evidence weighs what remains, so that all evidence together adds up to
 * that score and nothing counts twice. It comes after all checks: it reads their evidence.
 * What remains has two parts: what the model says of the message, and how much less (or more) the checks count beside it. The sentence
 * tells the larger one. */
#ifndef CHECK_LEARNED_H
#define CHECK_LEARNED_H

#include "check/check.h"
#include "learn/explain.h"

/* structural: the sum of the evidence so far, thousandths of a nat. reasons: what moved the score, or NULL when nobody wants to read it.
 * Adds nothing while the model knows mail of one kind only, or has nothing to say. */
void learned_add(const struct model_score *score, int32_t structural, const struct explanation *reasons, struct evidence_set *set);

#endif
