/* app/input.c - see input.h */
#include "app/input.h"
#include "base/err.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEEP_BYTES = 1024 * 1024, READ_BYTES = 64 * 1024 };

/* fts_number of a folder: what it is. */
enum { FOLDER_PLAIN, FOLDER_MAILDIR };

void input_init(struct input *input, char **paths, size_t n_paths, const char *index)
{
	*input = (struct input){ .paths = paths, .n_paths = n_paths, .index_path = index };
}

static void close_mbox(struct input *input)
{
	if (!input->in_mbox)
		return;
	mbox_release(&input->mbox);
	if (input->mbox_fd > STDIN_FILENO)
		close(input->mbox_fd);
	free(input->mbox_name);
	input->in_mbox = false;
}

void input_release(struct input *input)
{
	close_mbox(input);
	if (input->walk)
		fts_close(input->walk);
	if (input->index)
		fclose(input->index);
	free(input->line);
}

void input_item_init(struct input_item *item) { *item = (struct input_item){ .fd = -1 }; }

void input_item_release(struct input_item *item)
{
	free(item->buf);
	free(item->name_buf);
	input_item_init(item);
}

static void *grown(void *old, size_t n)
{
	void *p = realloc(old, n);
	if (!p)
		abort();
	return p;
}

static void item_begin(struct input_item *item, struct span name)
{
	if (item->cap > KEEP_BYTES) {
		free(item->buf);
		item->buf = NULL;
		item->cap = 0;
	}
	if (name.n + 1 > item->name_cap)
		item->name_buf = grown(item->name_buf, item->name_cap = name.n + 256);
	memcpy(item->name_buf, name.p, name.n);
	item->name_buf[name.n] = '\0';
	item->name = span_of(item->name_buf, name.n);
	item->n = 0;
	item->label = NULL;
	item->bytes = span_none;
	item->failed = item->harmless = item->empty = false;
	item->fd = -1;
	item->n_buf = 0;
}

/* An item that only says what went wrong; true, because there is an item. */
__attribute__((format(printf, 2, 3))) static bool item_fail(struct input_item *item, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(item->error, sizeof item->error, format, args);
	va_end(args);
	item->failed = true;
	return true;
}

static void item_room(struct input_item *item, size_t n)
{
	if (item->cap - item->n_buf < n) {
		size_t cap = item->cap * 2 > item->n_buf + n ? item->cap * 2 : item->n_buf + n;
		item->buf = grown(item->buf, item->cap = cap);
	}
}

static const char *read_error(int error) { return error == EISDIR ? "this is a folder, a message is expected" : strerror(error); }

static ssize_t read_fd(void *context, void *bytes, size_t n) { return read(*(const int *)context, bytes, n); }

/* Looks at the first bytes of an open file: a mailbox is split by the input, anything else is read by input_load. */
static bool begin_file(struct input *input, struct input_item *item, int fd, bool one_message)
{
	item_room(item, READ_BYTES);
	ssize_t got = 0;
	while (item->n_buf < 5) {
		got = read(fd, item->buf + item->n_buf, 5 - item->n_buf);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		item->n_buf += (size_t)got;
	}
	if (got < 0 || item->n_buf == 0) {
		item_fail(item, "%s", got < 0 ? read_error(errno) : "empty, there is no message in it");
		item->empty = got == 0;
	} else if (!one_message && span_eq(span_of(item->buf, item->n_buf), SPAN("From "))) {
		input->in_mbox = true;
		input->mbox_fd = fd;
		input->mbox_n = 0;
		input->mbox_name = grown(NULL, item->name.n + 1);
		memcpy(input->mbox_name, item->name_buf, item->name.n + 1);
		mbox_init(&input->mbox, span_of(item->buf, 5), read_fd, &input->mbox_fd);
		return false;
	} else {
		item->fd = fd;
		return true;
	}
	if (fd > STDIN_FILENO)
		close(fd);
	return true;
}

/* True when item is ready; false when a mailbox was opened instead. */
static bool open_file(struct input *input, struct input_item *item, const char *path, bool one_message)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return item_fail(item, "cannot be opened: %s", strerror(errno));
	return begin_file(input, item, fd, one_message);
}

static bool next_in_mbox(struct input *input, struct input_item *item)
{
	struct span message;
	int got = mbox_next(&input->mbox, &message);
	if (got == 0) {
		close_mbox(input);
		return false;
	}
	item_begin(item, span_cstr(input->mbox_name));
	item->n = ++input->mbox_n;
	if (got < 0) {
		item_fail(item, "cannot be read on: %s", strerror(errno));
		close_mbox(input);
		return true;
	}
	item_room(item, message.n);
	memcpy(item->buf, message.p, message.n);
	item->n_buf = message.n;
	item->bytes = span_of(item->buf, message.n);
	return true;
}

static int by_name(const FTSENT **a, const FTSENT **b) { return strcmp((*a)->fts_name, (*b)->fts_name); }

static FTS *open_walk(char *path)
{
	char *const roots[] = { path, NULL };
	return fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
}

static bool has_folder(const char *path, const char *name)
{
	char *full;
	struct stat s;
	if (asprintf(&full, "%s/%s", path, name) < 0)
		abort();
	bool is = stat(full, &s) == 0 && S_ISDIR(s.st_mode);
	free(full);
	return is;
}

/* True when the walk should not go into, or not read, this entry: hidden files, and what is no mail in a Maildir. */
static bool left_out(const FTSENT *entry)
{
	if (entry->fts_level == FTS_ROOTLEVEL)
		return false;
	bool hidden = entry->fts_name[0] == '.';
	if (entry->fts_parent->fts_number != FOLDER_MAILDIR)
		return hidden;
	if (entry->fts_info != FTS_D)
		return true;
	return !hidden && strcmp(entry->fts_name, "cur") != 0 && strcmp(entry->fts_name, "new") != 0;
}

/* The next file or failure of the folder that is walked; NULL at its end. */
static FTSENT *walk_next(FTS *walk)
{
	for (FTSENT *entry; (entry = fts_read(walk));) {
		if (entry->fts_info == FTS_DP || entry->fts_info == FTS_DOT)
			continue;
		bool out = left_out(entry);
		if (entry->fts_info == FTS_D) {
			if (out)
				fts_set(walk, entry, FTS_SKIP);
			else if (has_folder(entry->fts_path, "cur") && has_folder(entry->fts_path, "new"))
				entry->fts_number = FOLDER_MAILDIR;
			continue;
		}
		if (!out)
			return entry;
	}
	return NULL;
}

/* False when the folder has no more, or a mailbox was opened. */
static bool next_in_folder(struct input *input, struct input_item *item)
{
	FTSENT *entry = walk_next(input->walk);
	if (!entry) {
		fts_close(input->walk);
		input->walk = NULL;
		if (!input->walk_empty)
			return false;
		item_begin(item, span_cstr(input->paths[-1]));
		item->harmless = true;
		return item_fail(item, "there are no messages in this folder");
	}
	input->walk_empty = false;
	item_begin(item, span_cstr(entry->fts_path));
	switch (entry->fts_info) {
	case FTS_F: return open_file(input, item, entry->fts_path, false);
	case FTS_DC: return item_fail(item, "this folder contains itself through a link");
	case FTS_SL:
	case FTS_SLNONE: return item_fail(item, "this link leads nowhere");
	case FTS_DEFAULT: return item_fail(item, "neither a file nor a folder (a pipe, socket or device); name it directly to read it");
	default: return item_fail(item, "cannot be read: %s", strerror(entry->fts_errno));
	}
}

/* A path of the index is relative to the index's folder. */
static struct span index_target(const struct input *input, struct span path, char **ret_owned)
{
	size_t slash = span_rfind_byte(span_cstr(input->index_path), '/');
	*ret_owned = NULL;
	if (slash == SPAN_NPOS || span_starts(path, SPAN("/")))
		return path;
	char *full = grown(NULL, slash + 1 + path.n + 1);
	memcpy(full, input->index_path, slash + 1);
	memcpy(full + slash + 1, path.p, path.n);
	full[slash + 1 + path.n] = '\0';
	*ret_owned = full;
	return span_of(full, slash + 1 + path.n);
}

/* False at the end of the index. */
static bool next_in_index(struct input *input, struct input_item *item)
{
	ssize_t got = getline(&input->line, &input->line_cap, input->index);
	struct span line = span_of(input->line, got < 0 ? 0 : (size_t)got);
	if (got < 0) {
		fclose(input->index);
		input->index = NULL;
		return false;
	}
	input->index_line++;
	if (span_ends(line, SPAN("\n")))
		input->line[--line.n] = '\0';
	if (span_ends(line, SPAN("\r")))
		input->line[--line.n] = '\0';
	bool ham = span_starts(line, SPAN("ham ")), spam = span_starts(line, SPAN("spam "));
	struct span path = span_skip(line, ham ? 4 : 5);
	if ((!ham && !spam) || path.n == 0 || memchr(line.p, '\0', line.n)) {
		item_begin(item, span_cstr(input->index_path));
		return item_fail(item, "line %zu is no entry; write \"ham PATH\" or \"spam PATH\"", input->index_line);
	}
	char *owned;
	struct span target = index_target(input, path, &owned);
	item_begin(item, target);
	free(owned);
	item->label = ham ? "ham" : "spam";
	return open_file(input, item, (const char *)item->name_buf, true);
}

static bool open_index(struct input *input, struct input_item *item)
{
	input->index = fopen(input->index_path, "re");
	if (input->index)
		return false;
	item_begin(item, span_cstr(input->index_path));
	item_fail(item, "the list cannot be opened: %s", strerror(errno));
	input->index_path = NULL;
	return true;
}

/* The next of the paths the user named. */
static bool open_path(struct input *input, struct input_item *item)
{
	char *path = *input->paths++;
	input->n_paths--;
	struct stat s;
	item_begin(item, span_cstr(path));
	if (strcmp(path, "-") == 0)
		return begin_file(input, item, STDIN_FILENO, false);
	if (stat(path, &s) != 0)
		return item_fail(item, "cannot be opened: %s", strerror(errno));
	if (!S_ISDIR(s.st_mode))
		return open_file(input, item, path, false);
	input->walk = open_walk(path);
	input->walk_empty = true;
	return input->walk ? false : item_fail(item, "cannot be read: %s", strerror(errno));
}

bool input_next(struct input *input, struct input_item *item)
{
	for (;;) {
		if (input->in_mbox) {
			if (next_in_mbox(input, item))
				return true;
		} else if (input->walk) {
			if (next_in_folder(input, item))
				return true;
		} else if (input->index) {
			if (next_in_index(input, item))
				return true;
			input->index_path = NULL;
		} else if (input->index_path) {
			if (open_index(input, item))
				return true;
		} else if (input->n_paths) {
			if (open_path(input, item))
				return true;
		} else {
			return false;
		}
	}
}

void input_load(struct input_item *item)
{
	if (item->fd < 0 || item->failed)
		return;
	struct stat s;
	size_t want =
	    fstat(item->fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size < LIMIT_MESSAGE_BYTES ? (size_t)s.st_size + 1 : READ_BYTES;
	ssize_t got = 1;
	while (got > 0 && item->n_buf < LIMIT_MESSAGE_BYTES + 1) {
		item_room(item, item->n_buf < want ? want - item->n_buf : READ_BYTES);
		size_t room = item->cap - item->n_buf;
		if (room > LIMIT_MESSAGE_BYTES + 1 - item->n_buf)
			room = LIMIT_MESSAGE_BYTES + 1 - item->n_buf;
		got = read(item->fd, item->buf + item->n_buf, room);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			item->n_buf += (size_t)got;
	}
	if (got < 0)
		item_fail(item, "cannot be read: %s", read_error(errno));
	if (item->fd > STDIN_FILENO)
		close(item->fd);
	item->fd = -1;
	item->bytes = span_of(item->buf, item->n_buf);
}

static uint64_t measure_index(const char *path, const atomic_bool *stop)
{
	uint64_t bytes = 0;
	struct stat s;
	struct input input = { .index_path = path, .index = fopen(path, "re") };
	for (ssize_t n; input.index && !*stop && (n = getline(&input.line, &input.line_cap, input.index)) >= 0;) {
		struct span line = span_trim(span_of(input.line, (size_t)n)), label;
		char *owned;
		span_split(&line, ' ', &label);
		input.line[line.p ? (size_t)(line.p + line.n - (uint8_t *)input.line) : 0] = '\0';
		struct span target = index_target(&input, line.p ? line : SPAN(""), &owned);
		if (stat((const char *)target.p, &s) == 0)
			bytes += (uint64_t)s.st_size;
		free(owned);
	}
	input_release(&input);
	return bytes;
}

bool input_measure(char **paths, size_t n_paths, const char *index, const atomic_bool *stop, uint64_t *ret_bytes)
{
	uint64_t bytes = index ? measure_index(index, stop) : 0;
	for (size_t i = 0; i < n_paths && !*stop; i++) {
		struct stat s;
		if (strcmp(paths[i], "-") == 0 || stat(paths[i], &s) != 0 || !(S_ISREG(s.st_mode) || S_ISDIR(s.st_mode)))
			return false;
		FTS *walk = S_ISDIR(s.st_mode) ? open_walk(paths[i]) : NULL;
		if (!walk)
			bytes += (uint64_t)s.st_size;
		for (FTSENT *entry; walk && !*stop && (entry = walk_next(walk));)
			if (entry->fts_info == FTS_F)
				bytes += (uint64_t)entry->fts_statp->st_size;
		if (walk)
			fts_close(walk);
	}
	*ret_bytes = bytes;
	return !*stop;
}
