/* gate/hits.h - for how long does a trap's hit keep an address out? Longer with each repetition, and forgotten in the end.
 *
 * The first hit counts for an hour: a machine that once was somebody's is somebody else's tomorrow. Each further one doubles that, up to
 * thirty days. What was not repeated fades: after twice the time it was kept out, half of its hits are gone.
 * Promises: pure, in integers: the same hits at the same times give the same expiry on every machine; time that runs backwards changes
 * nothing. Does not: decide whether a hit may block at all (trap/guard.h). */
#ifndef GATE_HITS_H
#define GATE_HITS_H

#include <stdint.h>

enum { HITS_FIRST = 3600, HITS_LONGEST = 30 * 86400, HITS_ONE = 1000 };

struct hits {
	int64_t first, last; /* Unix seconds; 0: none yet */
	uint32_t count;      /* thousandths, faded until last */
};

/* How many thousandths are left at that time. */
uint32_t hits_count(const struct hits *hits, int64_t now);
/* One more. */
void hits_add(struct hits *hits, int64_t now);
/* Until when it keeps the address out; 0: never did. */
int64_t hits_expires(const struct hits *hits);

#endif
