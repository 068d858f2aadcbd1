/* tests/bench/bench.h - what the two sides of the benchmark share. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xxhash.h>

struct mail {
	char *path; /* as in the index */
	uint8_t *bytes;
	size_t n;
	bool spam;
};

/* What was decoded: proof that the work was done, and that both sides did about the same. */
struct decoded {
	XXH3_state_t *hash;
	uint64_t bytes, leaves, fields;
};

void gmime_side_init(void);
/* Parses one message with GMime and decodes every field and every leaf to UTF-8. */
void gmime_side_parse(const uint8_t *bytes, size_t n, struct decoded *decoded);
/* Processor time of this thread: what other programs take of the core is not ours. */
uint64_t microseconds(void);
/* Learns all mail in its order, each message right after it was judged, and prints how fast the model scores and learns. */
void learned_bench(const struct mail *mails, size_t n);
/* One whole scan with what learned_bench learned. */
void learned_scan(const struct mail *mail);
void learned_release(void);
/* What DKIM costs, on signed messages of its own. */
void signed_bench(void);
/* What sets of addresses cost to build and to look up in. */
void addresses_bench(void);
/* What waiting for the DNS costs, and answers from the cache. */
void dns_bench(const struct mail *mails, size_t n);
/* Calls of malloc, calloc and realloc by this process so far, libraries included. */
uint64_t count_malloc(void);

#endif
