/* state/weights_journal.c - the journal file of state/weights.h: appended to, caught up with, replaced as a whole.
 *
 * The journal is read through a mapping, under the writer's lock; the end of it that is good is known from the state in the mapped file,
 * and after a restart of the machine, when that cannot be trusted, from the checksums of the records. */
#include "state/weights_parts.h"

#include "base/clock.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int damaged(struct weights *w, const char *what)
{
	return weights_fail(w, ERR_SYNTAX,
			    "%s is damaged (%s). Restore it from a backup, or let postern set it aside and go on with what is sound.",
			    w->journal_path, what);
}

static int io(struct weights *w, const char *what)
{
	return weights_fail(w, ERR_IO, "%s cannot be %s: %s.", w->journal_path, what, strerror(errno));
}

/* The new name reaches the disk now; where the folder cannot be opened for this, when the system likes. */
static void sync_folder(const struct weights *w)
{
	char *copy = strdup(w->journal_path);
	if (!copy)
		abort();
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(copy);
}

static bool write_all(int fd, struct span s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = span_skip(s, (size_t)n);
	}
	return true;
}

static void use(struct weights *w, int fd, const struct stat *st)
{
	if (w->journal_fd >= 0)
		close(w->journal_fd);
	w->journal_fd = fd;
	w->journal_dev = st->st_dev;
	w->journal_ino = st->st_ino;
}

int weights_journal_replace(struct weights *w, uint64_t epoch, const struct span *pieces, size_t n_pieces)
{
	uint8_t bytes[WEIGHTS_RECORD_HEADER];
	struct weights_record_header header = { w->header->format, w->n_cells, w->keep, epoch, w->header->store };
	weights_record_write_header(&header, bytes);
	char *path;
	struct stat st;
	if (asprintf(&path, "%s.new", w->journal_path) < 0)
		abort();
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write_all(fd, span_of(bytes, sizeof bytes));
	for (size_t i = 0; good && i < n_pieces; i++)
		good = write_all(fd, pieces[i]);
	/* On disk before it takes the old one's place: else a loss of power could leave an empty file under the name. */
	good = good && fdatasync(fd) == 0 && fstat(fd, &st) == 0 && rename(path, w->journal_path) == 0;
	int err = 0;
	if (good) {
		use(w, fd, &st);
		sync_folder(w);
	} else {
		err = io(w, "written");
		if (fd >= 0) {
			unlink(path);
			close(fd);
		}
	}
	free(path);
	return err;
}

int weights_journal_map(struct weights *w, int fd, const char *path, struct span *ret)
{
	struct stat st;
	bool there = fstat(fd, &st) == 0;
	if (there && st.st_size == 0)
		return weights_fail(w, ERR_SYNTAX, "%s is empty.", path);
	void *map = !there ? MAP_FAILED : mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return weights_fail(w, ERR_IO, "%s cannot be mapped: %s.", path, strerror(errno));
	*ret = span_of(map, (size_t)st.st_size);
	return 0;
}

int weights_journal_fetch(struct weights *w, uint64_t offset, struct weights_record *ret)
{
	uint8_t head[WEIGHTS_RECORD_HEAD];
	struct weights_record peeked;
	if (pread(w->journal_fd, head, sizeof head, (off_t)offset) != sizeof head ||
	    weights_record_peek(span_of(head, sizeof head), w->n_cells, &peeked) < 0)
		return ERR_SYNTAX;
	struct stat st;
	if (fstat(w->journal_fd, &st) < 0 || (uint64_t)st.st_size < offset + peeked.bytes)
		return ERR_SYNTAX; /* before memory is taken for what is not there */
	uint8_t *bytes = arena_alloc(&w->arena, peeked.bytes);
	if (pread(w->journal_fd, bytes, peeked.bytes, (off_t)offset) != (ssize_t)peeked.bytes)
		return ERR_SYNTAX;
	return weights_record_read(span_of(bytes, peeked.bytes), w->n_cells, ret);
}

/* After the record at the state's end was added to the cells: it is in. */
static void admit(struct weights *w, const struct weights_record *record)
{
	if (record->kind != WEIGHTS_RECORD_SUM)
		(void)weights_index_put(w, &record->id, w->now.journal_bytes); /* never full: compaction comes first */
	weights_count(&w->now, record);
	w->now.journal_bytes += record->bytes;
	w->now.synced_hash = 0;
	weights_file_commit(w, &w->now);
}

int weights_journal_append(struct weights *w, struct span bytes, const struct weights_group *groups)
{
	struct weights_record record;
	int err = weights_record_read(bytes, w->n_cells, &record);
	if (err < 0)
		return weights_fail(w, err, "A record that cannot be read back was not written.");
	ssize_t n = pwrite(w->journal_fd, bytes.p, bytes.n, (off_t)w->now.journal_bytes);
	if (n != (ssize_t)bytes.n) {
		errno = n < 0 ? errno : ENOSPC;
		err = io(w, "written");
		if (ftruncate(w->journal_fd, (off_t)w->now.journal_bytes) < 0)
			return io(w, "written, nor cut back");
		return err;
	}
	if (groups)
		weights_add(w->cells, groups, record.n_groups, record.kind == WEIGHTS_RECORD_FORGET ? -1 : 1, weights_file_intent(w));
	else
		err = weights_add_record(&record, w->cells, w->n_cells, weights_file_intent(w), &w->arena);
	admit(w, &record);
	return err;
}

/* Opens what has the journal's name now, unless it is open. */
static int attach(struct weights *w)
{
	struct stat st;
	if (stat(w->journal_path, &st) < 0) {
		if (errno != ENOENT)
			return io(w, "opened");
		if (w->now.epoch)
			return damaged(w, "it is missing");
		return weights_journal_replace(w, 1, NULL, 0);
	}
	if (w->journal_fd >= 0 && st.st_dev == w->journal_dev && st.st_ino == w->journal_ino)
		return 0;
	int fd = open(w->journal_path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return io(w, "opened");
	if (fstat(fd, &st) < 0) {
		close(fd);
		return io(w, "opened");
	}
	use(w, fd, &st);
	return 0;
}

static int read_header(struct weights *w, struct weights_record_header *ret)
{
	uint8_t bytes[WEIGHTS_RECORD_HEADER];
	ssize_t n = pread(w->journal_fd, bytes, sizeof bytes, 0);
	if (n < 0)
		return io(w, "read");
	struct weights_record_header h;
	if (weights_record_read_header(span_of(bytes, (size_t)n), &h) < 0)
		return damaged(w, "it does not begin as a journal does");
	if (h.format != w->header->format || h.n_cells != w->n_cells)
		return weights_fail(w, ERR_UNSUPPORTED,
				    "%s was written by a postern that reads messages otherwise: it has to be learned anew.",
				    w->journal_path);
	if (h.keep != w->keep || memcmp(h.store.b, w->header->store.b, sizeof h.store.b) != 0)
		return damaged(w, "it belongs to another file of weights");
	*ret = h;
	return 0;
}

/* The records from the start, as far as they are sound, into fresh cells, the index and a state; returns the offset of their end. */
static uint64_t add_up(struct weights *w, struct span journal, int32_t *cells, struct weights_state *state)
{
	uint64_t at = WEIGHTS_RECORD_HEADER, most = w->header->index_slots / 4 * 3;
	struct weights_record record;
	weights_index_clear(w);
	while (weights_record_read(span_skip(journal, at), w->n_cells, &record) == 0 && state->records < most) {
		arena_reset(&w->arena);
		uint64_t intent = 0;
		if (weights_add_record(&record, cells, w->n_cells, &intent, &w->arena) < 0 ||
		    (record.kind != WEIGHTS_RECORD_SUM && weights_index_put(w, &record.id, at) < 0))
			break;
		weights_count(state, &record);
		at += record.bytes;
	}
	return at;
}

/* Keeps the unsound journal beside, and puts its sound beginning in its place. */
static int keep_beginning(struct weights *w, struct span journal, uint64_t end, uint64_t epoch, int64_t now)
{
	char *to;
	struct span beginning = span_slice(journal, WEIGHTS_RECORD_HEADER, end);
	if (asprintf(&to, "%s.damaged-%lld", w->journal_path, (long long)now) < 0)
		abort();
	int err = link(w->journal_path, to) < 0 && errno != EEXIST ? io(w, "set aside") : 0;
	free(to);
	return err < 0 ? err : weights_journal_replace(w, epoch, &beginning, 1);
}

/* Cells, index and state, made again from the journal. must: it has to be sound up to there. */
static int rebuild(struct weights *w, uint64_t epoch, uint64_t must, unsigned aside, int64_t now)
{
	struct span journal;
	int err = weights_journal_map(w, w->journal_fd, w->journal_path, &journal);
	if (err < 0)
		return err;
	struct weights_state state = { .oldest = CLOCK_NONE, .newest = CLOCK_NONE, .boot = w->boot };
	int32_t *cells = weights_memory_cells(w->n_cells);
	__atomic_store_n(&w->live->index_epoch, 0, __ATOMIC_RELEASE);
	uint64_t end = add_up(w, journal, cells, &state);
	if (end < must && !(aside & WEIGHTS_ASIDE_DAMAGED))
		err = damaged(w, "a record in it was changed, or its end is missing");
	else if (end < must)
		err = keep_beginning(w, journal, end, ++epoch, now);
	else if (end < journal.n && ftruncate(w->journal_fd, (off_t)end) < 0)
		err = io(w, "cut");
	munmap((void *)(uintptr_t)journal.p, journal.n);
	if (err == 0) {
		memcpy(w->cells, cells, w->n_cells * sizeof *cells);
		state.epoch = epoch;
		state.journal_bytes = end;
		state.synced_bytes = must < end ? must : end;
		w->now = state;
		__atomic_store_n(&w->live->index_epoch, epoch, __ATOMIC_RELEASE);
		weights_file_commit(w, &w->now);
	}
	weights_memory_free(cells, w->n_cells);
	return err;
}

/* A killed process left bytes after the state's end: one whole record, which is now added (to the end), or a torn one, which is cut off. */
static int finish(struct weights *w)
{
	struct weights_record record;
	uint64_t *intent = weights_file_intent(w);
	if (weights_journal_fetch(w, w->now.journal_bytes, &record) == 0 &&
	    weights_add_record(&record, w->cells, w->n_cells, intent, &w->arena) == 0)
		admit(w, &record);
	else if (*intent)
		return ERR_SYNTAX;
	return ftruncate(w->journal_fd, (off_t)w->now.journal_bytes) < 0 ? io(w, "cut") : 0;
}

int weights_journal_catch_up(struct weights *w, unsigned aside, int64_t now)
{
	uint64_t generation;
	struct weights_record_header header = { 0 };
	struct stat st;
	arena_reset(&w->arena);
	if (weights_file_state(w, &w->now, &generation) < 0)
		return weights_fail(w, ERR_SYNTAX, "%s was damaged while it was open. Start again.", w->path);
	int err = attach(w);
	if (err < 0 || (err = read_header(w, &header)) < 0)
		return err;
	if (fstat(w->journal_fd, &st) < 0)
		return io(w, "read");
	bool same_boot = memcmp(w->now.boot.b, w->boot.b, sizeof w->boot.b) == 0, same_journal = header.epoch == w->now.epoch;
	uint64_t must = !same_journal ? WEIGHTS_RECORD_HEADER : same_boot ? w->now.journal_bytes : w->now.synced_bytes;
	if (!same_boot && same_journal && (uint64_t)st.st_size == w->now.journal_bytes && w->now.synced_hash &&
	    w->now.synced_hash == weights_file_hash(w)) {
		same_boot = true; /* shut down in order, or after a sync */
		w->now.boot = w->boot;
		weights_file_commit(w, &w->now);
	}
	if (!same_boot || !same_journal || w->live->index_epoch != header.epoch || (uint64_t)st.st_size < w->now.journal_bytes)
		return rebuild(w, header.epoch, must, aside, now);
	if ((uint64_t)st.st_size == w->now.journal_bytes)
		return 0;
	return finish(w) == ERR_SYNTAX ? rebuild(w, header.epoch, must, aside, now) : 0;
}
