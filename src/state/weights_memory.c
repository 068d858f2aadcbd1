/* state/weights_memory.c - the weights of state/weights.h without file or journal: cells, and a table of the ids that were taught.
 *
 * For evaluation, which teaches a stream once and throws the result away: a lesson costs little more than its additions. */
#include "state/weights_parts.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <xxhash.h>

enum { SLOTS_AT_FIRST = 1024, PAGE = 4096, HUGE_PAGE = 2 * 1024 * 1024 };

struct entry {
	struct weights_id id;
	struct weights_taught taught;
	bool used;
};

/* Open addressing, at most half full. */
struct weights_ids {
	struct entry *slots;
	size_t n, cap;
};

static struct entry *table_new(size_t cap)
{
	struct entry *slots = calloc(cap, sizeof *slots);
	if (!slots)
		abort();
	return slots;
}

static struct entry *slot_of(struct entry *slots, size_t cap, const struct weights_id *id)
{
	size_t at = XXH3_64bits(id->b, sizeof id->b) & (cap - 1);
	while (slots[at].used && memcmp(slots[at].id.b, id->b, sizeof id->b) != 0)
		at = (at + 1) & (cap - 1);
	return &slots[at];
}

static size_t bytes_of(uint32_t n_cells) { return ((size_t)n_cells * sizeof(int32_t) + PAGE - 1) / PAGE * PAGE; }

/* Scattered cells cost as much in page tables as in cache: so the end lies where a huge page ends, and as many of these as fit before it.
 * What was mapped too much on either side goes back. */
int32_t *weights_memory_cells(uint32_t n_cells)
{
	size_t bytes = bytes_of(n_cells);
	uint8_t *map = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED) {
		fprintf(stderr, "postern: out of memory (%u weights)\n", n_cells);
		abort();
	}
	size_t before = HUGE_PAGE - ((uintptr_t)map + bytes) % HUGE_PAGE, after = HUGE_PAGE - before;
	munmap(map, before);
	if (after)
		munmap(map + before + bytes, after);
	(void)madvise(map + before, bytes, MADV_HUGEPAGE);
	return (int32_t *)(void *)(map + before);
}

void weights_memory_free(int32_t *cells, uint32_t n_cells) { munmap(cells, bytes_of(n_cells)); }

struct weights *weights_open_memory(uint32_t n_cells)
{
	struct weights *w = calloc(1, sizeof *w);
	if (!w)
		abort();
	w->mode = WEIGHTS_LEARN;
	w->fd = w->journal_fd = -1;
	w->n_cells = n_cells;
	w->now = (struct weights_state){ .oldest = CLOCK_NONE, .newest = CLOCK_NONE };
	arena_init(&w->arena);
	w->cells = weights_memory_cells(n_cells);
	w->ids = malloc(sizeof *w->ids);
	if (!w->ids)
		abort();
	*w->ids = (struct weights_ids){ table_new(SLOTS_AT_FIRST), 0, SLOTS_AT_FIRST };
	return w;
}

void weights_memory_release(struct weights *w)
{
	weights_memory_free(w->cells, w->n_cells);
	free(w->ids->slots);
	free(w->ids);
}

bool weights_memory_known(const struct weights *w, const struct weights_id *id, struct weights_taught *ret)
{
	const struct entry *entry = slot_of(w->ids->slots, w->ids->cap, id);
	if (entry->used)
		*ret = entry->taught;
	return entry->used;
}

void weights_memory_remember(struct weights *w, const struct weights_lesson *lesson)
{
	struct weights_ids *ids = w->ids;
	if (2 * (ids->n + 1) > ids->cap) {
		struct entry *slots = table_new(2 * ids->cap);
		for (size_t i = 0; i < ids->cap; i++)
			if (ids->slots[i].used)
				*slot_of(slots, 2 * ids->cap, &ids->slots[i].id) = ids->slots[i];
		free(ids->slots);
		ids->slots = slots;
		ids->cap *= 2;
	}
	*slot_of(ids->slots, ids->cap, &lesson->id) = (struct entry){ lesson->id, { lesson->label, lesson->time, lesson->tag }, true };
	ids->n++;
}
