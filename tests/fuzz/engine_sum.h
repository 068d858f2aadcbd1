/* tests/fuzz/engine_sum.h - a sum of all that a protocol engine told, so that two readings of the same bytes can be compared. */
#ifndef TESTS_FUZZ_ENGINE_SUM_H
#define TESTS_FUZZ_ENGINE_SUM_H

#include "base/span.h"

#include <stdlib.h>

static inline void sum_number(uint64_t *sum, uint64_t n) { *sum = (*sum ^ n) * 0x100000001b3; }

/* s must lie within the bytes that were read. */
static inline void sum_span(uint64_t *sum, struct span bytes, struct span s)
{
	if (s.n && !span_within(bytes, s))
		abort();
	sum_number(sum, s.n);
	for (size_t i = 0; i < s.n; i++)
		sum_number(sum, s.p[i]);
}

#endif
