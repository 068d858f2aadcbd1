/* state/weights_file.c - the mapped file of state/weights.h: made, checked, locked, and its state changed in one store.
 *
 * How the parts lie, and why a kill cannot tear them: weights_parts.h. */
#include "state/weights_parts.h"

#include "base/clock.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { PAGE = 4096, VERSION = 1, LIVE_AT = PAGE, INDEX_AT = 2 * PAGE, LIVE_TRIES = 1000 };
static const uint64_t magic = 0x316867696577706f; /* "opweigh1" in memory, on a little-endian machine */

_Static_assert(sizeof(struct weights_file_header) <= PAGE && sizeof(struct weights_live) <= PAGE, "a page each");

static uint64_t pages(uint64_t bytes) { return (bytes + PAGE - 1) / PAGE * PAGE; }

static uint64_t header_sum(const struct weights_file_header *h) { return XXH3_64bits(h, offsetof(struct weights_file_header, checksum)); }
static uint64_t state_sum(const struct weights_state *s) { return XXH3_64bits(s, offsetof(struct weights_state, checksum)); }

struct weights_id weights_file_boot(void)
{
	struct weights_id boot = { { 0 } };
	char text[64];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
	if (fd >= 0)
		close(fd);
	if (n > 0) {
		XXH128_hash_t hash = XXH3_128bits(text, (size_t)n);
		memcpy(boot.b, &hash, sizeof boot.b);
	}
	return boot;
}

static struct weights_file_header layout(uint32_t n_cells, uint32_t format, uint32_t keep)
{
	struct weights_file_header h = { .magic = magic, .version = VERSION, .format = format, .n_cells = n_cells, .keep = keep };
	h.index_slots = weights_index_slots(keep);
	h.index_at = INDEX_AT;
	h.cells_at = h.index_at + pages(h.index_slots * sizeof(uint64_t));
	h.bytes = h.cells_at + pages((uint64_t)n_cells * sizeof(int32_t));
	return h;
}

static int damaged(struct weights *w, const char *what)
{
	return weights_fail(
	    w, ERR_SYNTAX,
	    "%s is damaged (%s). Move it away: what was learned is then rebuilt from %s when you next teach; until then the "
	    "shipped model serves alone.",
	    w->path, what, w->journal_path);
}

/* The whole file, as the sound header h says. */
static int map_file(struct weights *w, const struct weights_file_header *h)
{
	int protection = w->mode == WEIGHTS_LEARN ? PROT_READ | PROT_WRITE : PROT_READ;
	void *map = mmap(NULL, h->bytes, protection, MAP_SHARED, w->fd, 0);
	if (map == MAP_FAILED)
		return weights_fail(w, ERR_IO, "%s cannot be mapped: %s.", w->path, strerror(errno));
	w->map = map;
	w->header = map;
	w->live = (struct weights_live *)(w->map + LIVE_AT);
	w->index = (uint64_t *)(w->map + h->index_at);
	w->cells = (int32_t *)(w->map + h->cells_at);
	w->n_cells = h->n_cells;
	w->keep = h->keep;
	return 0;
}

/* The header of an existing file, and that it is whole. 1 when there is nothing in it yet. */
static int read_header(struct weights *w, const struct weights_options *options, struct weights_file_header *ret)
{
	struct stat st;
	struct weights_file_header h;
	if (fstat(w->fd, &st) < 0)
		return weights_fail(w, ERR_IO, "%s: %s.", w->path, strerror(errno));
	ssize_t n = pread(w->fd, &h, sizeof h, 0);
	if (n < 0)
		return weights_fail(w, ERR_IO, "%s cannot be read: %s.", w->path, strerror(errno));
	if (st.st_size == 0 || ((size_t)n >= sizeof h.magic && h.magic == 0))
		return 1; /* whoever made it was stopped before the end: magic is written last */
	if ((size_t)n < sizeof h)
		return damaged(w, "it is cut short");
	if (h.magic != magic)
		return damaged(w, "it does not begin as a file of weights does");
	if (h.version != VERSION)
		return weights_fail(w, ERR_UNSUPPORTED, "%s was made by another version of postern (file version %u, this program: %u).",
				    w->path, h.version, (unsigned)VERSION);
	struct weights_file_header want = layout(h.n_cells, h.format, h.keep);
	if (h.checksum != header_sum(&h) || h.n_cells == 0 || h.n_cells > LIMIT_WEIGHTS_CELLS || h.index_slots != want.index_slots ||
	    h.index_at != want.index_at || h.cells_at != want.cells_at || h.bytes != want.bytes)
		return damaged(w, "its first page was changed");
	if ((uint64_t)st.st_size != h.bytes)
		return damaged(w, "it has not the length that its first page says");
	if (h.format != options->format || h.n_cells != options->n_cells)
		return weights_fail(
		    w, ERR_UNSUPPORTED,
		    "%s was learned by a postern that reads messages otherwise (format %u with %u weights, this program: %u with "
		    "%u): it has to be learned anew.",
		    w->path, h.format, h.n_cells, options->format, options->n_cells);
	*ret = h;
	return 0;
}

/* The store's name and size: those of the journal where there is one already, so that the cells can be rebuilt from it. */
static void adopt_journal(const struct weights *w, struct weights_file_header *h)
{
	uint8_t bytes[WEIGHTS_RECORD_HEADER];
	struct weights_record_header journal;
	int fd = open(w->journal_path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
	if (fd >= 0)
		close(fd);
	if (n == sizeof bytes && weights_record_read_header(span_of(bytes, sizeof bytes), &journal) == 0 && journal.format == h->format &&
	    journal.n_cells == h->n_cells && journal.keep > 0 && journal.keep <= LIMIT_LESSONS_KEPT_MAX) {
		*h = layout(h->n_cells, h->format, journal.keep);
		h->store = journal.store;
	}
}

static int make_file(struct weights *w, const struct weights_options *options)
{
	struct weights_file_header h = layout(options->n_cells, options->format, options->keep ? options->keep : LIMIT_LESSONS_KEPT);
	if (getrandom(h.store.b, sizeof h.store.b, 0) != sizeof h.store.b)
		return weights_fail(w, ERR_IO, "No random bytes: %s.", strerror(errno));
	adopt_journal(w, &h);
	h.checksum = header_sum(&h);
	/* All of it is allocated now: a full disk is an error here, and not a fatal signal when a cell is first written. */
	int err = ftruncate(w->fd, 0) < 0 ? errno : posix_fallocate(w->fd, 0, (off_t)h.bytes);
	if (err) {
		if (ftruncate(w->fd, 0) < 0)
			return weights_fail(w, ERR_IO, "%s: %s.", w->path, strerror(errno));
		return weights_fail(w, ERR_IO, "%s cannot be made (%llu bytes): %s.", w->path, (unsigned long long)h.bytes, strerror(err));
	}
	err = map_file(w, &h);
	if (err < 0)
		return err;
	struct weights_state state = { .oldest = CLOCK_NONE, .newest = CLOCK_NONE, .boot = w->boot };
	weights_file_commit(w, &state);
	struct weights_file_header *to = (struct weights_file_header *)w->map;
	h.magic = 0;
	*to = h;
	__atomic_store_n(&to->magic, magic, __ATOMIC_RELEASE);
	if (fsync(w->fd) < 0)
		return weights_fail(w, ERR_IO, "%s cannot be written: %s.", w->path, strerror(errno));
	return 0;
}

int weights_file_lock(struct weights *w)
{
	struct stat ours, there;
	while (flock(w->fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return weights_fail(w, ERR_IO, "%s cannot be locked: %s.", w->path, strerror(errno));
	if (fstat(w->fd, &ours) == 0 && stat(w->path, &there) == 0 && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
		return 0;
	weights_file_unlock(w);
	return WEIGHTS_FILE_REPLACED;
}

void weights_file_unlock(struct weights *w) { flock(w->fd, LOCK_UN); }

int weights_file_open(struct weights *w, const struct weights_options *options)
{
	int flags = w->mode == WEIGHTS_LEARN ? O_RDWR | O_CREAT : O_RDONLY;
	w->fd = open(w->path, flags | O_CLOEXEC, 0600);
	if (w->fd < 0 && errno == ENOENT && w->mode == WEIGHTS_READ)
		return weights_fail(w, ERR_NOT_FOUND, "%s: nothing was learned yet.", w->path);
	if (w->fd < 0)
		return weights_fail(w, ERR_IO, "%s cannot be opened: %s.", w->path, strerror(errno));
	int err = w->mode == WEIGHTS_LEARN ? weights_file_lock(w) : 0;
	if (err == WEIGHTS_FILE_REPLACED) { /* set aside by another process while we waited: what is there now is another file */
		close(w->fd);
		return weights_file_open(w, options);
	}
	if (err < 0)
		return err;
	struct weights_file_header h;
	err = read_header(w, options, &h);
	if (err == 1 && w->mode == WEIGHTS_READ)
		return weights_fail(w, ERR_NOT_FOUND, "%s: nothing was learned yet.", w->path);
	if (err == 1)
		return make_file(w, options);
	if (err == 0)
		err = map_file(w, &h);
	if (err < 0)
		return err;
	struct weights_state state;
	uint64_t generation;
	return weights_file_state(w, &state, &generation) == 0 ? 0 : damaged(w, "its second page was changed");
}

int weights_file_state(const struct weights *w, struct weights_state *ret, uint64_t *ret_generation)
{
	/* A reader may be overtaken by two lessons while it copies; then it looks again. */
	for (int i = 0; i < LIVE_TRIES; i++) {
		uint64_t generation = __atomic_load_n(&w->live->commit, __ATOMIC_ACQUIRE);
		struct weights_state state = w->live->states[generation & 1];
		if (state.checksum == state_sum(&state)) {
			*ret = state;
			*ret_generation = generation;
			return 0;
		}
	}
	return ERR_SYNTAX;
}

void weights_file_commit(struct weights *w, struct weights_state *state)
{
	uint64_t next = w->live->commit + 1;
	state->checksum = state_sum(state);
	w->live->states[next & 1] = *state;
	w->live->intents[next & 1] = 0;
	__atomic_store_n(&w->live->commit, next, __ATOMIC_RELEASE);
}

uint64_t weights_file_hash(const struct weights *w)
{
	uint64_t index = XXH3_64bits(w->index, w->header->index_slots * sizeof *w->index);
	return XXH3_64bits_withSeed(w->cells, w->n_cells * sizeof *w->cells, index) | 1; /* 0 says that there is none */
}

uint64_t *weights_file_intent(struct weights *w) { return &w->live->intents[w->live->commit & 1]; }

int weights_file_set_aside(struct weights *w, const char *path, const char *kind, int64_t now)
{
	char *to = NULL;
	for (int i = 0; i < 1000; i++) {
		free(to);
		if (asprintf(&to, i ? "%s.%s-%lld-%d" : "%s.%s-%lld", path, kind, (long long)now, i) < 0)
			abort();
		if (renameat2(AT_FDCWD, path, AT_FDCWD, to, RENAME_NOREPLACE) == 0 || errno == ENOENT) {
			free(to);
			return 0;
		}
		if (errno != EEXIST)
			break;
	}
	int err = weights_fail(w, ERR_IO, "%s cannot be renamed to %s: %s.", path, to, strerror(errno));
	free(to);
	return err;
}
