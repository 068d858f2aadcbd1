/* state/weights_parts.h - what the files of state/weights.h share among themselves; nobody else includes it.
 *
 * The mapped file, every part beginning on a page:
 *	header   fixed when the file is made, with a checksum
 *	live     two states with checksums, of which `commit` names the good one, and two intents
 *	index    id to the journal offset of its newest record: a hash table of 64-bit slots, rebuilt with the cells
 *	cells    int32
 *
 * How a lesson goes in, so that a kill at any instruction leaves it in or out:
 *	1. its record is appended to the journal (write); until it is whole, nothing happened, and the next learner cuts the torn tail off
 *	2. each cell is changed; before that, one 64-bit store into the intent says which update of the record, and the value it makes.
 *	   Who comes after a killed process stores that value again, and goes on with the next update
 *	3. the new state (the journal is now so long) goes where the old one is not, and one 64-bit store of `commit` makes it the good one
 * A killed process's stores are complete up to one instruction, and none after it, whatever the processor: so order is enough, no flushing.
 * After a restart of the machine nothing of the mapped file is trusted but its first pages: unless cells and index have the hash that they
 *had at the last sync, and nothing was taught since, they are made again from the journal. */
#ifndef STATE_WEIGHTS_PARTS_H
#define STATE_WEIGHTS_PARTS_H

#include "state/weights_record.h"

#include <sys/types.h>

struct weights_file_header {
	uint64_t magic; /* a number, not text: a file of the other byte order is refused */
	uint32_t version, format, n_cells, keep;
	struct weights_id store; /* random: which machine's learning is this? Seeds the index */
	uint64_t index_slots, index_at, cells_at, bytes;
	uint64_t checksum;
};

struct weights_state {
	uint64_t epoch;         /* of the journal that the cells are the sum of */
	uint64_t journal_bytes; /* of it that are in the cells */
	uint64_t synced_bytes;  /* of it that are known to be on disk */
	uint64_t synced_hash;   /* of cells and index, when nothing was taught since weights_sync; else 0 */
	uint64_t records, spam, ham, forgotten;
	int64_t oldest, newest;
	struct weights_id boot; /* of the machine, while it wrote this; zero when that cannot be known */
	uint64_t checksum;
};

struct weights_live {
	uint64_t commit;      /* generation; states[commit & 1] is good */
	uint64_t index_epoch; /* of the journal that the index tells of; 0 while it is being made */
	uint64_t intents[2];  /* (number of the update + 1) << 32 | value; 0 before the first */
	struct weights_state states[2];
};

struct weights_ids; /* of the memory variant */

struct weights {
	enum weights_mode mode;
	char *path, *journal_path;
	int fd, journal_fd;
	dev_t journal_dev;
	ino_t journal_ino;
	uint8_t *map;
	const struct weights_file_header *header;
	struct weights_live *live;
	uint64_t *index;
	int32_t *cells;
	uint32_t n_cells, keep;
	bool held;
	bool sound;               /* the mapped file, as far as its first pages tell */
	struct weights_state now; /* the state while held; in memory, all the time */
	struct weights_ids *ids;  /* in memory; otherwise NULL */
	struct arena arena;       /* of one call */
	struct weights_id boot;
	char why[WEIGHTS_WHY_MAX];
};

/* Writes the sentence into w->why and returns err. */
int weights_fail(struct weights *w, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Adds groups to the cells, or subtracts them (sign -1), going on where *intent says that somebody was killed. */
void weights_add(int32_t *cells, const struct weights_group *groups, uint32_t n_groups, int sign, uint64_t *intent);
/* The same with what a record says; it is decoded into the arena. ERR_SYNTAX, ERR_LIMIT: nothing was changed. */
int weights_add_record(const struct weights_record *record, int32_t *cells, uint32_t n_cells, uint64_t *intent, struct arena *arena);
/* Counts a record in the state. */
void weights_count(struct weights_state *state, const struct weights_record *record);

/* Compacts when due, then weights_journal_append. */
int weights_append(struct weights *w, struct span bytes, const struct weights_group *groups);

/* weights_file.c: opens or makes and maps the file; LEARN holds its lock afterwards. Errors as weights_open. */
int weights_file_open(struct weights *w, const struct weights_options *options);
/* WEIGHTS_FILE_REPLACED: another file has the name by now; nothing is locked then. */
enum { WEIGHTS_FILE_REPLACED = 1 };
int weights_file_lock(struct weights *w);
void weights_file_unlock(struct weights *w);
/* The good state; ERR_SYNTAX when there is none. */
int weights_file_state(const struct weights *w, struct weights_state *ret_state, uint64_t *ret_generation);
/* Makes it the good one. */
void weights_file_commit(struct weights *w, struct weights_state *state);
/* A hash of cells and index. */
uint64_t weights_file_hash(const struct weights *w);
/* The intent of the good state. */
uint64_t *weights_file_intent(struct weights *w);
int weights_file_set_aside(struct weights *w, const char *path, const char *kind, int64_t now);
struct weights_id weights_file_boot(void);

/* weights_index.c: ids to journal offsets. */
uint64_t weights_index_slots(uint32_t keep);
/* Sets the id's slot; again with the same offset changes nothing. ERR_LIMIT: the table is full. */
int weights_index_put(struct weights *w, const struct weights_id *id, uint64_t offset);
/* The offset of the id's newest record, whose head is *ret_record; 0 when there is none. */
uint64_t weights_index_find(struct weights *w, const struct weights_id *id, struct weights_record *ret_record);
void weights_index_clear(struct weights *w);

/* weights_journal.c: the file of records. Offsets are those of records in it. */

/* Takes over what other processes did: opens the journal that is there now, makes the first one, ends what a killed process began, cuts a
 * torn tail, rebuilds the cells after a restart of the machine. aside: of enum weights_aside. Sets w->now. ERR_SYNTAX, ERR_IO. */
int weights_journal_catch_up(struct weights *w, unsigned aside, int64_t now);
/* Writes a record (of these groups) at the end, adds it to the cells, commits. On failure nothing was changed. */
int weights_journal_append(struct weights *w, struct span bytes, const struct weights_group *groups);
/* One record, read into the arena; ERR_SYNTAX. */
int weights_journal_fetch(struct weights *w, uint64_t offset, struct weights_record *ret_record);
/* All of the journal, mapped; munmap it. */
int weights_journal_map(struct weights *w, int fd, const char *path, struct span *ret_bytes);
/* Puts a file of header and pieces in the journal's place, on disk when this returns; w then has it open. */
int weights_journal_replace(struct weights *w, uint64_t epoch, const struct span *pieces, size_t n_pieces);

/* weights_compact.c: a new journal with the newest lessons only, the rest as one sum. */
bool weights_compact_due(const struct weights *w);
int weights_compact(struct weights *w);

/* weights_memory.c */
void weights_memory_release(struct weights *w);
/* Zeroed cells of our own, in large pages where the system has them. */
int32_t *weights_memory_cells(uint32_t n_cells);
void weights_memory_free(int32_t *cells, uint32_t n_cells);
bool weights_memory_known(const struct weights *w, const struct weights_id *id, struct weights_taught *ret_taught);
void weights_memory_remember(struct weights *w, const struct weights_lesson *lesson);

#endif
