/* facts/address_v4.c - see address_v4.h */
#include "facts/address_v4.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { LINE = 64, WINDOW = 32, NEAR = 4 }; /* hosts, and changes, that are compared at once */

const uint32_t *address_v4_place(const struct address_v4 *v4, uint32_t ip)
{
	uint32_t block = ((ip & ~v4->head_mask) >> v4->suffix) + 1;
	if (__builtin_expect((ip & v4->head_mask) != v4->head, 0))
		block = ip < v4->head ? 0 : v4->n_blocks - 1;
	return v4->directory + block;
}

void address_v4_fetch(const struct address_v4 *v4, const uint32_t *place)
{
	const uint8_t *block = (const uint8_t *)(v4->blocks + *place);
	__builtin_prefetch(block);
	__builtin_prefetch(block + LINE);
}

/* The first of hosts whose suffix is the wanted one; WINDOW or more: none of the first WINDOW. */
static inline uint64_t first_equal(const uint16_t *hosts, uint16_t wanted, uint16_t suffix_mask)
{
	uint64_t equal = 0;
#ifdef __SSE2__
	const __m128i want = _mm_set1_epi16((short)wanted), mask = _mm_set1_epi16((short)suffix_mask);
	for (unsigned i = 0; i < WINDOW; i += 16) {
		__m128i low = _mm_loadu_si128((const __m128i *)(const void *)(hosts + i));
		__m128i high = _mm_loadu_si128((const __m128i *)(const void *)(hosts + i + 8));
		low = _mm_cmpeq_epi16(_mm_and_si128(low, mask), want);
		high = _mm_cmpeq_epi16(_mm_and_si128(high, mask), want);
		equal |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_packs_epi16(low, high)) << i;
	}
#else
	for (unsigned i = 0; i < WINDOW; i++)
		equal |= (uint64_t)((hosts[i] & suffix_mask) == wanted) << i;
#endif
	return (uint64_t)__builtin_ctzll(equal | (uint64_t)1 << WINDOW);
}

/* The code of the host of that suffix among n, or none. */
static inline const struct address_code *find_near(const struct address_v4 *v4, const uint16_t *hosts, uint64_t n, uint32_t suffix,
						   const struct address_code *none)
{
	uint16_t wanted = (uint16_t)(suffix << v4->host_code);
	while (__builtin_expect(n > WINDOW, 0)) {
		uint64_t half = n / 2;
		hosts += half & -(uint64_t)(hosts[half] <= (wanted | v4->host_code_mask));
		n -= half;
	}
	uint64_t at = first_equal(hosts, wanted, (uint16_t)~v4->host_code_mask);
	const struct address_code *code = v4->host_codes + (hosts[at] & v4->host_code_mask);
	return at < n ? code : none;
}

static __attribute__((noinline)) const struct address_code *find_far(const struct address_v4 *v4, const uint32_t *hosts, uint64_t n,
								     uint32_t suffix, const struct address_code *none)
{
	uint32_t code_mask = v4->host_code_mask, wanted = suffix << v4->host_code;
	if (n == 0)
		return none;
	while (n > 1) {
		uint64_t half = n / 2;
		hosts += half & -(uint64_t)(hosts[half] <= (wanted | code_mask));
		n -= half;
	}
	return (*hosts & ~code_mask) == wanted ? v4->host_codes + (*hosts & code_mask) : none;
}

/* The code of the range in which the suffix lies. */
static inline const struct address_code *find_range(const struct address_v4 *v4, const uint32_t *block, uint64_t n, uint32_t suffix)
{
	uint32_t code_mask = v4->range_code_mask, last = suffix << v4->range_code | code_mask;
	while (__builtin_expect(n > NEAR, 0)) {
		uint64_t half = (n + 1) / 2;
		block += half & -(uint64_t)(block[half] <= last);
		n -= half;
	}
	unsigned over = 1u << n;
#ifdef __SSE2__
	__m128i words = _mm_loadu_si128((const __m128i *)(const void *)(block + 1));
	over |= (unsigned)_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpgt_epi32(words, _mm_set1_epi32((int)last))));
#else
	for (unsigned i = 0; i < NEAR; i++)
		over |= (unsigned)(block[i + 1] > last) << i;
#endif
	return v4->range_codes + (block[__builtin_ctz(over)] & code_mask);
}

struct address_code address_v4_find(const struct address_v4 *v4, const uint32_t *place, uint32_t ip)
{
	const uint32_t *block = v4->blocks + place[0];
	uint64_t words = place[1] - place[0] - 1, changes = *block >> v4->range_code;
	uint32_t suffix = ip & v4->suffix_mask;
	const uint32_t *hosts = block + 1 + changes;
	const struct address_code *range = find_range(v4, block, changes, suffix);
	words -= changes;
	return v4->host == sizeof(uint16_t) ? *find_near(v4, (const uint16_t *)hosts, words * 2, suffix, range)
					    : *find_far(v4, hosts, words, suffix, range);
}

/* --- opening: nothing of what follows is believed --- */

/* Blocks follow each other, and each has room for its first word and its changes. */
static bool blocks_fit(const struct address_v4 *v4)
{
	bool fit = v4->directory[0] == 0 && v4->directory[v4->n_blocks] == v4->words;
	for (uint64_t i = 0; i < v4->n_blocks && fit; i++) {
		uint32_t from = v4->directory[i], to = v4->directory[i + 1];
		fit = from < to && to <= v4->words && v4->blocks[from] >> v4->range_code < to - from;
	}
	return fit;
}

bool address_v4_read(const struct address_header *h, struct address_v4 *v4)
{
	const struct address_v4_record *r = &h->v4;
	const uint8_t *bytes = (const uint8_t *)h;
	unsigned known = r->head_bits + r->directory, suffix = 32u - known;
	if (r->directory < 1 || r->directory > 30 || known > 32 || (r->host != sizeof(uint16_t) && r->host != sizeof(uint32_t)) ||
	    r->range_code > 23 || r->host_code > 23 || suffix + r->range_code > 31 || suffix + r->host_code > r->host * 8u ||
	    r->words > UINT32_MAX)
		return false;
	*v4 = (struct address_v4){ .words = r->words,
				   .head = r->head,
				   .head_mask = r->head_bits ? ~(uint32_t)0 << (32 - r->head_bits) : 0,
				   .suffix_mask = (uint32_t)(((uint64_t)1 << suffix) - 1),
				   .n_blocks = (1u << r->directory) + 2,
				   .head_bits = r->head_bits,
				   .host_code_mask = (1u << r->host_code) - 1,
				   .range_code_mask = (1u << r->range_code) - 1,
				   .suffix = (uint8_t)suffix,
				   .host_code = r->host_code,
				   .range_code = r->range_code,
				   .host = r->host };
	if ((r->head & ~v4->head_mask) || !address_lies_within(h, r->directory_at, v4->n_blocks + 1ull, 4) ||
	    !address_lies_within(h, r->blocks_at, r->words * 4 + ADDRESS_SPARE, 1) ||
	    !address_lies_within(h, r->host_codes_at, (uint64_t)1 << r->host_code, sizeof *v4->host_codes) ||
	    !address_lies_within(h, r->range_codes_at, (uint64_t)1 << r->range_code, sizeof *v4->range_codes))
		return false;
	v4->directory = (const uint32_t *)(bytes + r->directory_at);
	v4->blocks = (const uint32_t *)(bytes + r->blocks_at);
	v4->host_codes = (const struct address_code *)(bytes + r->host_codes_at);
	v4->range_codes = (const struct address_code *)(bytes + r->range_codes_at);
	return address_codes_fit(v4->host_codes, r->host_code, true, 128, h->n_classes) &&
	       address_codes_fit(v4->range_codes, r->range_code, true, 0, h->n_classes) && blocks_fit(v4);
}

/* --- what stands in it --- */

static bool each_host(const struct address_v4 *v4, const uint32_t *words, uint64_t n, uint32_t first,
		      bool (*visit)(void *, uint32_t, struct address_code), void *context)
{
	uint32_t code_mask = (1u << v4->host_code) - 1, last = 0;
	n *= sizeof *words / v4->host;
	for (uint64_t i = 0; i < n; i++) {
		uint32_t host = v4->host == 2 ? ((const uint16_t *)words)[i] : words[i];
		if (i > 0 && host == last)
			continue; /* fills a word */
		if (!visit(context, first | host >> v4->host_code, v4->host_codes[host & code_mask]))
			return false;
		last = host;
	}
	return true;
}

bool address_v4_each(const struct address_v4 *v4, bool (*visit)(void *context, uint32_t ip, struct address_code code), void *context)
{
	uint32_t code_mask = (1u << v4->range_code) - 1;
	for (uint32_t i = 1; i < v4->n_blocks - 1; i++) {
		const uint32_t *block = v4->blocks + v4->directory[i];
		uint64_t words = v4->directory[i + 1] - v4->directory[i] - 1, changes = *block >> v4->range_code;
		uint32_t first = v4->head | (uint32_t)((uint64_t)(i - 1) << v4->suffix);
		for (uint64_t k = 0; k <= changes; k++)
			if (!visit(context, first | (k ? block[k] >> v4->range_code : 0), v4->range_codes[block[k] & code_mask]))
				return false;
		if (!each_host(v4, block + 1 + changes, words - changes, first, visit, context))
			return false;
	}
	return true;
}
