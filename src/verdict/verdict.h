/* verdict/verdict.h - evidence to a decision: a pure function of the evidence and the thresholds, both recorded.
 *
 * Sums are exact integers: each group's sum is clipped to plus or minus its cap, the groups are added to the prior. What could not be
 * checked is no evidence; what it could have changed is told, and where the thresholds allow it the message is put off. */
#ifndef VERDICT_VERDICT_H
#define VERDICT_VERDICT_H

#include "verdict/evidence.h"

enum verdict_action { VERDICT_ACCEPT, VERDICT_MARK, VERDICT_QUARANTINE, VERDICT_REJECT, VERDICT_DEFER };

struct verdict_thresholds {
	int32_t prior, mark, quarantine, reject; /* thousandths of a nat */
	bool defer; /* DEFER what would be delivered, where an answer that failed for now could have put it in quarantine or worse */
};

struct verdict {
	enum verdict_action action;
	int32_t score;             /* thousandths of a nat, prior included */
	double probability;        /* for display only */
	int32_t group_sum[GROUPS]; /* after capping */
	struct verdict_thresholds thresholds;
};

struct verdict verdict_judge(const struct evidence_set *set, const struct verdict_thresholds *thresholds);
/* What the message would have been, had these n unchecked findings been made, each the heaviest it could be. */
enum verdict_action verdict_could(const struct evidence_set *set, const struct verdict_thresholds *thresholds,
				  const struct unchecked *unchecked, uint32_t n);
/* What a score means under these thresholds; the highest one reached decides. */
enum verdict_action verdict_action_at(int64_t score, const struct verdict_thresholds *thresholds);
const char *verdict_action_name(enum verdict_action action); /* "accept" ... */

/* The smallest sets of evidence without which the verdict would be another: all sets of the least size k <= 4, each sorted, in order.
 * exact: every set was tried. Sizes above 4 give k = 0. */
enum { COUNTERFACTUAL_SIZE = 4, COUNTERFACTUAL_SETS = 32 };
struct counterfactual {
	uint32_t size;                                          /* 0: no set of up to four changes it */
	uint32_t n_sets;                                        /* stored, at most COUNTERFACTUAL_SETS */
	uint32_t total;                                         /* found */
	uint32_t set[COUNTERFACTUAL_SETS][COUNTERFACTUAL_SIZE]; /* indexes into evidence_set.list */
	enum verdict_action becomes[COUNTERFACTUAL_SETS];
};
void verdict_counterfactual(const struct evidence_set *set, const struct verdict *verdict, struct counterfactual *ret_counterfactual);

#endif
