/* state/quarantine.c - see quarantine.h
 *
 * A file ID.message: 8 bytes "postheld", u32 bytes of the case, of the message, of the compressed message, u64 XXH3 of what follows; the
 * case (verdict/casefile.h), the compressed message (zstd). Little-endian. */
#include "state/quarantine.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/limits.h"
#include "verdict/casefile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

enum { HEAD = 28, LEVEL = 3, NAME = CASEFILE_ID + 16 };
static const char magic[8] = "postheld";
static const char ending[] = ".message";

struct quarantine {
	int folder;
};

static void sync_folder(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return;
	fsync(folder);
	close(folder);
}

int quarantine_open(const char *path, bool write, struct quarantine **ret)
{
	char *name;
	if (asprintf(&name, "%s/quarantine", path) < 0)
		abort();
	int folder = -1;
	bool made = write && mkdir(name, 0700) == 0;
	if (!write || made || errno == EEXIST)
		folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (made)
		sync_folder(path); /* or its first messages would go with it */
	free(name);
	if (folder < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	struct quarantine *quarantine = malloc(sizeof *quarantine);
	if (!quarantine)
		abort();
	quarantine->folder = folder;
	*ret = quarantine;
	return 0;
}

void quarantine_close(struct quarantine *quarantine)
{
	if (!quarantine)
		return;
	close(quarantine->folder);
	free(quarantine);
}

static bool file_name(struct span id, const char *end, char ret_name[NAME])
{
	uint64_t time;
	if (!casefile_id_time(id, &time)) /* so it holds no slash */
		return false;
	snprintf(ret_name, NAME, "%.*s%s", SPAN_ARG(id), end);
	return true;
}

static void put_number(struct buf *out, uint64_t n, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++, n >>= 8)
		buf_byte(out, (uint8_t)n);
}

static struct span whole_file(struct span record, struct span content, struct arena *arena)
{
	struct buf out;
	size_t most = ZSTD_compressBound(content.n);
	uint8_t *packed = arena_alloc(arena, most);
	size_t n = ZSTD_compress(packed, most, content.p, content.n, LEVEL);
	if (ZSTD_isError(n))
		return span_none;
	buf_init(&out, arena, SIZE_MAX);
	buf_room(&out, HEAD + record.n + n);
	buf_put(&out, span_of(magic, sizeof magic));
	put_number(&out, record.n, 4);
	put_number(&out, content.n, 4);
	put_number(&out, n, 4);
	put_number(&out, 0, 8);
	buf_put(&out, record);
	buf_put(&out, span_of(packed, n));
	uint64_t sum = XXH3_64bits(out.p + HEAD, out.n - HEAD);
	for (unsigned i = 0; i < 8; i++)
		out.p[HEAD - 8 + i] = (uint8_t)(sum >> 8 * i);
	return buf_span(&out);
}

static bool write_synced(int file, struct span bytes)
{
	while (bytes.n) {
		ssize_t n = write(file, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = span_skip(bytes, (size_t)n);
	}
	return fsync(file) == 0;
}

int quarantine_put(struct quarantine *quarantine, struct span id, struct span record, struct span content)
{
	char name[NAME], beside[NAME];
	struct arena arena;
	if (!file_name(id, ending, name) || !file_name(id, ".new", beside))
		return ERR_SYNTAX;
	int file = openat(quarantine->folder, beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0)
		return ERR_IO;
	arena_init(&arena);
	struct span bytes = whole_file(record, content, &arena);
	bool ok = bytes.n && write_synced(file, bytes);
	int why = errno;
	ok =
	    close(file) == 0 && ok && renameat(quarantine->folder, beside, quarantine->folder, name) == 0 && fsync(quarantine->folder) == 0;
	if (!ok) {
		why = errno ? errno : why;
		unlinkat(quarantine->folder, beside, 0);
		errno = why;
	}
	arena_release(&arena);
	return ok ? 0 : ERR_IO;
}

static int read_whole(int folder, const char *name, struct arena *arena, struct span *ret)
{
	struct stat is;
	int file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (file < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	if (fstat(file, &is) != 0 || is.st_size < HEAD || is.st_size > 2 * (int64_t)LIMIT_MESSAGE_BYTES) {
		close(file);
		return ERR_SYNTAX;
	}
	size_t size = (size_t)is.st_size, at = 0;
	uint8_t *bytes = arena_alloc(arena, size);
	while (at < size) {
		ssize_t n = read(file, bytes + at, size - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	close(file);
	*ret = span_of(bytes, size);
	return at == size ? 0 : ERR_IO;
}

static int unpack(struct span packed, uint32_t size, struct arena *arena, struct span *ret)
{
	uint8_t *content = arena_alloc(arena, (size_t)size + 1);
	size_t got = ZSTD_decompress(content, size, packed.p, packed.n);
	if (ZSTD_isError(got) || got != size)
		return ERR_SYNTAX;
	*ret = span_of(content, size);
	return 0;
}

int quarantine_get(struct quarantine *quarantine, struct span id, struct arena *arena, struct span *ret_record, struct span *ret_content)
{
	char name[NAME];
	struct span bytes;
	if (!file_name(id, ending, name))
		return ERR_NOT_FOUND;
	int err = read_whole(quarantine->folder, name, arena, &bytes);
	if (err < 0)
		return err;
	struct cursor c = cursor_of(bytes);
	bool ours = span_eq(cursor_take(&c, sizeof magic), span_of(magic, sizeof magic));
	uint32_t n_record = cursor_u32(&c), size = cursor_u32(&c), n_packed = cursor_u32(&c);
	uint64_t sum = cursor_u64(&c);
	struct span record = cursor_take(&c, n_record), packed = cursor_take(&c, n_packed);
	if (!ours || c.overrun || cursor_left(&c) || size > LIMIT_MESSAGE_BYTES || XXH3_64bits(bytes.p + HEAD, bytes.n - HEAD) != sum)
		return ERR_SYNTAX;
	if (ret_content && (err = unpack(packed, size, arena, ret_content)) < 0)
		return err;
	if (ret_record)
		*ret_record = record;
	return 0;
}

int quarantine_drop(struct quarantine *quarantine, struct span id)
{
	char name[NAME];
	if (!file_name(id, ending, name))
		return ERR_NOT_FOUND;
	if (unlinkat(quarantine->folder, name, 0) != 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	return 0;
}

int quarantine_each(struct quarantine *quarantine, bool (*each)(void *context, struct span id, uint64_t bytes), void *context)
{
	int again = openat(quarantine->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = again < 0 ? NULL : fdopendir(again);
	if (!folder)
		return ERR_IO;
	bool more = true;
	for (struct dirent *entry; more && (entry = readdir(folder));) {
		struct span name = span_cstr(entry->d_name), id = span_first(name, CASEFILE_ID);
		uint64_t time;
		struct stat is;
		if (span_eq(span_skip(name, CASEFILE_ID), span_cstr(ending)) && casefile_id_time(id, &time) &&
		    fstatat(quarantine->folder, entry->d_name, &is, AT_SYMLINK_NOFOLLOW) == 0)
			more = each(context, id, (uint64_t)is.st_size);
	}
	closedir(folder);
	return 0;
}
