/* app/address_files.c - see address_files.h */
#include "app/address_files.h"
#include "base/record.h"
#include "facts/address_lists.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void address_files_forget(struct address_files *files) { memset(files, 0, sizeof *files); }

struct one {
	unsigned place;
	enum wire_addresses kind;
	struct span path; /* followed by a NUL; span_none: the settings name none there */
	uid_t owner;      /* of the live set: it lies where another user writes */
	struct span list; /* the name of a list that is asked; span_none: it decides by itself */
};

static int open_one(const struct one *one, struct stat *ret_is)
{
	bool live = one->kind == WIRE_ADDRESSES_LIVE;
	int fd = one->path.n ? open((const char *)one->path.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (live ? O_NOFOLLOW : 0)) : -1;
	if (fd >= 0 && (fstat(fd, ret_is) != 0 || !S_ISREG(ret_is->st_mode) || (live && ret_is->st_uid != one->owner))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void tell(const struct one *one, int fd, struct channel *front)
{
	struct arena arena;
	struct buf out;
	arena_init(&arena);
	buf_init(&out, &arena, SIZE_MAX);
	if (one->list.p) {
		record_put_text(&out, one->list);
	} else {
		record_put_number(&out, one->place);
		record_put_number(&out, one->kind);
	}
	record_put_text(&out, one->path);
	channel_send(front, one->list.p ? WIRE_LIST : WIRE_ADDRESSES, 0, buf_span(&out), NULL, fd);
	arena_release(&arena);
}

static void look(struct address_files *files, const struct one *one, struct channel *front)
{
	struct stat is = { 0 };
	uint64_t inode = 0, changed = 0;
	if (one->path.n && stat((const char *)one->path.p, &is) == 0) {
		inode = is.st_ino;
		/* the live set changes all the time, and stays the same file */
		changed = one->kind == WIRE_ADDRESSES_LIVE ? 1 : (uint64_t)is.st_mtim.tv_sec * 1000000000 + (uint64_t)is.st_mtim.tv_nsec;
	}
	if (files->file[one->place].told && files->file[one->place].inode == inode && files->file[one->place].changed == changed)
		return;
	int fd = inode ? open_one(one, &is) : -1;
	tell(one, fd, front);
	if (fd >= 0)
		close(fd);
	files->file[one->place].inode = inode;
	files->file[one->place].changed = changed;
	files->file[one->place].told = true;
}

void address_files_tell(struct address_files *files, const struct settings *s, const char *data, uid_t keeper, struct channel *front)
{
	char live[4096];
	unsigned place = 0;
	if (!front)
		return;
	/* of equally narrow entries the first list's holds: what is allowed is */
	for (size_t i = 0; i < s->allow_addresses.n && place < LIMIT_ADDRESS_LISTS; i++, place++)
		look(files, &(struct one){ place, WIRE_ADDRESSES_ALLOW, s->allow_addresses.v[i] }, front);
	for (size_t i = 0; i < s->block_addresses.n && place < LIMIT_ADDRESS_LISTS; i++, place++)
		look(files, &(struct one){ place, WIRE_ADDRESSES_BLOCK, s->block_addresses.v[i] }, front);
	for (; place < LIMIT_ADDRESS_LISTS; place++)
		look(files, &(struct one){ place, WIRE_ADDRESSES_BLOCK, span_none }, front);
	int n = snprintf(live, sizeof live, "%s/%s", data, ADDRESS_LIVE_FOLDER "/" ADDRESS_LIVE_NAME);
	if (n > 0 && (size_t)n < sizeof live)
		look(files, &(struct one){ place, WIRE_ADDRESSES_LIVE, span_of((const uint8_t *)live, (size_t)n), .owner = keeper }, front);
	for (size_t i = 0; i < s->lists.n && ++place < ADDRESS_FILES; i++)
		if (s->lists.v[i].file.n && s->lists.v[i].asks & LIST_CLIENT)
			look(files, &(struct one){ place, WIRE_ADDRESSES_BLOCK, s->lists.v[i].file, .list = s->lists.v[i].name }, front);
}
