/* state/weights_sift.h - which lessons of a journal are in force, and what all its other records come to.
 *
 * For compaction, which keeps the newest, and for a merge, which takes over all. In force is the newest record of an id, if it is a lesson;
 * a lesson that was taken back, and what took it back, go into the sum, where they come to nothing.
 * Promises: linear time; the journal's bytes are hostile: it ends at its first unsound record.
 * Owner: the caller of the journal's bytes, until weights_sift_release. */
#ifndef STATE_WEIGHTS_SIFT_H
#define STATE_WEIGHTS_SIFT_H

#include "base/limits.h"
#include "base/vec.h"
#include "state/weights_parts.h"

struct weights_sift {
	VEC(struct span) kept; /* records in force, in the order of the journal; neighbours are one span */
	uint64_t n_kept;
	struct weights_state other; /* counts of the other records */
	struct weights_sum sum;     /* what they come to */
	size_t end;                 /* of the last sound record */
	struct weights_source sources[LIMIT_WEIGHTS_SOURCES];
	struct arena arena, decoded; /* of all of it, of one record */
};

/* keep: at most so many of the newest lessons stay; the others are added up too. ERR_SYNTAX: no journal of so many cells. ERR_LIMIT: too
 * many sources. Release in any case. */
int weights_sift(struct span journal, uint32_t n_cells, uint64_t keep, struct weights_sift *ret_sift);
void weights_sift_release(struct weights_sift *sift);
/* The sum as a record, in the sift's arena. */
struct span weights_sift_sum(struct weights_sift *sift, uint32_t n_cells);

#endif
