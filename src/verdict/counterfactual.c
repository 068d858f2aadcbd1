/* verdict/counterfactual.c - the smallest sets of evidence without which the verdict would be another; declared in verdict.h
 *
 * Why this is exact and yet fast. Clipping a group's sum is monotone: without a piece of evidence that speaks against the message its score
 * cannot rise, without one that speaks for it, it cannot fall. So a smallest set that lowers the verdict holds only pieces with positive
 * weight, one that raises it only pieces with negative weight (any other piece could be left out). Each direction is then: choose k pieces
 * so that the drop of the clipped sums reaches a need. Within a group the j heaviest pieces give the most, so the best drop of k pieces is
 * a small knapsack over the groups, and the first k whose best reaches the need is proven least. The search for all sets of that size
 * follows only branches whose exact best still reaches the need: each branch ends in at least one set, and once the list is full the last
 * piece is counted by bisection instead of walked. */
#include "verdict/verdict.h"

#include <stdlib.h>

enum { K = COUNTERFACTUAL_SIZE };

struct piece {
	uint32_t index; /* in evidence_set.list */
	int64_t weight; /* of the direction: above 0 */
};

struct group {
	struct piece *pieces;  /* heaviest first */
	const int64_t *prefix; /* prefix[i]: weight of the first i pieces */
	uint32_t n;
	int64_t sum, cap; /* sum: all evidence of the group, counted in the direction */
};

struct search {
	struct group groups[GROUPS];
	int64_t best[GROUPS + 1][K + 1]; /* the most that k pieces out of groups[g..] can take away */
	int64_t need, score;
	int sign; /* 1: lower the score; -1: raise it */
	const struct verdict *verdict;
	struct counterfactual *out;
	uint32_t chosen[K];
};

static int64_t clip(int64_t value, int64_t cap) { return value > cap ? cap : value < -cap ? -cap : value; }

/* How much of the score goes when pieces of this weight leave the group. */
static int64_t drop(const struct group *group, int64_t taken)
{
	return clip(group->sum, group->cap) - clip(group->sum - taken, group->cap);
}

static int by_weight(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static void fill_groups(struct search *s, const struct evidence_set *set)
{
	uint32_t n[GROUPS] = { 0 };
	for (uint32_t i = 0; i < set->list.n; i++)
		n[set->list.v[i].def->group]++;
	for (unsigned g = 0; g < GROUPS; g++) {
		s->groups[g] = (struct group){ .cap = evidence_cap(set, g) };
		s->groups[g].pieces = arena_alloc(set->arena, (n[g] + 1) * sizeof(struct piece));
	}
	for (uint32_t i = 0; i < set->list.n; i++) {
		struct group *group = &s->groups[set->list.v[i].def->group];
		int64_t weight = (int64_t)s->sign * set->list.v[i].weight;
		group->sum += weight;
		if (weight > 0)
			group->pieces[group->n++] = (struct piece){ i, weight };
	}
	for (unsigned g = 0; g < GROUPS; g++) {
		struct group *group = &s->groups[g];
		int64_t *prefix = arena_alloc(set->arena, (group->n + 1) * sizeof *prefix);
		qsort(group->pieces, group->n, sizeof *group->pieces, by_weight);
		prefix[0] = 0;
		for (uint32_t i = 0; i < group->n; i++)
			prefix[i + 1] = prefix[i] + group->pieces[i].weight;
		group->prefix = prefix;
	}
}

static void fill_best(struct search *s)
{
	memset(s->best[GROUPS], 0, sizeof s->best[GROUPS]);
	for (unsigned g = GROUPS; g-- > 0;)
		for (unsigned k = 0; k <= K; k++) {
			const struct group *group = &s->groups[g];
			s->best[g][k] = s->best[g + 1][k];
			for (uint32_t j = 1; j <= k && j <= group->n; j++) {
				int64_t value = drop(group, group->prefix[j]) + s->best[g + 1][k - j];
				if (value > s->best[g][k])
					s->best[g][k] = value;
			}
		}
}

/* The most that left more pieces can take away: from groups[g], where taken is out already and pieces before at are decided, and from later
 * groups. */
static int64_t bound(const struct search *s, unsigned g, uint32_t at, int64_t taken, unsigned left)
{
	const struct group *group = &s->groups[g];
	int64_t most = INT64_MIN;
	for (uint32_t j = 0; j <= left && at + j <= group->n; j++) {
		int64_t value = drop(group, taken + group->prefix[at + j] - group->prefix[at]) + s->best[g + 1][left - j];
		if (value > most)
			most = value;
	}
	return most;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static void store(struct search *s, int64_t dropped)
{
	struct counterfactual *out = s->out;
	if (out->total < UINT32_MAX)
		out->total++;
	if (out->n_sets == COUNTERFACTUAL_SETS)
		return;
	memcpy(out->set[out->n_sets], s->chosen, sizeof s->chosen);
	qsort(out->set[out->n_sets], out->size, sizeof(uint32_t), by_number);
	out->becomes[out->n_sets++] = verdict_action_at(s->score - s->sign * dropped, &s->verdict->thresholds);
}

/* Pieces of the group from at on, one of which alone, with taken, is enough. They stand first: heaviest first, drop is monotone. */
static uint32_t enough(const struct group *group, uint32_t at, int64_t taken, int64_t need)
{
	uint32_t low = at, high = group->n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (drop(group, taken + group->pieces[middle].weight) >= need)
			low = middle + 1;
		else
			high = middle;
	}
	return low - at;
}

static void count_last(struct search *s, unsigned g, uint32_t at, int64_t taken, int64_t dropped)
{
	uint64_t found = enough(&s->groups[g], at, taken, s->need - dropped);
	int64_t here = drop(&s->groups[g], taken);
	for (unsigned later = g + 1; later < GROUPS; later++)
		found += enough(&s->groups[later], 0, 0, s->need - dropped - here);
	s->out->total = found > UINT32_MAX - s->out->total ? UINT32_MAX : s->out->total + (uint32_t)found;
}

/* dropped: by the groups before g; taken: weight chosen so far in groups[g]. */
static void walk(struct search *s, unsigned g, uint32_t at, int64_t taken, int64_t dropped, unsigned left)
{
	if (left == 0) {
		store(s, dropped + drop(&s->groups[g], taken));
		return;
	}
	if (left == 1 && s->out->n_sets == COUNTERFACTUAL_SETS) {
		count_last(s, g, at, taken, dropped);
		return;
	}
	const struct group *group = &s->groups[g];
	for (; at < group->n; at++) {
		int64_t more = taken + group->pieces[at].weight;
		if (dropped + bound(s, g, at + 1, more, left - 1) < s->need)
			break; /* lighter ones are no better */
		s->chosen[s->out->size - left] = group->pieces[at].index;
		walk(s, g, at + 1, more, dropped, left - 1);
	}
	dropped += drop(group, taken);
	for (unsigned later = g + 1; later < GROUPS; later++)
		if (s->groups[later].n && dropped + s->best[later][left] >= s->need) {
			/* The group at or after `later` that comes next; walk() itself goes on to those behind it. */
			walk(s, later, 0, 0, dropped, left);
			return;
		}
}

/* First and last score at which the action stays what it is. */
static void stay(const struct verdict *verdict, int64_t score, int64_t *ret_low, int64_t *ret_high)
{
	const struct verdict_thresholds *t = &verdict->thresholds;
	const int32_t steps[] = { t->mark, t->quarantine, t->reject };
	enum verdict_action action = verdict_action_at(score, t); /* DEFER says what is open, not what the score is */
	*ret_low = INT64_MIN;
	*ret_high = INT64_MAX;
	for (unsigned i = 0; i < 3; i++) {
		if (steps[i] <= score && steps[i] > *ret_low && verdict_action_at((int64_t)steps[i] - 1, t) != action)
			*ret_low = steps[i];
		if (steps[i] > score && steps[i] - 1 < *ret_high && verdict_action_at(steps[i], t) != action)
			*ret_high = (int64_t)steps[i] - 1;
	}
}

static void prepare(struct search *s, const struct evidence_set *set, int64_t need)
{
	s->need = need;
	fill_groups(s, set);
	fill_best(s);
}

/* The least number of pieces that reaches the need; K + 1 when K do not. */
static unsigned least(const struct search *s)
{
	unsigned k = 1;
	while (k <= K && s->best[0][k] < s->need)
		k++;
	return k;
}

void verdict_counterfactual(const struct evidence_set *set, const struct verdict *verdict, struct counterfactual *ret)
{
	int64_t low, high, score = verdict->thresholds.prior;
	unsigned size[2] = { K + 1, K + 1 };
	struct search *search[2];
	memset(ret, 0, sizeof *ret);
	for (unsigned g = 0; g < GROUPS; g++)
		score += verdict->group_sum[g];
	stay(verdict, score, &low, &high);
	for (unsigned i = 0; i < 2; i++) {
		search[i] = arena_new(set->arena, struct search);
		*search[i] = (struct search){ .sign = i == 0 ? 1 : -1, .score = score, .verdict = verdict, .out = ret };
		if (i == 0 ? low == INT64_MIN : high == INT64_MAX)
			continue;
		prepare(search[i], set, i == 0 ? score - low + 1 : high + 1 - score);
		size[i] = least(search[i]);
	}
	ret->size = size[0] < size[1] ? size[0] : size[1];
	if (ret->size > K) {
		ret->size = 0;
		return;
	}
	for (unsigned i = 0; i < 2; i++)
		if (size[i] == ret->size)
			walk(search[i], 0, 0, 0, 0, ret->size);
}
