/* state/stages.c - see stages.h. Host byte order: the file does not leave the machine. */
#include "state/stages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[16] = "postern stages 1";

struct row {
	int64_t hour; /* since 1970; 0: never written */
	uint64_t n[STAGES_WIDTH];
};

struct file {
	char magic[16];
	struct row row[STAGES_HOURS];
};

struct stages {
	struct file *file;
};

_Static_assert((int)STAGES <= (int)STAGES_WIDTH, "no room in a row");

static const struct {
	const char *name, *words;
} stages[] = {
#define STAGE(symbol, name, words) [STAGE_##symbol] = { name, words },
#include "state/stages.def"
#undef STAGE
};

const char *stage_name(enum stage stage) { return stages[stage].name; }
const char *stage_words(enum stage stage) { return stages[stage].words; }

static int map(const char *path, bool written, struct file **ret)
{
	struct stat is;
	int fd = open(path, (written ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	int err = fstat(fd, &is) != 0 ? ERR_IO : ERR_OK;
	bool fresh = err == 0 && is.st_size == 0 && written;
	/* room is taken now: a full disk is met here, not as a signal later */
	if (fresh && posix_fallocate(fd, 0, sizeof **ret) != 0)
		err = ERR_IO;
	else if (err == 0 && !fresh && is.st_size != sizeof **ret)
		err = ERR_SYNTAX;
	void *at = err == 0 ? mmap(NULL, sizeof **ret, written ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
	close(fd);
	if (at == MAP_FAILED) {
		if (fresh)
			unlink(path);
		return err ? err : ERR_IO;
	}
	*ret = at;
	if (fresh)
		memcpy((*ret)->magic, magic, sizeof magic);
	if (memcmp((*ret)->magic, magic, sizeof magic) == 0)
		return ERR_OK;
	munmap(at, sizeof **ret);
	return ERR_SYNTAX;
}

int stages_open(const char *folder, bool written, struct stages **ret)
{
	char path[4096], aside[4096 + sizeof ".damaged"];
	struct file *file = NULL;
	if ((size_t)snprintf(path, sizeof path, "%s/stages", folder) >= sizeof path)
		return ERR_IO;
	int err = map(path, written, &file);
	snprintf(aside, sizeof aside, "%s.damaged", path);
	if (err == ERR_SYNTAX && written && rename(path, aside) == 0)
		err = map(path, written, &file);
	struct stages *opened = err == 0 ? calloc(1, sizeof *opened) : NULL;
	if (err == 0 && !opened)
		abort();
	if (err)
		return err;
	opened->file = file;
	*ret = opened;
	return ERR_OK;
}

void stages_close(struct stages *s)
{
	if (!s)
		return;
	munmap(s->file, sizeof *s->file);
	free(s);
}

static int64_t hour_of(int64_t time) { return time / 3600; }
static struct row *row_of(const struct stages *s, int64_t hour) { return &s->file->row[hour % STAGES_HOURS]; }

void stages_add(struct stages *s, int64_t now, const struct stage_counts *counts)
{
	int64_t hour = hour_of(now);
	if (hour <= 0)
		return;
	struct row *row = row_of(s, hour);
	if (row->hour != hour) {
		memset(row->n, 0, sizeof row->n);
		row->hour = hour;
	}
	for (unsigned i = 0; i < STAGES; i++)
		row->n[i] += counts->n[i];
}

void stages_sum(const struct stages *s, int64_t from, int64_t until, struct stage_counts *ret)
{
	memset(ret, 0, sizeof *ret);
	int64_t last = hour_of(until - 1), first = hour_of(from);
	if (first <= last - STAGES_HOURS)
		first = last - STAGES_HOURS + 1;
	for (int64_t hour = first > 0 ? first : 1; hour <= last; hour++) {
		const struct row *row = row_of(s, hour);
		for (unsigned i = 0; i < STAGES && row->hour == hour; i++)
			ret->n[i] += row->n[i];
	}
}

struct stages_open stages_open_of(const struct stage_counts *c)
{
	struct stages_open open = { .door = (int64_t)c->n[STAGE_OFFERED], .judge = (int64_t)(c->n[STAGE_PASSED] + c->n[STAGE_HANDED_IN]) };
	for (unsigned i = STAGE_REFUSED_LIST; i <= STAGE_PASSED; i++)
		open.door -= (int64_t)c->n[i];
	open.judge -= (int64_t)c->n[STAGE_ABANDONED];
	for (unsigned i = STAGE_ACCEPTED; i <= STAGE_UNJUDGED; i++)
		open.judge -= (int64_t)c->n[i];
	open.trap = (int64_t)(c->n[STAGE_TRAP_HIT] + c->n[STAGE_TRAP_RECIPIENT]);
	for (unsigned i = STAGE_TRAP_KEPT_OUT; i <= STAGE_TRAP_NO_ROOM; i++)
		open.trap -= (int64_t)c->n[i];
	return open;
}
