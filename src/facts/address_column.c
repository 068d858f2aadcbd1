/* facts/address_column.c - see address_column.h */
#include "facts/address_column.h"

#include <stdlib.h>

enum { DIGITS_MAX = 17, FIRST_ROOM = 1024, DEPTH = 130 };

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

void address_column_grow(struct address_column *c)
{
	c->cap = c->cap ? c->cap * 2 : FIRST_ROOM;
	c->items = need(realloc(c->items, c->cap * address_column_item_bytes(c)));
}

void address_column_free(struct address_column *c)
{
	free(c->items);
	*c = (struct address_column){ .v4 = c->v4 };
}

static inline __attribute__((always_inline)) void sort_by(const uint8_t *from, uint8_t *to, uint64_t n, size_t item, unsigned digit,
							  uint64_t at[256])
{
	for (const uint8_t *p = from, *end = from + n * item; p < end; p += item)
		memcpy(to + at[p[digit]]++ * item, p, item);
}

/* Least significant digit first, so that each pass keeps the order of the one before (and items pushed later stay behind). */
static void radix_sort(struct address_column *c)
{
	static const uint8_t digits[] = { [false] = 17, [true] = 5 };
	static _Thread_local uint64_t counts[DIGITS_MAX][256];
	unsigned item = address_column_item_bytes(c), n_digits = digits[c->v4];
	uint8_t *other = need(malloc(c->n * item));
	memset(counts, 0, sizeof counts);
	for (uint64_t i = 0; i < c->n; i++)
		for (unsigned d = 0; d < n_digits; d++)
			counts[d][c->items[i * item + d]]++;
	for (unsigned d = 0; d < n_digits; d++) {
		if (counts[d][c->items[d]] == c->n)
			continue; /* all alike */
		uint64_t at = 0;
		for (unsigned value = 0; value < 256; value++) {
			uint64_t count = counts[d][value];
			counts[d][value] = at;
			at += count;
		}
		if (c->v4)
			sort_by(c->items, other, c->n, ADDRESS_ITEM_V4, d, counts[d]);
		else
			sort_by(c->items, other, c->n, ADDRESS_ITEM_V6, d, counts[d]);
		uint8_t *swap = c->items;
		c->items = other;
		other = swap;
	}
	c->cap = c->n; /* `other` may be the larger one */
	free(other);
}

void address_column_sort(struct address_column *c)
{
	if (c->n == 0)
		return;
	radix_sort(c);
	uint64_t kept = 0;
	struct address_item last = address_column_get(c, 0);
	for (uint64_t i = 1; i < c->n; i++) {
		struct address_item item = address_column_get(c, i);
		if (item.key != last.key || item.bits != last.bits)
			address_column_set(c, kept++, &last);
		last = item;
	}
	address_column_set(c, kept++, &last);
	c->n = kept;
}

/* The key behind its last; 0: there is none. */
static address_key behind(const struct address_item *item, bool v4)
{
	unsigned bits = item->bits - (v4 ? 96u : 0);
	return bits ? item->key + ((address_key)1 << (128 - bits)) : 0;
}

static void begin_range(struct address_column *ranges, address_key key, const struct address_item *network)
{
	struct address_item range = { key, ADDRESS_NOTHING, ranges->v4 ? 96 : 0 };
	if (network)
		range = (struct address_item){ key, network->class, network->bits };
	if (ranges->n && address_column_get(ranges, ranges->n - 1).key == key)
		ranges->n--; /* a narrower one begins at the same key */
	address_column_push(ranges, &range);
}

/* Networks of the stack that end at or before `at` are over: what surrounds them goes on behind them. */
static unsigned end_ranges(struct address_column *ranges, const struct address_item *stack, unsigned depth, address_key at, bool all)
{
	address_key end;
	while (depth && (end = behind(&stack[depth - 1], ranges->v4)) != 0 && (all || end <= at)) {
		depth--;
		begin_range(ranges, end, depth ? &stack[depth - 1] : NULL);
	}
	return depth;
}

void address_column_cut(const struct address_column *networks, struct address_column *ranges)
{
	struct address_item stack[DEPTH];
	unsigned depth = 0;
	ranges->v4 = networks->v4;
	for (uint64_t i = 0; i < networks->n; i++) {
		struct address_item network = address_column_get(networks, i);
		depth = end_ranges(ranges, stack, depth, network.key, false);
		begin_range(ranges, network.key, &network);
		stack[depth++] = network;
	}
	end_ranges(ranges, stack, depth, 0, true);
}
