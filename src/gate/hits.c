/* gate/hits.c - see hits.h */
#include "gate/hits.h"

/* Seconds that so many hits keep out: an hour doubled for each beyond the first, between two powers in a straight line. */
static int64_t span_of_hits(uint32_t count)
{
	if (count == 0)
		return 0;
	uint32_t beyond = count > HITS_ONE ? count - HITS_ONE : 0, doubled = beyond / HITS_ONE, rest = beyond % HITS_ONE;
	if (doubled >= 10)
		return HITS_LONGEST;
	int64_t seconds = (int64_t)HITS_FIRST << doubled;
	seconds += seconds * rest / HITS_ONE;
	return seconds < HITS_LONGEST ? seconds : HITS_LONGEST;
}

uint32_t hits_count(const struct hits *hits, int64_t now)
{
	int64_t kept = span_of_hits(hits->count), gone = now - hits->last;
	if (kept == 0 || gone <= 0)
		return hits->count;
	int64_t halvings = gone / (2 * kept), rest = gone % (2 * kept);
	if (halvings >= 31)
		return 0;
	int64_t count = hits->count >> halvings;
	return (uint32_t)(count - count * rest / (4 * kept));
}

void hits_add(struct hits *hits, int64_t now)
{
	uint32_t count = hits_count(hits, now);
	if (hits->count == 0)
		hits->first = now;
	hits->count = count < UINT32_MAX - HITS_ONE ? count + HITS_ONE : count;
	if (now > hits->last)
		hits->last = now;
}

int64_t hits_expires(const struct hits *hits) { return hits->count ? hits->last + span_of_hits(hits->count) : 0; }
