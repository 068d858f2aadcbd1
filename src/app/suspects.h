/* app/suspects.h - messages on which workers died: one that did it twice is not tried again.
 *
 * Known by their SHA-256, since who sends them chooses their bytes; the last SUSPECTS_KEPT of them. A service none of whose workers ever
 * died computes none.
 * Owner: the caller; all zero at first, nothing to free. */
#ifndef APP_SUSPECTS_H
#define APP_SUSPECTS_H

#include "base/span.h"

enum { SUSPECTS_KEPT = 256, SUSPECTS_TRIES = 2 };

struct suspects {
	struct suspect {
		uint8_t digest[32];
		unsigned deaths;
	} kept[SUSPECTS_KEPT]; /* round and round */
	unsigned n;            /* that there ever were */
};

/* A worker died of it. Returns how many did so far. */
unsigned suspects_add(struct suspects *suspects, struct span message);
bool suspects_tried_enough(const struct suspects *suspects, struct span message);

#endif
