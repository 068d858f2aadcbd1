/* app/trap_gate.h - from a hit to an entry of the gate: an address that used a trap is kept out by itself where trap/guard.h lets one hit
 * do that, for as long as gate/hits.h says.
 *
 * Whether a provider's name or AS is behind it is known by its name in the DNS (confirmed: it leads back), or by a location database; where
 * neither tells, nobody is kept out by a machine. New entries are counted against LIMIT_TRAP_ENTRIES a minute, and LIMIT_TRAP_ENTRIES_NET
 * of one wide network (IPv4 /16, IPv6 /32), so that a flood from addresses that cost nothing does not fill the live set.
 * Promises: what a person said of an address or its network stays; an entry is seen by every front at once. Owner: the keeper. */
#ifndef APP_TRAP_GATE_H
#define APP_TRAP_GATE_H

#include "app/trap_names.h"
#include "config/settings.h"
#include "facts/address_live.h"
#include "facts/network.h"
#include "state/tuples.h"
#include "trap/guard.h"

enum { TRAP_PACE_NETS = 1024 };

/* New entries of this minute. */
struct trap_pace {
	int64_t minute;
	uint32_t all;
	uint16_t of_net[TRAP_PACE_NETS]; /* by hash: two networks may share a place */
};

/* Those that could not be opened are NULL. */
struct trap_gate {
	const struct settings *settings;
	struct trap_pace *pace;
	const struct network *places; /* the location database */
	struct tuples *tuples;
	struct address_live *live;
};

struct trap_hit {
	struct ip ip;
	const struct trap_known *known; /* NULL: nobody could tell */
	const char *what;               /* it did, for the entry's note: "used a false open relay" */
	bool gathered; /* several within a minute are one: one message may name several traps, and be told by several doors */
};

enum trap_gate_did {
	TRAP_GATE_KEPT_OUT,  /* from now on, or for longer */
	TRAP_GATE_NEW,       /* the same, and it was not known before */
	TRAP_GATE_GATHERED,  /* within a minute of the last one */
	TRAP_GATE_GUARDED,   /* not without a person's word */
	TRAP_GATE_UNCHECKED, /* nobody could tell whether it is a provider's: the same */
	TRAP_GATE_DECIDED,   /* somebody has said already what becomes of it */
	TRAP_GATE_NO_ROOM,   /* too many new ones this minute, or the live set is full */
};

/* ret_why: a few words, for people. */
enum trap_gate_did trap_gate_hit(const struct trap_gate *gate, const struct trap_hit *hit, const char **ret_why);
/* May it be kept out? KEPT_OUT, GUARDED or UNCHECKED. */
enum trap_gate_did trap_gate_may(const struct trap_gate *gate, const struct ip *ip, const struct trap_known *known, const char **ret_why);
/* Is this entry of the live set a trap's own, and no person's? */
bool trap_gate_is_ours(const struct address_live_entry *entry);

#endif
