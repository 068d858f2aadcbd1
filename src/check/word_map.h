/* check/word_map.h - a fixed set of names, each with a number, looked up in one step; made once, then only read.
 *
 * Keys are known by 64 bits of hash: two names that share one are one (2^-64 a pair). The caller owns the slots (static, zeroed, a power of
 * two, at most half of them used). */
#ifndef CHECK_WORD_MAP_H
#define CHECK_WORD_MAP_H

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#include "base/span.h"

struct word_map_slot {
	uint64_t hash; /* 0: empty */
	uint16_t id;
};

static inline uint64_t word_map_hash(struct span key)
{
	uint64_t hash = XXH3_64bits(key.p, key.n);
	return hash ? hash : 1;
}

/* The first id given to a key stays. */
static inline void word_map_add(struct word_map_slot *slots, size_t n_slots, struct span key, uint16_t id)
{
	uint64_t hash = word_map_hash(key);
	size_t at = hash & (n_slots - 1);
	while (slots[at].hash && slots[at].hash != hash)
		at = (at + 1) & (n_slots - 1);
	if (!slots[at].hash)
		slots[at] = (struct word_map_slot){ hash, id };
}

/* The id, or -1. */
static inline int word_map_find(const struct word_map_slot *slots, size_t n_slots, struct span key)
{
	uint64_t hash = word_map_hash(key);
	for (size_t at = hash & (n_slots - 1); slots[at].hash; at = (at + 1) & (n_slots - 1))
		if (slots[at].hash == hash)
			return slots[at].id;
	return -1;
}

#endif
