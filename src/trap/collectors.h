/* trap/collectors.h - the addresses at which those who look for open relays collect their probes.
 *
 * Whoever receives probes is the scanner's own mailbox: seen for one target it may be anybody, seen for two targets, or again and again, it
 * is a collecting address, and its next message is a probe whatever it says.
 * Promises: LIMIT_COLLECTORS at most, in buckets of eight: a sight costs eight comparisons whatever addresses are chosen; in a full bucket
 * the one longest unseen goes. Owner: whoever called collectors_new. */
#ifndef TRAP_COLLECTORS_H
#define TRAP_COLLECTORS_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/limits.h"

enum { COLLECTOR_TEXT = 96 };

struct collector {
	uint64_t key; /* 0: free */
	char address[COLLECTOR_TEXT];
	int64_t first, last;
	uint32_t probes, payloads; /* messages to it */
	uint64_t target, sender;   /* hashes of the first ones */
	bool other_targets, other_senders;
};

struct collectors;
struct collectors *collectors_new(uint64_t secret);
void collectors_free(struct collectors *collectors); /* NULL allowed */
/* address: in lower case. NULL: never seen. */
const struct collector *collectors_find(const struct collectors *collectors, struct span address);
/* Is it known as one? Seen with probes for two targets, from two senders, or three times, and with payload hardly ever. */
bool collector_is_known(const struct collector *collector); /* NULL allowed */
void collectors_see(struct collectors *collectors, struct span address, const struct ip *target, const struct ip *sender, bool probe,
		    int64_t time);
/* Calls each for every collector. */
void collectors_each(const struct collectors *collectors, void (*each)(void *context, const struct collector *collector), void *context);
void collectors_write(const struct collectors *collectors, struct buf *out);
int collectors_read(struct collectors *collectors, struct cursor *record); /* ERR_SYNTAX: empty then */

#endif
