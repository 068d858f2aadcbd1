/* facts/address_column.h - a long column of entries of one family, 8 bytes each for IPv4 and 20 for IPv6, and its radix sort.
 *
 * Owner: whoever zeroed it, until address_column_free. Out of memory ends the process. */
#ifndef FACTS_ADDRESS_COLUMN_H
#define FACTS_ADDRESS_COLUMN_H

#include "facts/address_format.h"

struct address_item {
	address_key key; /* left-aligned; zero behind its bits */
	uint16_t class;
	uint8_t bits; /* mapped form */
};

/* An item's bytes: bits, key from its last byte to its first, class; so the bytes are the digits to sort by, the least first. */
struct address_column {
	uint8_t *items;
	uint64_t n, cap;
	bool v4;
};

enum { ADDRESS_ITEM_V4 = 8, ADDRESS_ITEM_V6 = 20 };

static inline unsigned address_column_item_bytes(const struct address_column *c) { return c->v4 ? ADDRESS_ITEM_V4 : ADDRESS_ITEM_V6; }

static inline struct address_item address_column_get(const struct address_column *c, uint64_t i)
{
	const uint8_t *p = c->items + i * address_column_item_bytes(c);
	struct address_item item = { .bits = p[0] };
	uint32_t v4;
	if (c->v4) {
		memcpy(&v4, p + 1, sizeof v4);
		memcpy(&item.class, p + 5, sizeof item.class);
		item.key = (address_key)v4 << 96;
	} else {
		memcpy(&item.key, p + 1, sizeof item.key);
		memcpy(&item.class, p + 17, sizeof item.class);
	}
	return item;
}
static inline void address_column_set(struct address_column *c, uint64_t i, const struct address_item *item)
{
	uint8_t *p = c->items + i * address_column_item_bytes(c);
	uint32_t v4 = (uint32_t)(item->key >> 96);
	p[0] = item->bits;
	if (c->v4) {
		memcpy(p + 1, &v4, sizeof v4);
		memcpy(p + 5, &item->class, sizeof item->class);
		p[7] = 0;
	} else {
		memcpy(p + 1, &item->key, sizeof item->key);
		memcpy(p + 17, &item->class, sizeof item->class);
		p[19] = 0;
	}
}
void address_column_grow(struct address_column *c);
static inline void address_column_push(struct address_column *c, const struct address_item *item)
{
	if (c->n == c->cap)
		address_column_grow(c);
	address_column_set(c, c->n++, item);
}

/* By key, of the same key the wider before the narrower; of the same network only the one pushed last stays. */
void address_column_sort(struct address_column *c);
/* Cuts sorted, nested networks into ranges: where each begins, with its narrowest network; where one begins that none holds, with
 * ADDRESS_NOTHING. ret_ranges must be empty. */
void address_column_cut(const struct address_column *networks, struct address_column *ret_ranges);
void address_column_free(struct address_column *c);

#endif
