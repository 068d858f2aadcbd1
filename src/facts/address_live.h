/* facts/address_live.h - what was listed, or taken off the lists, since their generations were built: a small set that changes while it is
 * read.
 *
 * A file of LIMIT_ADDRESS_LIVE places that all processes map. One at a time writes (under flock), any number read and never wait: an entry
 * is seen by everybody microseconds after it was put. An entry for a network replaces the one there is. Whether it has expired is for the
 * reader to judge, by the time it says it is; expired ones make room when room is needed, and then those that expire soonest, an entry
 * without an end never.
 *
 * Promises: killed at any instant, or bytes damaged, an entry is as it was before, or as it was put, or not there (each has a checksum); a
 * look-up in an empty set is one comparison, in others one probe for each width of network that the set holds.
 * Does not: watch the clock, or sync: after a loss of power the newest entries may be missing. Owner: whoever opened it. */
#ifndef FACTS_ADDRESS_LIVE_H
#define FACTS_ADDRESS_LIVE_H

#include "facts/address_set.h"

/* Where the service's stands, below its data folder; its class for what came to a trap. */
#define ADDRESS_LIVE_FOLDER "gate"
#define ADDRESS_LIVE_NAME "live"
#define ADDRESS_CLASS_TRAP "trap"

enum { ADDRESS_LIVE_NOTE = 64 };

struct address_live_entry {
	struct ip_net net; /* exclude: takes the network off every list */
	char class[ADDRESS_CLASS_NAME + 1];
	char note[ADDRESS_LIVE_NOTE + 1]; /* for people; printable */
	int64_t since, expires;           /* base/clock.h; expires: CLOCK_NONE: never */
	uint32_t hits;                    /* times it was earned, as the writer counts */
};

enum address_live_mode { ADDRESS_LIVE_READ, ADDRESS_LIVE_WRITE };

struct address_live;

/* For writing the file is made when there is none, and made anew when it is damaged or another version's. For reading: ERR_NOT_FOUND when
 * there is none. Else ERR_IO, ERR_SYNTAX; ret_why as in address_set_open. */
int address_live_open(const char *path, enum address_live_mode mode, char ret_why[ADDRESS_WHY_MAX], struct address_live **ret_live);
/* The same, for reading, from a descriptor that somebody else opened, who keeps it. */
int address_live_open_fd(int fd, const char *name, char ret_why[ADDRESS_WHY_MAX], struct address_live **ret_live);
void address_live_close(struct address_live *live); /* NULL allowed */

/* The narrowest entry in force at that time; false: none. */
bool address_live_find(const struct address_live *live, const struct ip *ip, int64_t now, struct address_live_entry *ret_entry);
/* The entry for exactly this network, expired or not. */
bool address_live_get(const struct address_live *live, const struct ip_net *net, struct address_live_entry *ret_entry);

/* Bits behind the network's are cleared, class and note cut to their sizes. ERR_LIMIT: all places are taken by entries that never expire.
 * ERR_IO: the lock cannot be had. */
int address_live_put(struct address_live *live, const struct address_live_entry *entry, int64_t now);
/* ERR_NOT_FOUND, ERR_IO. */
int address_live_drop(struct address_live *live, const struct ip_net *net);

/* Entries there are, expired ones included. */
uint32_t address_live_count(const struct address_live *live);
/* A number that changes with every put and drop. */
uint64_t address_live_changes(const struct address_live *live);
/* Each entry, expired ones included, in no useful order; false from visit ends it. */
bool address_live_each(const struct address_live *live, bool (*visit)(void *context, const struct address_live_entry *entry),
		       void *context);

#endif
