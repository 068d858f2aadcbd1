/* base/clock.h - civil time without the C library's zone tables. Seconds are Unix time, UTC, int64.
 *
 * Logic never asks what time it is: the caller passes it in. Only app calls clock_now. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/span.h"

enum { CLOCK_TEXT_MAX = 32 };
#define CLOCK_NONE INT64_MIN /* "no time known" */

struct civil {
	int year, month, day; /* month 1..12 */
	int hour, minute, second;
};

int64_t clock_from_civil(const struct civil *civil); /* proleptic Gregorian; fields are not range-checked */
void clock_to_civil(int64_t seconds, struct civil *ret_civil);
int clock_weekday(int64_t seconds); /* 0 is Sunday */
/* "2009-10-20 12:20:31 UTC"; returns the length. */
size_t clock_format(int64_t seconds, char ret_text[CLOCK_TEXT_MAX]);
/* "2009-10-20T12:20:31Z" (RFC 3339), for programs; returns the length. */
size_t clock_format_rfc3339(int64_t seconds, char ret_text[CLOCK_TEXT_MAX]);
/* RFC 3339 ("2009-10-20T12:20:31Z", offset allowed), "2009-10-20", or "@unixseconds": what --now accepts. */
bool clock_parse(struct span text, int64_t *ret_seconds);
/* Windows FILETIME: 100 ns since 1601-01-01 UTC. */
int64_t clock_from_filetime(uint64_t filetime);
int64_t clock_now(void);
/* Monotonic, for measuring our own work. */
uint64_t clock_microseconds(void);

#endif
