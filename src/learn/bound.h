/* learn/bound.h - how much good mail a threshold may lose, said with a confidence.
 *
 * Every good message that is learned was scored before: its score is what a good message gets that nobody taught yet. Of n such scores, k
 * at or above a threshold, the share of good mail lost there is at most the Clopper-Pearson bound of k in n, at the confidence asked for;
 * and the lowest threshold whose bound is small enough is the order statistic of Neyman and Pearson (Tong, Feng and Li 2018). No errors in
 * n messages hold 4.6/n at 99 %: 1 in 10,000 needs 46,050 of them. Until then nothing is promised, and what does hold is said.
 *
 * Scores are kept as counts in cells, so that they are taught and forgotten like everything else: the newest 50,000 to 100,000, and apart
 * from them the newest 1,000 to 2,000, which show whether mail has changed (drift) before the many old ones do. Pure. The bound holds for
 * good mail like that which was learned; what is never learned is not in it. */
#ifndef LEARN_BOUND_H
#define LEARN_BOUND_H

#include <stdbool.h>
#include <stdint.h>

enum {
	BOUND_BINS = 64,       /* a quarter of a nat each, from 0 */
	BOUND_GENERATIONS = 3, /* one filling, one full, one about to be cleared */
	BOUND_MANY = 50000,    /* scores of a generation */
	BOUND_NEWEST = 1000,   /* the same of the newest scores */
	BOUND_CELLS = 1 + 2 * BOUND_GENERATIONS * BOUND_BINS,
	BOUND_CHANGES = 3 + 2 * BOUND_BINS,
};

struct bound_change {
	uint32_t cell; /* below BOUND_CELLS */
	int32_t by;
};

/* What recording a good message's score changes; returns how many changes. */
unsigned bound_record(const int32_t *cells, double log_odds, struct bound_change ret_changes[BOUND_CHANGES]);

struct bound {
	uint64_t good;     /* scores it rests on */
	uint64_t lost;     /* of them at or above `threshold` */
	int32_t threshold; /* thousandths of a nat, never below the least asked for */
	double holds;      /* at most this share of good mail is lost there, at 99 % confidence; 1 when nothing is known */
	bool promised;     /* holds <= the share asked for, and no drift that no threshold mends */
	bool drift;        /* the newest good mail scores higher than that share allows at `least`: the threshold was moved for it */
};

/* The lowest threshold, not below least, at which no more than share of good mail is lost. When there is none yet: least itself. */
struct bound bound_find(const int32_t *cells, int32_t least, double share);

/* Upper and lower bound at 99 % of a share of which k were seen in n (Clopper-Pearson); 1 and 0 for n = 0. */
double bound_upper(uint64_t k, uint64_t n);
double bound_lower(uint64_t k, uint64_t n);

#endif
