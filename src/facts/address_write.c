/* facts/address_write.c - see address_write.h */
#include "facts/address_write.h"

#include <stdlib.h>

enum {
	DIRECTORY_MAX = 28, /* bits: a gigabyte */
	WIDTHS = 129,
	NEAR_MAX = 24, /* hosts of 2 bytes that a block may have on average, for a look-up to be one step; and others */
	FAR_MAX = 8,
	BUCKET_MAX = 4,
};

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

uint64_t address_write_more(struct address_output *out, uint64_t n)
{
	uint64_t at = out->n;
	n = (n + 7) / 8 * 8;
	out->p = need(realloc(out->p, at + n));
	memset(out->p + at, 0, n);
	out->n += n;
	return at;
}

static unsigned bits_for(uint64_t n) { return n <= 1 ? 0 : 64u - (unsigned)__builtin_clzll(n - 1); }

static unsigned zeros_before(address_key key)
{
	return key >> 64       ? (unsigned)__builtin_clzll((uint64_t)(key >> 64))
	       : (uint64_t)key ? 64u + (unsigned)__builtin_clzll((uint64_t)key)
			       : 128;
}

static unsigned zeros_behind(address_key key)
{
	return (uint64_t)key ? (unsigned)__builtin_ctzll((uint64_t)key)
	       : key >> 64   ? 64u + (unsigned)__builtin_ctzll((uint64_t)(key >> 64))
			     : 128;
}

static unsigned at_most(unsigned n, unsigned most) { return n < most ? n : most; }

/* --- codes --- */

/* The pairs of class and width that occur in a column. */
struct codes {
	uint32_t *numbers; /* of each pair, + 1; 0: does not occur */
	uint32_t n_classes;
	uint8_t bits; /* to tell the numbers apart */
};

/* The place of a pair in a table of all. */
static size_t pair_of(uint32_t n_classes, const struct address_item *item)
{
	size_t class = item->class == ADDRESS_NOTHING ? n_classes : item->class;
	return class * WIDTHS + item->bits;
}

static uint32_t number_of(const struct codes *codes, const struct address_item *item)
{
	return codes->numbers[pair_of(codes->n_classes, item)] - 1;
}

/* Numbers them in the order in which they occur, behind `first`, if there is one, and writes the table. */
static struct codes number_codes(struct address_output *out, const struct address_column *c, const struct address_item *first,
				 uint32_t n_classes, uint64_t *ret_at)
{
	struct codes codes = { need(calloc((n_classes + 1) * (size_t)WIDTHS, sizeof *codes.numbers)), n_classes, 0 };
	struct address_code *v = need(malloc(sizeof *v));
	uint64_t room = 1, n = 0;
	for (uint64_t i = 0; i < c->n + !!first; i++) {
		struct address_item item = first && i == 0 ? *first : address_column_get(c, i - !!first);
		uint32_t *number = &codes.numbers[pair_of(n_classes, &item)];
		if (*number)
			continue;
		if (n == room)
			v = need(realloc(v, (room *= 2) * sizeof *v));
		v[n] = (struct address_code){ item.class, item.bits, 0 };
		*number = (uint32_t)++n;
	}
	codes.bits = (uint8_t)bits_for(n);
	uint64_t places = (uint64_t)1 << codes.bits; /* numbers that do not occur repeat the first */
	*ret_at = address_write_more(out, places * sizeof *v);
	for (uint64_t i = 0; i < places; i++)
		memcpy(out->p + *ret_at + i * sizeof *v, i < n ? &v[i] : v, sizeof *v);
	free(v);
	return codes;
}

/* --- IPv4 --- */

/* How the bits of the keys are shared out: so that directory, first words and hosts together are smallest, and blocks not large. */
static void share_out_v4(const struct address_column *hosts, const struct address_column *ranges, struct address_v4_record *r)
{
	uint32_t first = UINT32_MAX, last = 0;
	for (unsigned i = 0; i < 2; i++) {
		const struct address_column *c = i ? ranges : hosts;
		if (c->n == 0)
			continue;
		uint32_t low = (uint32_t)(address_column_get(c, 0).key >> 96), high = (uint32_t)(address_column_get(c, c->n - 1).key >> 96);
		first = low < first ? low : first;
		last = high > last ? high : last;
	}
	r->head_bits = (uint8_t)(first < last ? __builtin_clz(first ^ last) : 31);
	r->head = first & (uint32_t)((uint64_t)UINT32_MAX << (32 - r->head_bits));
	unsigned rest = 32u - r->head_bits, most = at_most(rest, DIRECTORY_MAX);
	uint64_t smallest = UINT64_MAX;
	for (unsigned d = 1; d <= most; d++) {
		unsigned suffix = rest - d, size = suffix + r->host_code <= 16 ? sizeof(uint16_t) : sizeof(uint32_t);
		uint64_t bytes = ((uint64_t)8 << d) + hosts->n * size;
		bool large = hosts->n >> d > (size == sizeof(uint16_t) ? NEAR_MAX : FAR_MAX) || ranges->n >> d > BUCKET_MAX;
		if (bytes >= smallest || suffix + r->range_code > 31 || suffix + r->host_code > 32 || (large && d < most))
			continue;
		smallest = bytes;
		r->directory = (uint8_t)d;
		r->host = (uint8_t)size;
	}
}

/* Writing blocks one after the other. */
struct blocks {
	const struct address_v4_record *record;
	uint32_t *words;
	uint64_t n;
	uint32_t begins_in; /* code of the range in which the block begins */
	unsigned suffix;    /* bits */
};

static void put_ranges(struct blocks *b, const struct address_column *ranges, const struct codes *codes, uint64_t *at, uint64_t end)
{
	uint64_t first = b->n++;
	uint32_t suffix_mask = (uint32_t)(((uint64_t)1 << b->suffix) - 1), code = b->begins_in;
	for (; *at < ranges->n; ++*at) {
		struct address_item item = address_column_get(ranges, *at);
		uint32_t key = (uint32_t)(item.key >> 96);
		if (key >= end)
			break;
		code = number_of(codes, &item);
		if ((key & suffix_mask) == 0)
			b->begins_in = code;
		else
			b->words[b->n++] = (key & suffix_mask) << codes->bits | code;
	}
	b->words[first] = (uint32_t)((uint64_t)(b->n - first - 1) << codes->bits) | b->begins_in;
	b->begins_in = code;
}

static void put_hosts(struct blocks *b, const struct address_column *hosts, const struct codes *codes, uint64_t *at, uint64_t end)
{
	uint32_t suffix_mask = (uint32_t)(((uint64_t)1 << b->suffix) - 1);
	uint16_t *near = (uint16_t *)(b->words + b->n);
	uint64_t n = 0;
	for (; *at < hosts->n; ++*at) {
		struct address_item item = address_column_get(hosts, *at);
		uint32_t key = (uint32_t)(item.key >> 96), host = (key & suffix_mask) << codes->bits | number_of(codes, &item);
		if (key >= end)
			break;
		if (b->record->host == sizeof *near)
			near[n++] = (uint16_t)host;
		else
			b->words[b->n++] = host;
	}
	if (n & 1)
		near[n] = near[n - 1];
	b->n += (n + 1) / 2;
}

void address_write_v4(struct address_output *out, const struct address_column *hosts, const struct address_column *ranges,
		      uint32_t n_classes, struct address_v4_record *r)
{
	static const struct address_item nothing = { 0, ADDRESS_NOTHING, 96 }, some_host = { 0, ADDRESS_EXCEPTION, 128 };
	struct codes host_codes = number_codes(out, hosts, hosts->n ? NULL : &some_host, n_classes, &r->host_codes_at);
	struct codes range_codes = number_codes(out, ranges, &nothing, n_classes, &r->range_codes_at);
	r->host_code = host_codes.bits;
	r->range_code = range_codes.bits;
	share_out_v4(hosts, ranges, r);
	uint64_t n_blocks = ((uint64_t)1 << r->directory) + 2, host = 0, range = 0;
	r->directory_at = address_write_more(out, (n_blocks + 1) * sizeof(uint32_t));
	r->blocks_at = address_write_more(out, (n_blocks * 2 + ranges->n) * sizeof(uint32_t) + hosts->n * r->host + ADDRESS_SPARE);
	uint32_t *directory = (uint32_t *)(out->p + r->directory_at);
	struct blocks b = { r, (uint32_t *)(out->p + r->blocks_at), 0, 0, 32u - r->head_bits - r->directory };
	for (uint64_t i = 0; i < n_blocks; i++) {
		uint64_t end = r->head + (i << b.suffix);
		directory[i] = (uint32_t)b.n;
		put_ranges(&b, ranges, &range_codes, &range, end);
		put_hosts(&b, hosts, &host_codes, &host, end);
	}
	directory[n_blocks] = (uint32_t)b.n;
	r->words = b.n;
	out->n = r->blocks_at + (b.n * sizeof(uint32_t) + ADDRESS_SPARE + 7) / 8 * 8;
	memset(out->p + r->blocks_at + b.n * sizeof(uint32_t), 0, ADDRESS_SPARE);
	free(host_codes.numbers);
	free(range_codes.numbers);
}

/* --- planes of IPv6 --- */

/* How the bits of sorted keys are shared out: so that directory and items together are smallest, and buckets not large. */
static void share_out(const struct address_column *c, unsigned host_bits, struct address_plane_record *r)
{
	unsigned width = host_bits, same = 0;
	address_key all = 0, first = c->n ? address_column_get(c, 0).key : 0;
	if (host_bits == 0) {
		for (uint64_t i = 0; i < c->n; i++)
			all |= address_column_get(c, i).key;
		width = 128 - at_most(zeros_behind(all), 127);
	}
	if (c->n)
		same = zeros_before(first ^ address_column_get(c, c->n - 1).key);
	r->n = c->n;
	r->head = (uint8_t)at_most(same, at_most(width - 1, 63));
	address_key head = first & address_mask(r->head);
	r->head_high = (uint64_t)(head >> 64);
	r->head_low = (uint64_t)head;
	unsigned rest = width - r->head, most = at_most(rest, DIRECTORY_MAX);
	uint64_t smallest = UINT64_MAX;
	for (unsigned d = 1; d <= most; d++) {
		unsigned size = rest - d + r->code <= ADDRESS_ITEM * 8 ? ADDRESS_ITEM : ADDRESS_ITEM_WIDE;
		uint64_t bytes = ((uint64_t)4 << d) + c->n * size;
		if (bytes >= smallest || (c->n >> d > BUCKET_MAX && d < most))
			continue;
		smallest = bytes;
		r->directory = (uint8_t)d;
		r->suffix = (uint8_t)(rest - d);
		r->item = (uint8_t)size;
	}
}

void address_write_plane(struct address_output *out, enum address_plane_id id, const struct address_column *c, uint32_t n_classes,
			 struct address_plane_record *r)
{
	unsigned bits = address_plane_bits[id];
	struct address_item some = { 0, ADDRESS_EXCEPTION, (uint8_t)(bits ? bits : 128) };
	struct codes codes = number_codes(out, c, c->n ? NULL : &some, n_classes, &r->codes_at);
	r->code = codes.bits;
	share_out(c, bits, r);
	uint64_t buckets = (uint64_t)1 << r->directory;
	unsigned skip = 128u - r->head - r->directory - r->suffix;
	r->directory_at = address_write_more(out, (buckets + 1) * sizeof(uint32_t));
	r->items_at = address_write_more(out, c->n * r->item + ADDRESS_SPARE);
	uint32_t *directory = (uint32_t *)(out->p + r->directory_at);
	uint8_t *items = out->p + r->items_at;
	for (uint64_t i = 0; i < c->n; i++) {
		struct address_item item = address_column_get(c, i);
		address_key value = item.key << r->head >> r->head >> skip, suffix = value & address_low_mask(r->suffix);
		address_key low = suffix << r->code | number_of(&codes, &item);
		uint32_t high = r->code ? (uint32_t)(suffix >> (128 - r->code)) : 0;
		directory[(uint64_t)(value >> r->suffix) + 1]++;
		memcpy(items + i * r->item, &low, at_most(r->item, sizeof low));
		if (r->item > sizeof low)
			memcpy(items + i * r->item + sizeof low, &high, r->item - sizeof low);
	}
	for (uint64_t i = 0; i < buckets; i++)
		directory[i + 1] += directory[i];
	free(codes.numbers);
}
