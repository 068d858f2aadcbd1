/* trap/tally.h - how many probes and payloads came, by week, country, family, and whether the address was listed before.
 *
 * The Dublin team counted by hand: Taiwan 116, Russia 5, United States 3, European Union 1. Here each catch is counted in one row of each.
 * Promises: at most LIMIT_TALLY_ROWS rows: of more, the oldest week's are added up into one of country "*" and family "*".
 * Owner: whoever called tally_new. */
#ifndef TRAP_TALLY_H
#define TRAP_TALLY_H

#include "base/buf.h"
#include "base/cursor.h"
#include "trap/family.h"

enum { TALLY_WEEK = 7 * 86400 };

struct tally_row {
	int64_t week; /* Monday, 00:00 UTC */
	char country[3];
	char family[FAMILY_NAME];
	bool listed;
	uint32_t probes, payloads, others;
};

struct tally;
struct tally *tally_new(void);
void tally_free(struct tally *tally); /* NULL allowed */
/* key: of everything but the counts, whose sum is added. */
void tally_add(struct tally *tally, const struct tally_row *one);
int64_t tally_week(int64_t time);
uint32_t tally_rows(const struct tally *tally);
const struct tally_row *tally_at(const struct tally *tally, uint32_t i);
void tally_write(const struct tally *tally, struct buf *out);
int tally_read(struct tally *tally, struct cursor *record); /* ERR_SYNTAX: empty then */

#endif
