/* net/spool.c - see spool.h */
#include "net/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

struct spool {
	unsigned holders;
	bool sealed;
	int fd; /* -1: inline */
	uint64_t n;
	uint8_t *inline_bytes; /* capacity of them */
	size_t capacity;
	void *mapped; /* n of the file; NULL until somebody looks */
};

static uint64_t limit = UINT64_MAX, held;

void spool_limit(uint64_t bytes) { limit = bytes; }

struct spool *spool_new(void)
{
	struct spool *spool = calloc(1, sizeof *spool);
	if (!spool)
		abort();
	spool->holders = 1;
	spool->fd = -1;
	return spool;
}

struct spool *spool_hold(struct spool *spool)
{
	spool->holders++;
	return spool;
}

void spool_drop(struct spool *spool)
{
	if (!spool || --spool->holders)
		return;
	held -= spool->n;
	if (spool->mapped)
		munmap(spool->mapped, spool->n);
	if (spool->fd >= 0)
		close(spool->fd);
	free(spool->inline_bytes);
	free(spool);
}

static int write_all(int fd, struct span bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		bytes = span_skip(bytes, (size_t)n);
	}
	return ERR_OK;
}

/* From memory to a file in memory. */
static int move_out(struct spool *spool)
{
	int fd = memfd_create("postern-message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return ERR_IO;
	if (write_all(fd, span_of(spool->inline_bytes, spool->n)) != 0) {
		close(fd);
		return ERR_IO;
	}
	free(spool->inline_bytes);
	spool->inline_bytes = NULL;
	spool->fd = fd;
	return ERR_OK;
}

static int add_inline(struct spool *spool, struct span bytes)
{
	size_t need = spool->n + bytes.n;
	if (need > spool->capacity) {
		size_t capacity = spool->capacity ? spool->capacity : 4096;
		while (capacity < need)
			capacity *= 2;
		uint8_t *grown = realloc(spool->inline_bytes, capacity);
		if (!grown)
			return ERR_LIMIT;
		spool->inline_bytes = grown;
		spool->capacity = capacity;
	}
	memcpy(spool->inline_bytes + spool->n, bytes.p, bytes.n);
	return ERR_OK;
}

int spool_add(struct spool *spool, struct span bytes)
{
	int err = ERR_OK;
	if (bytes.n == 0)
		return ERR_OK;
	if (bytes.n > limit - (held < limit ? held : limit))
		return ERR_LIMIT;
	if (spool->fd < 0 && spool->n + bytes.n > SPOOL_INLINE)
		err = move_out(spool);
	if (err == 0)
		err = spool->fd < 0 ? add_inline(spool, bytes) : write_all(spool->fd, bytes);
	if (err == 0) {
		spool->n += bytes.n;
		held += bytes.n;
	}
	return err;
}

uint64_t spool_bytes(const struct spool *spool) { return spool->n; }

int spool_seal(struct spool *spool)
{
	if (spool->fd >= 0 && !spool->sealed && fcntl(spool->fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) != 0)
		return ERR_IO;
	spool->sealed = true;
	return ERR_OK;
}

struct span spool_span(struct spool *spool)
{
	if (spool->fd < 0)
		return span_of(spool->inline_bytes ? spool->inline_bytes : (const uint8_t *)"", spool->n);
	if (!spool->mapped) {
		void *mapped = mmap(NULL, spool->n, PROT_READ, MAP_SHARED, spool->fd, 0);
		if (mapped == MAP_FAILED)
			return span_none;
		spool->mapped = mapped;
	}
	return span_of(spool->mapped, spool->n);
}

int spool_fd(const struct spool *spool) { return spool->fd; }

int spool_of_fd(int fd, uint64_t bytes, struct spool **ret)
{
	int seals = fcntl(fd, F_GET_SEALS);
	/* unsealed, its writer could pull the bytes away from under who reads them */
	if (bytes == 0 || seals < 0 || (seals & SEALS) != SEALS || lseek(fd, 0, SEEK_END) != (off_t)bytes) {
		close(fd);
		return ERR_SYNTAX;
	}
	struct spool *spool = spool_new();
	spool->fd = fd;
	spool->n = bytes;
	spool->sealed = true;
	held += bytes;
	*ret = spool;
	return ERR_OK;
}
