/* auth/dkim_fields.c - see dkim_fields.h */
#include "auth/dkim_fields.h"
#include "base/ascii.h"

#include <sys/random.h>
#include <xxhash.h>

enum { NAME_BLOCK = 64 };

static uint64_t seed;

__attribute__((constructor)) static void make_seed(void)
{
	/* Without randomness an attacker may make look-ups slow, not wrong. */
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
		seed = (uint64_t)(uintptr_t)&seed;
}

/* Of the name in lower-case. */
static uint64_t hash_of(struct span name)
{
	uint64_t hash = seed;
	do {
		struct span block = span_first(name, NAME_BLOCK);
		uint8_t lower[NAME_BLOCK] = { 0 };
		for (size_t i = 0; i < block.n; i++)
			lower[i] = ascii_lower(block.p[i]);
		hash = XXH3_64bits_withSeed(lower, block.n, hash);
		name = span_skip(name, block.n);
	} while (name.n);
	return hash;
}

/* The slot of that name, or the empty one where it belongs. */
static struct dkim_name *slot_of(struct dkim_fields *fields, struct span name)
{
	uint32_t at = (uint32_t)hash_of(name) & fields->mask;
	while (fields->steps++, fields->slots[at].count && !span_ieq(fields->slots[at].name, name))
		at = (at + 1) & fields->mask;
	return &fields->slots[at];
}

void dkim_fields_init(struct dkim_fields *fields, const struct headers *headers, struct arena *arena)
{
	uint32_t n = headers->list.n, slots = 16;
	while (slots < 2 * n)
		slots *= 2;
	memset(fields, 0, sizeof *fields);
	fields->headers = headers;
	fields->mask = slots - 1;
	fields->slots = arena_zalloc(arena, slots * sizeof *fields->slots);
	fields->above = arena_alloc(arena, (n ? n : 1) * sizeof *fields->above);
	for (uint32_t i = 0; i < n; i++) {
		struct dkim_name *slot = slot_of(fields, headers->list.v[i].name);
		fields->above[i] = slot->count++ ? slot->bottom : HEADER_NONE;
		slot->name = headers->list.v[i].name;
		slot->bottom = i;
	}
}

void dkim_fields_begin(struct dkim_fields *fields) { fields->pick++; }

/* The slot as this signature left it. */
static struct dkim_name *current(struct dkim_fields *fields, struct span name)
{
	struct dkim_name *slot = slot_of(fields, name);
	if (slot->count && slot->pick != fields->pick) {
		slot->pick = fields->pick;
		slot->next = slot->bottom;
		slot->picked = 0;
	}
	return slot;
}

const struct header *dkim_fields_pick(struct dkim_fields *fields, struct span name)
{
	struct dkim_name *slot = current(fields, name);
	if (slot->count == 0 || slot->next == HEADER_NONE)
		return NULL;
	const struct header *field = &fields->headers->list.v[slot->next];
	slot->next = fields->above[slot->next];
	slot->picked++;
	return field;
}

void dkim_fields_count(struct dkim_fields *fields, struct span name, uint32_t *ret_count, uint32_t *ret_picked)
{
	const struct dkim_name *slot = current(fields, name);
	*ret_count = slot->count;
	*ret_picked = slot->picked;
}
