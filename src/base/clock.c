/* base/clock.c - see clock.h. Day arithmetic after Howard Hinnant's "chrono-compatible low-level date algorithms". */
#include "base/clock.h"
#include "base/ascii.h"

#include <stdio.h>
#include <time.h>

static int64_t days_from_civil(int64_t y, int m, int d)
{
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

int64_t clock_from_civil(const struct civil *c)
{
	return days_from_civil(c->year, c->month, c->day) * 86400 + c->hour * 3600 + c->minute * 60 + c->second;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

void clock_to_civil(int64_t seconds, struct civil *ret)
{
	int64_t days = floor_div(seconds, 86400), rest = seconds - days * 86400;
	int64_t z = days + 719468;
	int64_t era = floor_div(z, 146097), doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	ret->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	ret->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	ret->year = (int)(yoe + era * 400 + (ret->month <= 2));
	ret->hour = (int)(rest / 3600);
	ret->minute = (int)(rest / 60 % 60);
	ret->second = (int)(rest % 60);
}

int clock_weekday(int64_t seconds)
{
	int64_t days = floor_div(seconds, 86400);
	return (int)(days + 4 - floor_div(days + 4, 7) * 7);
}

size_t clock_format(int64_t seconds, char text[CLOCK_TEXT_MAX])
{
	struct civil c;
	clock_to_civil(seconds, &c);
	return (size_t)snprintf(text, CLOCK_TEXT_MAX, "%04d-%02d-%02d %02d:%02d:%02d UTC", c.year % 10000, c.month, c.day, c.hour, c.minute,
				c.second);
}

size_t clock_format_rfc3339(int64_t seconds, char text[CLOCK_TEXT_MAX])
{
	struct civil c;
	clock_to_civil(seconds, &c);
	return (size_t)snprintf(text, CLOCK_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year % 10000, c.month, c.day, c.hour, c.minute,
				c.second);
}

/* Exactly n digits at *at. */
static bool digits(struct span s, size_t *at, size_t n, int *ret)
{
	uint64_t value;
	if (*at + n > s.n || !span_to_uint(span_slice(s, *at, *at + n), 9999, &value))
		return false;
	*at += n;
	*ret = (int)value;
	return true;
}

static bool literal(struct span s, size_t *at, const char *any_of)
{
	if (*at >= s.n || !strchr(any_of, s.p[*at]))
		return false;
	(*at)++;
	return true;
}

bool clock_parse(struct span s, int64_t *ret)
{
	uint64_t unix_seconds;
	if (s.n && s.p[0] == '@' && span_to_uint(span_skip(s, 1), INT64_MAX, &unix_seconds)) {
		*ret = (int64_t)unix_seconds;
		return true;
	}
	struct civil c = { 0 };
	size_t at = 0;
	int sign = 0, hours = 0, minutes = 0;
	if (!digits(s, &at, 4, &c.year) || !literal(s, &at, "-") || !digits(s, &at, 2, &c.month) || !literal(s, &at, "-") ||
	    !digits(s, &at, 2, &c.day) || c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31)
		return false;
	if (at < s.n) {
		if (!literal(s, &at, "Tt ") || !digits(s, &at, 2, &c.hour) || !literal(s, &at, ":") || !digits(s, &at, 2, &c.minute) ||
		    !literal(s, &at, ":") || !digits(s, &at, 2, &c.second))
			return false;
		if (literal(s, &at, "+-")) {
			sign = s.p[at - 1] == '-' ? -1 : 1;
			if (!digits(s, &at, 2, &hours) || !literal(s, &at, ":") || !digits(s, &at, 2, &minutes))
				return false;
		} else {
			literal(s, &at, "Zz");
		}
	}
	if (at != s.n)
		return false;
	*ret = clock_from_civil(&c) - sign * (hours * 3600 + minutes * 60);
	return true;
}

int64_t clock_from_filetime(uint64_t filetime) { return (int64_t)(filetime / 10000000u) - 11644473600; }

int64_t clock_now(void) { return (int64_t)time(NULL); }

uint64_t clock_microseconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}
