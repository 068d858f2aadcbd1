/* app/trap_keeper.h - what the keeper makes of what traps caught: an entry of the gate, a case, and a memory that outlives the process.
 *
 *	first recipient	the front is asked what the client is called in the DNS (app/trap_names.h); then it is kept out, where
 *			trap/guard.h lets one hit do that, for as long as gate/hits.h says
 *	trap recipient	on the real server: the same; one hit a minute of an address, and one case
 *	end		of a transaction: trap/memory.h judges it; a case file is kept, the message in the content ring
 *
 * Promises: nothing that came to a trap is delivered; it is learned only where trap_learn says so, within bounds; a flood there keeps
 * at most TRAP_KEEPER_CASES an hour, so that the history of real mail is not pushed out (all are counted); what is remembered is in
 * the folder's file (app/trap_file.h). Owner: the keeper. */
#ifndef APP_TRAP_KEEPER_H
#define APP_TRAP_KEEPER_H

#include "app/wire.h"
#include "config/settings.h"
#include "facts/address_live.h"
#include "net/spool.h"
#include "state/stages.h"
#include "state/store.h"
#include "state/tuples.h"
#include "trap/memory.h"

enum { TRAP_KEEPER_CASES = 2000 };

struct trap_keeper;

/* Those that could not be opened are NULL. */
struct trap_keeper_links {
	struct store *store;
	struct tuples *tuples;
	struct address_live *live;
	const struct settings *settings;
	struct stage_counts *counts;                     /* of what happened */
	bool (*ask)(void *context, const struct ip *ip); /* sends WIRE_WHO; false: there is nobody to ask */
	/* Has a message learned as spam; false: there is nobody to read it. */
	bool (*learn)(void *context, struct span id, struct spool *message);
	void *context;
};

/* Before the sandbox closes: the location database is a file elsewhere. */
struct trap_keeper *trap_keeper_new(const char *data_directory, const struct settings *settings);
void trap_keeper_free(struct trap_keeper *keeper); /* NULL allowed */
/* WIRE_HIT, or WIRE_TRAPPED. How many cases were added to the store; ERR_SYNTAX: it is no such record. message: NULL: none came. */
int trap_keeper_hear(struct trap_keeper *keeper, const struct trap_keeper_links *links, enum wire_type type, struct span payload,
		     struct spool *message, struct arena *arena);
/* WIRE_KNOWN. ERR_SYNTAX */
int trap_keeper_learn(struct trap_keeper *keeper, struct span payload);
/* What waited for an answer long enough, or has it now; once a turn. How many cases were added. */
int trap_keeper_turn(struct trap_keeper *keeper, const struct trap_keeper_links *links, struct arena *arena);
/* Does something wait for an answer, so that the next turn should come soon? */
bool trap_keeper_busy(const struct trap_keeper *keeper);
/* If something is new. */
void trap_keeper_save(struct trap_keeper *keeper);

#endif
