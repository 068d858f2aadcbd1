/* message/date.h - date-time of RFC 5322 3.3 and 4.3, and of Received lines, generously read.
 *
 * Named zones, two-digit years, missing weekday, missing seconds and trailing comments are accepted; what is odd is said in flags. */
#ifndef MESSAGE_DATE_H
#define MESSAGE_DATE_H

#include "base/clock.h"

enum date_flags {
	DATE_WRONG_WEEKDAY = 1 << 0,
	DATE_BAD_ZONE = 1 << 1, /* beyond +1400/-1200, minutes over 59, or not a zone at all (taken as UTC) */
	DATE_NO_ZONE = 1 << 2,
	DATE_OBSOLETE_YEAR = 1 << 3,
	DATE_OUT_OF_RANGE = 1 << 4, /* 31 February, 25:61: the fields say what cannot be */
	DATE_ODD_FORM = 1 << 5,     /* readable, but not in the order the RFC gives */
};

struct date {
	int64_t seconds;    /* UTC */
	int zone_minutes;   /* east of UTC */
	struct civil local; /* as written */
	uint32_t flags;
};

/* False when it cannot be read as a date at all. */
bool date_parse(struct span text, struct date *ret_date);

#endif
