/* base/block.h - sixteen bytes looked at together, by the compiler's vectors: comparisons make 0 or 255 of each byte.
 *
 * Promises: the same on every machine; only fast where the processor has such registers. */
#ifndef BASE_BLOCK_H
#define BASE_BLOCK_H

#include <endian.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef uint8_t block __attribute__((vector_size(16)));

static inline block block_load(const uint8_t *p)
{
	block b;
	memcpy(&b, p, sizeof b);
	return b;
}

/* A bit for each byte, the first the lowest; bytes are 0 or 255. */
static inline uint64_t block_bits(block b)
{
#ifdef __SSE2__
	return (uint16_t)_mm_movemask_epi8((__m128i)b);
#else
	uint64_t half[2];
	b &= 1;
	memcpy(half, &b, sizeof half);
	return le64toh(half[0]) * 0x0102040810204080u >> 56 | (le64toh(half[1]) * 0x0102040810204080u >> 56) << 8;
#endif
}

#endif
