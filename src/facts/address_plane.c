/* facts/address_plane.c - see address_plane.h */
#include "facts/address_plane.h"

enum { LINE = 64 };

/* How many of n sorted items are at or before last; no branch depends on what they are. */
static inline uint64_t count_at_most(const uint64_t *items, uint64_t n, uint64_t last)
{
	const uint64_t *v = items;
	for (uint64_t half; n; n -= half) {
		half = (n + 1) / 2;
		v += half & -(uint64_t)(v[half - 1] <= last);
	}
	return (uint64_t)(v - items);
}

/* How many items of the plane are at or before the key; *ret_exact: the last of them is the key. */
static inline uint64_t search_narrow(const struct address_plane *p, uint64_t key, bool *ret_exact)
{
	if (__builtin_expect((key & p->near_mask) != p->near_bits, 0)) {
		*ret_exact = false;
		return key < p->near_bits ? 0 : p->n;
	}
	uint64_t value = key << p->head >> p->shift;
	const uint32_t *bounds = &p->directory[value >> p->suffix];
	uint64_t wanted = (value & p->suffix_mask) << p->code, last = wanted | p->code_mask;
	const uint64_t *items = (const uint64_t *)p->items + bounds[0];
	uint64_t count = count_at_most(items, bounds[1] - bounds[0], last);
	*ret_exact = count > 0 && items[count - 1] >= wanted;
	return bounds[0] + count;
}

static address_key wide_suffix(const struct address_plane *p, uint64_t i)
{
	address_key low, high = 0;
	const uint8_t *bytes = p->items + i * p->item;
	memcpy(&low, bytes, sizeof low);
	memcpy(&high, bytes + sizeof low, 4);
	low = low >> p->code | (p->code ? high << (128 - p->code) : 0);
	return low & address_low_mask(p->suffix);
}

static uint64_t search_wide(const struct address_plane *p, address_key key, bool *ret_exact)
{
	*ret_exact = false;
	if ((key & p->head_mask) != p->head_bits)
		return key < p->head_bits ? 0 : p->n;
	address_key value = key << p->head >> p->shift, wanted = value & address_low_mask(p->suffix), found = 0;
	const uint32_t *bounds = &p->directory[(uint64_t)(value >> p->suffix)];
	uint64_t from = bounds[0], at = from, n = bounds[1] - from;
	while (n) {
		uint64_t half = (n + 1) / 2;
		address_key item = wide_suffix(p, at + half - 1);
		if (item <= wanted) {
			at += half;
			found = item;
		}
		n -= half;
	}
	*ret_exact = at > from && found == wanted;
	return at;
}

static inline uint64_t search(const struct address_plane *p, address_key key, bool *ret_exact)
{
	return p->narrow ? search_narrow(p, (uint64_t)(key >> 64), ret_exact) : search_wide(p, key, ret_exact);
}

static inline struct address_code code_of(const struct address_plane *p, uint64_t i)
{
	uint32_t word;
	memcpy(&word, p->items + i * p->item, sizeof word);
	return p->codes[word & p->code_mask];
}

bool address_plane_host(const struct address_plane *p, address_key key, struct address_code *ret)
{
	bool exact;
	uint64_t at = search(p, key, &exact);
	if (exact)
		*ret = code_of(p, at - 1);
	return exact;
}

bool address_plane_range(const struct address_plane *p, address_key key, struct address_code *ret)
{
	bool exact;
	uint64_t at = search(p, key, &exact);
	if (at == 0)
		return false;
	struct address_code code = code_of(p, at - 1);
	*ret = code;
	return code.class != ADDRESS_NOTHING;
}

const uint32_t *address_plane_place(const struct address_plane *p, address_key wide_key)
{
	uint64_t key = (uint64_t)(wide_key >> 64);
	bool inside = p->narrow && (key & p->near_mask) == p->near_bits;
	return &p->directory[inside ? key << p->head >> p->shift >> p->suffix : 0];
}

void address_plane_fetch(const struct address_plane *p, const uint32_t *place)
{
	const uint8_t *items = p->items + (uint64_t)*place * p->item;
	__builtin_prefetch(items);
	__builtin_prefetch(items + LINE);
}

/* The key of an item whose bucket is known. */
static address_key key_at(const struct address_plane *p, uint64_t bucket, uint64_t i)
{
	address_key value = (address_key)bucket << p->suffix | wide_suffix(p, i);
	unsigned shift = p->narrow ? p->shift + 64u : p->shift;
	return p->head_bits | value << shift >> p->head;
}

bool address_plane_each(const struct address_plane *p, bool (*visit)(void *context, address_key key, struct address_code code),
			void *context)
{
	for (uint64_t i = 0, bucket = 0; i < p->n; i++) {
		while (p->directory[bucket + 1] <= i)
			bucket++;
		if (!visit(context, key_at(p, bucket, i), code_of(p, i)))
			return false;
	}
	return true;
}

/* --- opening: nothing of what follows is believed --- */

static bool directory_rises(const struct address_plane *p, unsigned bits)
{
	uint64_t n = (uint64_t)1 << bits;
	bool rises = p->directory[0] == 0 && p->directory[n] == p->n;
	for (uint64_t i = 0; i < n; i++)
		rises &= p->directory[i] <= p->directory[i + 1];
	return rises;
}

bool address_plane_read(const struct address_header *h, enum address_plane_id id, struct address_plane *p)
{
	const struct address_plane_record *r = &h->planes[id];
	const uint8_t *bytes = (const uint8_t *)h;
	unsigned key_bits = r->head + r->directory + r->suffix;
	if (r->n > UINT32_MAX || (r->item != ADDRESS_ITEM && r->item != ADDRESS_ITEM_WIDE) || r->directory < 1 || r->directory > 32 ||
	    key_bits > 128 || r->head > 63 || r->code > 23 || r->item * 8 < r->suffix + r->code)
		return false;
	bool narrow = key_bits <= 64 && r->item == ADDRESS_ITEM;
	address_key head_mask = address_mask(r->head);
	*p = (struct address_plane){ .n = r->n,
				     .head_bits = (address_key)r->head_high << 64 | r->head_low,
				     .head_mask = head_mask,
				     .near_bits = r->head_high,
				     .near_mask = (uint64_t)(head_mask >> 64),
				     .code_mask = ((uint64_t)1 << r->code) - 1,
				     .suffix_mask = narrow ? (uint64_t)address_low_mask(r->suffix) : 0,
				     .head = r->head,
				     .suffix = r->suffix,
				     .code = r->code,
				     .item = r->item,
				     .shift = (uint8_t)((narrow ? 64 : 128) - r->directory - r->suffix),
				     .narrow = narrow };
	if ((p->head_bits & ~p->head_mask) || !address_lies_within(h, r->directory_at, ((uint64_t)1 << r->directory) + 1, 4) ||
	    !address_lies_within(h, r->items_at, r->n * p->item + ADDRESS_SPARE, 1) ||
	    !address_lies_within(h, r->codes_at, p->code_mask + 1, sizeof *p->codes))
		return false;
	p->directory = (const uint32_t *)(bytes + r->directory_at);
	p->items = bytes + r->items_at;
	p->codes = (const struct address_code *)(bytes + r->codes_at);
	return directory_rises(p, r->directory) && address_codes_fit(p->codes, r->code, false, address_plane_bits[id], h->n_classes);
}
