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

static void add_up(const struct evidence_set *set, int64_t sum[GROUPS])
{
	memset(sum, 0, GROUPS * sizeof *sum);
	for (uint32_t i = 0; i < set->list.n; i++)
		sum[set->list.v[i].def->group] += set->list.v[i].weight;
}

/* The prior and the groups, each clipped. */
static int32_t total(const struct evidence_set *set, int64_t sum[GROUPS], int32_t prior)
{
	int64_t score = prior;
	for (unsigned g = 0; g < GROUPS; g++) {
		sum[g] = clip(sum[g], evidence_cap(set, g));
		score += sum[g];
	}
	return clip(score, INT32_MAX);
}

enum verdict_action verdict_could(const struct evidence_set *set, const struct verdict_thresholds *thresholds,
				  const struct unchecked *unchecked, uint32_t n)
{
	int64_t sum[GROUPS];
	add_up(set, sum);
	for (uint32_t i = 0; i < n; i++)
		if (unchecked[i].could)
			sum[unchecked[i].could->group] += unchecked[i].could->weight;
	return verdict_action_at(total(set, sum, thresholds->prior), thresholds);
}

/* Had every look-up that failed for now brought the worst it can, would the reader not have been given the message? */
static bool is_open(const struct evidence_set *set, const struct verdict_thresholds *thresholds)
{
	struct unchecked *temporary = arena_alloc(set->arena, (set->unchecked.n + 1) * sizeof *temporary);
	uint32_t n = 0;
	for (uint32_t i = 0; i < set->unchecked.n; i++)
		if (set->unchecked.v[i].temporary)
			temporary[n++] = set->unchecked.v[i];
	return verdict_could(set, thresholds, temporary, n) >= VERDICT_QUARANTINE;
}

struct verdict verdict_judge(const struct evidence_set *set, const struct verdict_thresholds *thresholds)
{
	struct verdict verdict = { .thresholds = *thresholds };
	int64_t sum[GROUPS];
	add_up(set, sum);
	verdict.score = total(set, sum, thresholds->prior);
	for (unsigned g = 0; g < GROUPS; g++)
		verdict.group_sum[g] = (int32_t)sum[g];
	verdict.probability = 1 / (1 + exp(-verdict.score / 1000.0));
	verdict.action = verdict_action_at(verdict.score, thresholds);
	if (thresholds->defer && verdict.action < VERDICT_QUARANTINE && is_open(set, thresholds))
		verdict.action = VERDICT_DEFER;
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
