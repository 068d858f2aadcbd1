/* verdict/verdict.c - see verdict.h */
#include "verdict/verdict.h"

#include <math.h>

static int32_t clip(int64_t value, int64_t most) { return (int32_t)(value > most ? most : value < -most ? -most : value); }

enum verdict_action verdict_action_at(int64_t score, const struct verdict_thresholds *thresholds)
{
	return score >= thresholds->reject       ? VERDICT_REJECT
	       : score >= thresholds->quarantine ? VERDICT_QUARANTINE
	       : score >= thresholds->mark       ? VERDICT_MARK
						 : VERDICT_ACCEPT;
}

struct verdict verdict_judge(const struct evidence_set *set, const struct verdict_thresholds *thresholds)
{
	struct verdict verdict = { .thresholds = *thresholds };
	int64_t sum[GROUPS] = { 0 }, score = thresholds->prior;
	for (uint32_t i = 0; i < set->list.n; i++)
		sum[set->list.v[i].def->group] += set->list.v[i].weight;
	for (unsigned g = 0; g < GROUPS; g++) {
		verdict.group_sum[g] = clip(sum[g], evidence_group_cap(g));
		score += verdict.group_sum[g];
	}
	verdict.score = clip(score, INT32_MAX);
	verdict.probability = 1 / (1 + exp(-verdict.score / 1000.0));
	verdict.action = verdict_action_at(verdict.score, thresholds);
	return verdict;
}

const char *verdict_action_name(enum verdict_action action)
{
	static const char *const names[] = {
		[VERDICT_ACCEPT] = "accept", [VERDICT_MARK] = "mark",   [VERDICT_QUARANTINE] = "quarantine",
		[VERDICT_REJECT] = "reject", [VERDICT_DEFER] = "defer",
	};
	return names[action];
}
