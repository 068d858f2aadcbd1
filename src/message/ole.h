/* message/ole.h - OLE compound files, the container of Word 97 documents, installers and Outlook messages ([MS-CFB]).
 *
 * Walks the directory and reads the beginnings of streams.
 * Promises: no allocation; sector chains may be cyclic, overlap or lead nowhere: each step is counted, and the walk of one file ends after
 * LIMIT_OLE_SECTORS steps (ole.cut).
 * Does not: decompress VBA, or write. */
#ifndef MESSAGE_OLE_H
#define MESSAGE_OLE_H

#include "base/limits.h"
#include "base/span.h"

enum ole_kind { OLE_FREE = 0, OLE_STORAGE = 1, OLE_STREAM = 2, OLE_ROOT = 5 };

struct ole {
	struct span bytes;
	uint32_t sector_shift, mini_shift, mini_below; /* streams shorter than mini_below live in the mini stream */
	uint32_t n_sectors;
	uint32_t directory, mini_fat, difat; /* first sectors of their chains */
	uint32_t mini_stream;                /* first sector of the stream that holds the small streams */
	uint32_t sector, slot, sectors_seen; /* where the directory walk stands */
	uint32_t steps;                      /* sectors looked up in all */
	bool damaged, cut;
};

struct ole_entry {
	enum ole_kind kind;
	char name[32]; /* UTF-16 narrowed: control characters stay, what is not ASCII becomes '?' */
	size_t name_n;
	struct span class_id; /* 16 bytes */
	uint32_t start;       /* first sector */
	uint64_t bytes;
};

/* False when the bytes are no compound file. */
bool ole_open(struct span bytes, struct ole *ret_ole);
/* The next used entry of the directory; false at the end, after damage or a limit. */
bool ole_next(struct ole *ole, struct ole_entry *ret_entry);
/* Copies up to n bytes of a stream from its beginning; returns how many. */
size_t ole_read(struct ole *ole, const struct ole_entry *entry, uint8_t *ret_bytes, size_t n);
static inline struct span ole_entry_name(const struct ole_entry *entry) { return span_of(entry->name, entry->name_n); }

#endif
