/* app/rehearsal.c - see rehearsal.h */
#include "app/rehearsal.h"
#include "learn/model.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

/* The file has holes: a usual message fills half of its slot. */
enum { SLOTS_AT = 4096, CELLS = 16 * 1024 };

/* Begins the file; the slots of good mail follow, then those of spam. */
struct order {
	uint64_t checksum; /* of what follows */
	uint32_t format;
	uint32_t last;                  /* enum weights_label of the newest message */
	uint64_t run;                   /* how many of that kind in a row */
	uint64_t kept[2], rehearsed[2]; /* of each kind, so far */
};

struct slot {
	uint64_t checksum; /* of what follows, as far as it is used */
	struct weights_id id;
	uint32_t format;
	uint32_t n[FEATURES_VIEWS];
	uint32_t cells[CELLS];
};

struct rehearsal {
	int fd;
	struct slot slot;
};

static int open_beside(const char *model_path)
{
	char *path;
	if (asprintf(&path, "%s.recent", model_path) < 0)
		abort();
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	free(path);
	return fd;
}

struct rehearsal *rehearsal_open(const char *model_path)
{
	int fd = model_path ? open_beside(model_path) : memfd_create("recent", MFD_CLOEXEC);
	struct rehearsal *r = fd < 0 ? NULL : malloc(sizeof *r);
	if (r)
		r->fd = fd;
	return r;
}

void rehearsal_close(struct rehearsal *r)
{
	if (!r)
		return;
	close(r->fd);
	free(r);
}

static struct order order_of(const struct rehearsal *r)
{
	struct order o;
	ssize_t n = pread(r->fd, &o, sizeof o, 0);
	if (n != sizeof o || o.format != MODEL_FORMAT || o.last > WEIGHTS_SPAM ||
	    o.checksum != XXH3_64bits(&o.format, sizeof o - offsetof(struct order, format)))
		o = (struct order){ .format = MODEL_FORMAT };
	return o;
}

static void order_set(const struct rehearsal *r, struct order *o)
{
	o->checksum = XXH3_64bits(&o->format, sizeof *o - offsetof(struct order, format));
	(void)!pwrite(r->fd, o, sizeof *o, 0);
}

static off_t place(enum weights_label label, uint64_t number)
{
	return (off_t)(SLOTS_AT + ((uint64_t)label * REHEARSAL_KEPT + number) * sizeof(struct slot));
}

static size_t used(const struct slot *slot)
{
	uint64_t n = 0;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		n += slot->n[v];
	return n > CELLS ? 0 : offsetof(struct slot, cells) + (size_t)n * sizeof *slot->cells;
}

static uint64_t checksum_of(const struct slot *slot, size_t size) { return XXH3_64bits(&slot->id, size - offsetof(struct slot, id)); }

static bool read_slot(struct rehearsal *r, enum weights_label label, uint64_t number)
{
	struct slot *slot = &r->slot;
	const size_t head = offsetof(struct slot, cells);
	if (pread(r->fd, slot, head, place(label, number)) != (ssize_t)head || slot->format != MODEL_FORMAT)
		return false;
	size_t size = used(slot);
	return size && pread(r->fd, slot->cells, size - head, place(label, number) + (off_t)head) == (ssize_t)(size - head) &&
	       slot->checksum == checksum_of(slot, size);
}

/* What the file says is not trusted: a cell out of its view, or met twice, would be written where it has no business. */
static bool take_view(struct arena *arena, const uint32_t *cells, uint32_t n, struct feature_list *ret)
{
	for (uint32_t i = 0; i < n; i++)
		if (cells[i] >= FEATURES_CELLS || (i && cells[i] <= cells[i - 1]))
			return false;
	ret->cell = arena_alloc(arena, (n + 1) * sizeof *cells);
	memcpy(ret->cell, cells, n * sizeof *cells);
	ret->n = n;
	ret->sorted = true;
	return true;
}

bool rehearsal_next(struct rehearsal *r, enum weights_label learned, struct arena *arena, struct weights_id *ret_id, struct features *ret)
{
	enum weights_label other = learned == WEIGHTS_SPAM ? WEIGHTS_HAM : WEIGHTS_SPAM;
	struct order o = order_of(r);
	if (o.last != learned || o.run < REHEARSAL_RUN || !o.kept[other])
		return false;
	uint64_t have = o.kept[other] < REHEARSAL_KEPT ? o.kept[other] : REHEARSAL_KEPT, number = o.rehearsed[other]++ % have;
	order_set(r, &o);
	if (!read_slot(r, other, number))
		return false;
	struct features features = { 0 };
	const uint32_t *cells = r->slot.cells;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		if (!take_view(arena, cells, r->slot.n[v], &features.of[v]))
			return false;
		cells += r->slot.n[v];
	}
	*ret_id = r->slot.id;
	*ret = features;
	return true;
}

static bool write_slot(struct rehearsal *r, const struct weights_id *id, const struct features *features, off_t at)
{
	struct slot *slot = &r->slot;
	uint32_t n = 0;
	slot->id = *id;
	slot->format = MODEL_FORMAT;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		const struct feature_list *list = &features->of[v];
		if (list->n > CELLS - n)
			return false;
		if (list->n)
			memcpy(slot->cells + n, list->cell, list->n * sizeof *list->cell);
		slot->n[v] = list->n;
		n += list->n;
	}
	size_t size = used(slot);
	slot->checksum = checksum_of(slot, size);
	return pwrite(r->fd, slot, size, at) == (ssize_t)size;
}

/* One after the other until all are taken, then any: so that some of long ago stay among the new ones. */
static uint64_t slot_for(uint64_t number)
{
	return number < REHEARSAL_KEPT ? number : XXH3_64bits(&number, sizeof number) % REHEARSAL_KEPT;
}

void rehearsal_keep(struct rehearsal *r, const struct weights_id *id, enum weights_label label, const struct features *features)
{
	struct order o = order_of(r);
	o.run = o.last == label ? o.run + 1 : 1;
	o.last = label;
	if (write_slot(r, id, features, place(label, slot_for(o.kept[label]))))
		o.kept[label]++;
	order_set(r, &o);
}
