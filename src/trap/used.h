/* trap/used.h - trap recipients of the real server that were used: which, how often, by whom last, and to whom a planted one was shown.
 *
 * Promises: LIMIT_USED_RECIPIENTS at most, in buckets of eight: a sight costs eight comparisons whatever addresses are chosen; in a full
 * bucket the one longest unused goes; a record of them is read back the same, any bytes are refused or read.
 * Owner: whoever called used_new. */
#ifndef TRAP_USED_H
#define TRAP_USED_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/limits.h"
#include "trap/planted.h"

enum { USED_TEXT = 128 };

struct used_recipient {
	uint64_t key;              /* 0: free */
	char address[USED_TEXT];   /* in lower case, cut */
	char mail_from[USED_TEXT]; /* of the last one */
	struct ip ip;              /* the same */
	int64_t first, last;
	uint32_t times;
	bool others;  /* several addresses used it */
	bool planted; /* else the settings name it */
	struct planted shown;
};

struct used;
struct used *used_new(uint64_t secret);
void used_free(struct used *used); /* NULL allowed */

struct used_sight {
	struct span address, mail_from;
	struct ip ip;
	int64_t time;
	const struct planted *shown; /* NULL: it was not planted */
};
void used_see(struct used *used, const struct used_sight *sight);
/* NULL: never used. address: in lower case. */
const struct used_recipient *used_find(const struct used *used, struct span address);
/* Calls each for every one. */
void used_each(const struct used *used, void (*each)(void *context, const struct used_recipient *recipient), void *context);
uint32_t used_count(const struct used *used);
void used_write(const struct used *used, struct buf *out);
int used_read(struct used *used, struct cursor *record); /* ERR_SYNTAX: empty then */

#endif
