/* facts/zone.h - answers from a JSON file instead of the network (--dns FILE), for tests and replay.
 *
 * Format: DESIGN.md section 4 ("--dns FILE"), described for users in postern-scan(1). Read with jansson; a file that is not of that form is
 * refused with a message that names the line. Owner: the zone owns its records until zone_free. */
#ifndef FACTS_ZONE_H
#define FACTS_ZONE_H

#include "facts/question.h"

struct zone;

/* ERR_IO or ERR_SYNTAX; then *ret_error (static or in arena) says what and where. */
int zone_load(const char *path, struct arena *arena, struct zone **ret_zone, struct span *ret_error);
void zone_free(struct zone *zone); /* NULL allowed */
/* Fills status, records and ttl for answer->question; CNAMEs are followed, LIMIT_CNAMES at most. Answers how many milliseconds the network
 * would have taken, the most of what was used: to be waited for, or not, by the caller. */
uint32_t zone_answer(const struct zone *zone, struct arena *arena, struct answer *answer);

#endif
