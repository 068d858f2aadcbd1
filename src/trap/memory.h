/* trap/memory.h - all that is remembered of what traps caught: families, collecting addresses, operators,
 * the tally, and the trap recipients that were used.
 *
 *	trap_memory_see(memory, &reading, &where, &evidence, &told)     // judges the catch by what was known, then remembers it
 *
 * Promises: bounded (about 40 MB when everything is full); the whole is one record, written and read back.
 * Does not: touch files: its owner, the keeper, does. Owner: whoever called trap_memory_new. */
#ifndef TRAP_MEMORY_H
#define TRAP_MEMORY_H

#include "trap/operators.h"
#include "trap/probe.h"
#include "trap/tally.h"
#include "trap/used.h"

struct trap_memory {
	struct families *families;
	struct collectors *collectors;
	struct operators *operators;
	struct tally *tally;
	struct used *used;
};

/* secret: a random number that nobody outside knows. */
struct trap_memory *trap_memory_new(uint64_t secret);
void trap_memory_free(struct trap_memory *memory); /* NULL allowed */

/* Of the address that came, as known from elsewhere. */
struct trap_where {
	char country[3]; /* ISO 3166 or "EU"; "" not known */
	uint32_t as;
	bool listed; /* on a list or blocked before this */
};

struct trap_told {
	struct probe_judgement judgement;
	const char *family; /* its name; "" none */
	uint32_t run_by;    /* number of its operator */
	bool scout;         /* only probes came from it so far */
	bool known;         /* the address came here before */
};

void trap_memory_see(struct trap_memory *memory, const struct reading *reading, const struct trap_where *where,
		     struct evidence_set *evidence, struct trap_told *ret_told);
void trap_memory_write(const struct trap_memory *memory, struct buf *out);
/* Into a new one. ERR_SYNTAX: some or all of it is empty. */
int trap_memory_read(struct trap_memory *memory, struct span record);

#endif
