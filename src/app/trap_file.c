/* app/trap_file.c - see trap_file.h. The file: MAGIC, a checksum of the rest, trap_memory_write. */
#include "app/trap_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define MAGIC "postern trap 1\n"
enum { MAGIC_BYTES = sizeof MAGIC - 1, HEAD_BYTES = MAGIC_BYTES + sizeof(uint64_t), FILE_BYTES = 128 * 1024 * 1024 };

static int check(struct span file, struct trap_memory *memory)
{
	uint64_t sum;
	struct span rest = span_skip(file, HEAD_BYTES);
	if (file.n < HEAD_BYTES || !span_starts(file, SPAN(MAGIC)))
		return ERR_SYNTAX;
	memcpy(&sum, file.p + MAGIC_BYTES, sizeof sum);
	return XXH3_64bits(rest.p, rest.n) == sum ? trap_memory_read(memory, rest) : ERR_SYNTAX;
}

int trap_file_read(const char *data_directory, struct trap_memory *memory)
{
	struct arena arena;
	struct stat is;
	arena_init(&arena);
	int fd = open((const char *)arena_printf(&arena, "%s/trap", data_directory).p, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 && errno == ENOENT ? ERR_NOT_FOUND : fd < 0 || fstat(fd, &is) != 0 ? ERR_IO : ERR_OK;
	if (err == 0 && (is.st_size > FILE_BYTES || !S_ISREG(is.st_mode)))
		err = ERR_SYNTAX;
	if (err == 0) {
		uint8_t *bytes = arena_alloc(&arena, (size_t)is.st_size + 1);
		ssize_t n = pread(fd, bytes, (size_t)is.st_size, 0);
		err = n == is.st_size ? check(span_of(bytes, (size_t)n), memory) : ERR_IO;
	}
	if (fd >= 0)
		close(fd);
	arena_release(&arena);
	return err;
}

static bool write_bytes(const char *path, struct span bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0;
	while (ok && bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		ok = n > 0;
		bytes = span_skip(bytes, ok ? (size_t)n : 0);
	}
	ok = ok && fsync(fd) == 0;
	return fd >= 0 && close(fd) == 0 && ok;
}

int trap_file_write(const char *data_directory, const struct trap_memory *memory)
{
	struct arena arena;
	struct buf out;
	uint64_t sum = 0;
	arena_init(&arena);
	buf_init(&out, &arena, FILE_BYTES);
	buf_put(&out, SPAN(MAGIC));
	buf_put(&out, span_of(&sum, sizeof sum));
	trap_memory_write(memory, &out);
	sum = XXH3_64bits(out.p + HEAD_BYTES, out.n - HEAD_BYTES);
	memcpy(out.p + MAGIC_BYTES, &sum, sizeof sum);
	const char *path = (const char *)arena_printf(&arena, "%s/trap", data_directory).p;
	const char *beside = (const char *)arena_printf(&arena, "%s/trap.new", data_directory).p;
	bool ok = !out.full && write_bytes(beside, buf_span(&out)) && rename(beside, path) == 0;
	arena_release(&arena);
	return ok ? ERR_OK : ERR_IO;
}
