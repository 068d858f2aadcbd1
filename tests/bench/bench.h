/* tests/bench/bench.h - what the two sides of the benchmark share. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stddef.h>
#include <stdint.h>

#include <xxhash.h>

/* What was decoded: proof that the work was done, and that both sides did about the same. */
struct decoded {
	XXH3_state_t *hash;
	uint64_t bytes, leaves, fields;
};

void gmime_side_init(void);
/* Parses one message with GMime and decodes every field and every leaf to UTF-8. */
void gmime_side_parse(const uint8_t *bytes, size_t n, struct decoded *decoded);
/* Calls of malloc, calloc and realloc by this process so far, libraries included. */
uint64_t count_malloc(void);

#endif
