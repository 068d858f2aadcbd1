/* app/trap_gate.h - from a hit to an entry of the gate: an address that used a trap is kept out by itself where trap/guard.h lets one hit
 * do that, for as long as gate/hits.h says.
 *
 * Promises: what a person said of an address or its network stays; an entry is seen by every front at once. Owner: the keeper. */
#ifndef APP_TRAP_GATE_H
#define APP_TRAP_GATE_H

#include "config/settings.h"
#include "facts/address_live.h"
#include "facts/network.h"
#include "state/tuples.h"
#include "trap/guard.h"

/* Those that could not be opened are NULL. */
struct trap_gate {
	const struct settings *settings;
	const struct network *places; /* the location database */
	struct tuples *tuples;
	struct address_live *live;
};

struct trap_hit {
	struct ip ip;
	const char *what; /* it did, for the entry's note: "used a false open relay" */
	bool gathered;    /* several within a minute are one: one message may name several traps, and be told by several doors */
};

enum trap_gate_did {
	TRAP_GATE_KEPT_OUT, /* from now on, or for longer */
	TRAP_GATE_GATHERED, /* within a minute of the last one */
	TRAP_GATE_GUARDED,  /* not without a person's word */
	TRAP_GATE_DECIDED,  /* somebody has said already what becomes of it */
	TRAP_GATE_NO_ROOM,
};

/* ret_why: a few words, for people. */
enum trap_gate_did trap_gate_hit(const struct trap_gate *gate, const struct trap_hit *hit, const char **ret_why);
/* May it be kept out? */
enum guard_answer trap_gate_guard(const struct trap_gate *gate, const struct ip *ip, const char **ret_why);
/* Is this entry of the live set a trap's own, and no person's? */
bool trap_gate_is_ours(const struct address_live_entry *entry);

#endif
