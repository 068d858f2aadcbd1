/* state/stages.h - how much was offered and what became of it, hour by hour: counters that add up.
 *
 * A file of a fixed size, mapped: one row of counters for each hour, the oldest hour overwritten after STAGES_HOURS. One writer, any
 * number of readers, who never wait. What was added survives kill -9; loss of power may take the last half a minute.
 * Three identities hold, once nobody is under way any more:
 *
 *	offered = refused + put off + gone + passed
 *	passed + handed in = abandoned + judged (by verdict) + not judged
 *	hits of traps = what became of each
 *
 * While somebody is under way, and where a process was killed, the left side is larger: stages_open says by how much. It is never
 * smaller. Owner: the caller owns the handle. */
#ifndef STATE_STAGES_H
#define STATE_STAGES_H

#include "base/err.h"
#include "base/span.h"

enum stage {
#define STAGE(symbol, name, words) STAGE_##symbol,
#include "state/stages.def"
#undef STAGE
	STAGES
};
enum { STAGES_HOURS = 24 * 800, STAGES_WIDTH = 32 };

/* Those of traps: what became of each hit follows TRAP_KEPT_OUT in the order of enum trap_gate_did (app/trap_gate.h), of each transaction
 * TRAP_PROBE in the order of enum probe_kind. */
enum { STAGES_OF_TRAP = STAGES - STAGE_TRAP_CAME };

struct stage_counts {
	uint64_t n[STAGES];
};

struct stages;

/* folder/stages; written: made when it is not there, ERR_NOT_FOUND else. ERR_SYNTAX: it is no such file (written: set aside, and begun
 * anew). ERR_IO. */
int stages_open(const char *folder, bool written, struct stages **ret_stages);
void stages_close(struct stages *stages); /* NULL allowed */
/* In the hour of now (Unix seconds). */
void stages_add(struct stages *stages, int64_t now, const struct stage_counts *counts);
/* All of from <= time < until, by whole hours. */
void stages_sum(const struct stages *stages, int64_t from, int64_t until, struct stage_counts *ret_counts);

const char *stage_name(enum stage stage);  /* "refused_list" */
const char *stage_words(enum stage stage); /* "refused: on a list of your own" */

/* What is under way or was cut off, at the door, at the judge, and of the hits of traps; negative: the counters do not add up. */
struct stages_open {
	int64_t door, judge, trap;
};
struct stages_open stages_open_of(const struct stage_counts *counts);

#endif
