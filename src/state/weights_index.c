/* state/weights_index.c - which ids the journal knows, and where: a hash table in the mapped file (linear probing, no deletion).
 *
 * A slot is 20 bits of the id's hash over 44 bits of journal offset, so that one store sets it; 0 is free. An id has one slot, which names
 * its newest record; the record itself then says whose it is, so a wrong slot can hide an id but never lie about one. The table is at most
 * half full, because a journal with keep + keep / 4 records is compacted, and made again then.
 * The hash is seeded with the store's random name: nobody can send messages that all fall into one place. */
#include "state/weights_parts.h"

#include <unistd.h>
#include <xxhash.h>

enum { OFFSET_BITS = 44 };
#define OFFSET_MASK (((uint64_t)1 << OFFSET_BITS) - 1)

uint64_t weights_index_slots(uint32_t keep)
{
	uint64_t slots = 512; /* one page */
	while (slots < 2 * ((uint64_t)keep + keep / 4 + 2))
		slots *= 2;
	return slots;
}

static uint64_t hash(const struct weights *w, const struct weights_id *id)
{
	uint64_t seed;
	memcpy(&seed, w->header->store.b, sizeof seed);
	return XXH3_64bits_withSeed(id->b, sizeof id->b, seed);
}

static bool head_at(const struct weights *w, uint64_t offset, struct weights_record *ret)
{
	uint8_t head[WEIGHTS_RECORD_HEAD];
	return pread(w->journal_fd, head, sizeof head, (off_t)offset) == sizeof head &&
	       weights_record_peek(span_of(head, sizeof head), w->n_cells, ret) == 0;
}

/* The id's slot, or the free one where it would go; NULL when there is neither, which only a damaged table can bring about. */
static uint64_t *slot_of(struct weights *w, const struct weights_id *id, struct weights_record *ret_record, bool *ret_found)
{
	uint64_t h = hash(w, id), mask = w->header->index_slots - 1;
	for (uint64_t i = 0; i <= mask; i++) {
		uint64_t *slot = &w->index[(h + i) & mask];
		if (*slot == 0 || (*slot >> OFFSET_BITS == h >> OFFSET_BITS && head_at(w, *slot & OFFSET_MASK, ret_record) &&
				   ret_record->kind != WEIGHTS_RECORD_SUM && memcmp(ret_record->id.b, id->b, sizeof id->b) == 0)) {
			*ret_found = *slot != 0;
			return slot;
		}
	}
	return NULL;
}

int weights_index_put(struct weights *w, const struct weights_id *id, uint64_t offset)
{
	struct weights_record record;
	bool found;
	uint64_t *slot = slot_of(w, id, &record, &found);
	if (!slot || offset > OFFSET_MASK)
		return ERR_LIMIT;
	__atomic_store_n(slot, (hash(w, id) >> OFFSET_BITS) << OFFSET_BITS | offset, __ATOMIC_RELEASE);
	return 0;
}

uint64_t weights_index_find(struct weights *w, const struct weights_id *id, struct weights_record *ret)
{
	struct weights_record record;
	bool found;
	uint64_t *slot = slot_of(w, id, &record, &found);
	if (!slot || !found)
		return 0;
	*ret = record;
	return *slot & OFFSET_MASK;
}

void weights_index_clear(struct weights *w) { memset(w->index, 0, w->header->index_slots * sizeof *w->index); }
