/* net/answer_cache.h - answers of the DNS as checks read them, kept as long as they hold.
 *
 * libunbound has a cache of its own, but an answer from it passes through packets, events and five allocations; a busy sender's records are
 * asked for with each of his messages. Promises: what is found held when it was put and holds now, with what is left of its time (RFC 1035
 * 3.2.1; that there is nothing, too: RFC 2308); failures are not kept; a look-up allocates in the arena alone; memory is bounded:
 * ANSWER_CACHE_SLOTS answers of at most ANSWER_CACHE_BYTES each. A full cache forgets what was used longest ago among the few that share
 * its place, so who chooses the names we ask can push answers out, and make us ask again, but no more than that. Does not: ask, or look at
 * the clock. Not thread-safe: one a thread. Owner: the caller. */
#ifndef NET_ANSWER_CACHE_H
#define NET_ANSWER_CACHE_H

#include "facts/question.h"

enum { ANSWER_CACHE_SLOTS = 4096, ANSWER_CACHE_BYTES = 2048 };

struct answer_cache;

struct answer_cache *answer_cache_new(void);
void answer_cache_free(struct answer_cache *cache); /* NULL allowed */
/* now: microseconds of a clock that never goes back. Fills status, records and ttl for answer->question; false: it is not known. */
bool answer_cache_find(struct answer_cache *cache, uint64_t now, struct arena *arena, struct answer *answer);
/* One that was just received. Without time to live, failed or too long, it is not kept. */
void answer_cache_put(struct answer_cache *cache, uint64_t now, const struct answer *answer);

#endif
