/* state/weights_record.h - the bytes of the journal of state/weights.h: a header, then records.
 *
 *	header  "pstnjrnl"  u32 version  u32 format  u32 cells  u32 keep  u64 epoch  u8 store[16]  u64 zero  u64 checksum
 *	record  u64 checksum  u32 bytes  u8 kind  u8 label  u16 groups  u64 zero  i64 time  u8 id[16]  u64 tag  payload
 *	LESSON, FORGET payload, a group:  varint zigzag(by)  varint n  u8 k  varint bytes  n Rice-coded gaps with parameter k
 *	SUM payload:  u64 spam  u64 ham  u64 forgotten  u32 sources  u32 zero  sources {u8 store[16] u64 mark}  i32 cells[n_cells]
 *
 * Little-endian; `bytes` is the whole record; checksums are XXH3 of everything after them in a record, before them in the header.
 * Every record is added to the cells: a LESSON as it was taught, a FORGET with the opposite sign, and a SUM stands for older records that
 * were compacted away or came with a merge. 3,000 gaps among 4 million cells take 4.5 kB: nearly what information theory asks for.
 *
 * Pure. Bytes are hostile: nothing is read outside the span, and no group names a cell beyond n_cells. */
#ifndef STATE_WEIGHTS_RECORD_H
#define STATE_WEIGHTS_RECORD_H

#include "base/arena.h"
#include "state/weights.h"

enum { WEIGHTS_RECORD_HEADER = 64, WEIGHTS_RECORD_HEAD = 56 };

enum weights_record_kind { WEIGHTS_RECORD_LESSON = 1, WEIGHTS_RECORD_FORGET = 2, WEIGHTS_RECORD_SUM = 3 };

struct weights_record_header {
	uint32_t format, n_cells, keep;
	uint64_t epoch; /* grows with each compaction: which journal is this? */
	struct weights_id store;
};

struct weights_record {
	enum weights_record_kind kind;
	enum weights_label label;
	uint32_t bytes, n_groups;
	int64_t time;
	struct weights_id id;
	uint64_t tag;
	struct span payload;
};

/* Whose older lessons a sum holds: of which store, and a hash of what they added. */
struct weights_source {
	struct weights_id store;
	uint64_t mark;
};

struct weights_sum {
	uint64_t spam, ham, forgotten;
	uint32_t n_sources; /* at most LIMIT_WEIGHTS_SOURCES */
	struct weights_source *sources;
	int32_t *cells; /* n_cells */
};

void weights_record_write_header(const struct weights_record_header *header, uint8_t ret_bytes[WEIGHTS_RECORD_HEADER]);
/* ERR_SYNTAX when it is none. */
int weights_record_read_header(struct span journal, struct weights_record_header *ret_header);

/* May a lesson have these groups? ERR_USAGE: cells unsorted or out of range. ERR_LIMIT: too many. */
int weights_record_check(const struct weights_group *groups, uint32_t n_groups, uint32_t n_cells);
/* A LESSON or FORGET from head (all but bytes, n_groups and payload) and groups. Errors of weights_record_check. */
int weights_record_write(struct arena *arena, const struct weights_record *head, const struct weights_group *groups, uint32_t n_groups,
			 uint32_t n_cells, struct span *ret_bytes);
struct span weights_record_write_sum(struct arena *arena, const struct weights_record *head, const struct weights_sum *sum,
				     uint32_t n_cells);

/* The fixed part of the record that bytes begin with, its length checked against limits but nothing else: ERR_SYNTAX when it cannot be. */
int weights_record_peek(struct span bytes, uint32_t n_cells, struct weights_record *ret_record);
/* The whole record that bytes begin with: ERR_SYNTAX when it is not all there or was changed. */
int weights_record_read(struct span bytes, uint32_t n_cells, struct weights_record *ret_record);
/* What is in it, in the arena; ERR_SYNTAX, ERR_LIMIT. */
int weights_record_groups(const struct weights_record *record, uint32_t n_cells, struct arena *arena, struct weights_group **ret_groups);
/* Only the counters of a SUM. */
struct weights_sum weights_record_counts(const struct weights_record *record);
/* The sources of a SUM, added to *n others; those of one store and mark once. ERR_SYNTAX, ERR_LIMIT. */
int weights_record_sources(const struct weights_record *record, struct weights_source sources[], uint32_t *n);
int weights_record_sum(const struct weights_record *record, uint32_t n_cells, struct arena *arena, struct weights_sum *ret_sum);

#endif
