/* message/date.c - see date.h. One pass over words and numbers; what each stands for follows from its form and from what came before. */
#include "message/date.h"
#include "base/ascii.h"

enum { DATE_BYTES = 200 }; /* no date is longer, comments included */

/* The order of RFC 5322 3.3; a part that comes after a later one is DATE_ODD_FORM. */
enum rank { RANK_NONE, RANK_WEEKDAY, RANK_DAY, RANK_MONTH, RANK_YEAR, RANK_TIME, RANK_ZONE };

struct reading {
	struct span text;
	size_t at;
	struct civil c;
	bool has_day, has_month, has_year, has_time, has_zone;
	bool afternoon, morning;
	int weekday, zone, rank;
	uint32_t flags;
};

/* RFC 5322 4.3 names these; the European and Asian ones are what servers write. */
static const struct {
	char name[6];
	int16_t minutes;
} zones[] = {
	{ "UT", 0 },     { "UTC", 0 },    { "GMT", 0 },    { "Z", 0 },      { "EST", -300 }, { "EDT", -240 },  { "CST", -360 },
	{ "CDT", -300 }, { "MST", -420 }, { "MDT", -360 }, { "PST", -480 }, { "PDT", -420 }, { "WET", 0 },     { "WEST", 60 },
	{ "BST", 60 },   { "CET", 60 },   { "MET", 60 },   { "CEST", 120 }, { "MEST", 120 }, { "MESZ", 120 },  { "MEZ", 60 },
	{ "EET", 120 },  { "EEST", 180 }, { "MSK", 180 },  { "MSD", 240 },  { "JST", 540 },  { "KST", 540 },   { "HKT", 480 },
	{ "SGT", 480 },  { "AEST", 600 }, { "AEDT", 660 }, { "NZST", 720 }, { "NZDT", 780 }, { "AKST", -540 }, { "HST", -600 },
	{ "BRT", -180 }, { "SAST", 120 },
};

static void rank(struct reading *r, enum rank rank)
{
	if ((int)rank < r->rank)
		r->flags |= DATE_ODD_FORM;
	r->rank = (int)rank;
}

/* Number of the name (three letters each in names) that word begins with, or -1. */
static int name_number(struct span word, const char *names)
{
	if (word.n < 3)
		return -1;
	for (int i = 0; names[i * 3]; i++)
		if (ascii_lower(word.p[0]) == names[i * 3] && ascii_lower(word.p[1]) == names[i * 3 + 1] &&
		    ascii_lower(word.p[2]) == names[i * 3 + 2])
			return i;
	return -1;
}

static bool zone_word(struct reading *r, struct span word)
{
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
		if (span_ieq(word, span_cstr(zones[i].name))) {
			r->zone = zones[i].minutes;
			return true;
		}
	}
	return word.n == 1; /* military zones mean nothing certain: UTC (RFC 5322 4.3) */
}

static void word(struct reading *r)
{
	size_t from = r->at;
	while (ascii_is_alpha(span_at(r->text, r->at)))
		r->at++;
	struct span w = span_slice(r->text, from, r->at);
	int number;
	if (!r->has_month && (number = name_number(w, "janfebmaraprmayjunjulaugsepoctnovdec")) >= 0) {
		r->c.month = number + 1;
		r->has_month = true;
		rank(r, RANK_MONTH);
	} else if (r->weekday < 0 && (number = name_number(w, "sunmontuewedthufrisat")) >= 0) {
		r->weekday = number;
		rank(r, RANK_WEEKDAY);
	} else if (r->has_time && (span_ieq(w, SPAN("AM")) || span_ieq(w, SPAN("PM")))) {
		r->afternoon = (w.p[0] | 0x20) == 'p';
		r->morning = !r->afternoon;
		r->flags |= DATE_ODD_FORM;
	} else if (r->has_time && !r->has_zone) {
		if (!zone_word(r, w))
			r->flags |= DATE_BAD_ZONE;
		r->has_zone = true;
		rank(r, RANK_ZONE);
	} else if (!(r->has_day && !r->has_time && span_ieq(w, SPAN("T")))) { /* the T of ISO 8601 is no oddity worth a word of its own */
		r->flags |= DATE_ODD_FORM;
	}
}

static size_t digits(struct reading *r, int *ret_value)
{
	size_t from = r->at;
	int value = 0;
	for (; ascii_is_digit(span_at(r->text, r->at)); r->at++)
		value = value > 99999 ? value : value * 10 + (r->text.p[r->at] - '0');
	*ret_value = value;
	return r->at - from;
}

static void blanks(struct reading *r)
{
	while (ascii_is_space(span_at(r->text, r->at)))
		r->at++;
}

/* "12:30", "12:30:59", "12:30:59.123", and "03:19: 59" as Tumbleweed's relay writes it; the hour has been read. */
static void time_of_day(struct reading *r, int hour)
{
	r->c.hour = hour;
	r->at++;
	blanks(r);
	if (digits(r, &r->c.minute) == 0)
		r->flags |= DATE_OUT_OF_RANGE;
	if (span_at(r->text, r->at) == ':') {
		r->at++;
		blanks(r);
		if (digits(r, &r->c.second) == 0)
			r->flags |= DATE_OUT_OF_RANGE;
		int fraction;
		if (span_at(r->text, r->at) == '.' && ascii_is_digit(span_at(r->text, r->at + 1))) {
			r->at++;
			digits(r, &fraction);
			r->flags |= DATE_ODD_FORM;
		}
	}
	r->has_time = true;
	rank(r, RANK_TIME);
}

static void year(struct reading *r, int value, size_t n)
{
	r->has_year = true;
	r->c.year = value;
	if (n <= 3) { /* RFC 5322 4.3 */
		r->c.year += n == 3 || value >= 50 ? 1900 : 2000;
		r->flags |= DATE_OBSOLETE_YEAR;
	} else if (n > 4) {
		r->c.year = 9999;
		r->flags |= DATE_OUT_OF_RANGE;
	}
	rank(r, RANK_YEAR);
}

static void number(struct reading *r)
{
	int value;
	size_t n = digits(r, &value);
	if (span_at(r->text, r->at) == ':' && !r->has_time) {
		time_of_day(r, value);
	} else if (n >= 3 && !r->has_year) {
		year(r, value, n);
	} else if (r->has_year && !r->has_month && n <= 2) { /* 2009-10-20 */
		r->c.month = value;
		r->has_month = true;
		r->flags |= DATE_ODD_FORM;
	} else if (!r->has_day && n <= 2) {
		r->c.day = value;
		r->has_day = true;
		rank(r, RANK_DAY);
	} else if (!r->has_month && n <= 2) { /* 20/10/2009 or 10/20/2009 */
		r->c.month = value;
		if (value > 12) {
			r->c.month = r->c.day;
			r->c.day = value;
		}
		r->has_month = true;
		r->flags |= DATE_ODD_FORM;
	} else if (!r->has_year) {
		year(r, value, n);
	} else {
		r->flags |= DATE_ODD_FORM;
	}
}

/* "+0100", "-03:30"; the sign is at r->at. */
static void zone(struct reading *r)
{
	int sign = r->text.p[r->at++] == '-' ? -1 : 1, value, minutes;
	size_t n = digits(r, &value);
	if (n == 2 && span_at(r->text, r->at) == ':') {
		r->at++;
		n += digits(r, &minutes);
		value = value * 100 + minutes % 100;
	}
	if (n == 1 || n == 2) /* "+1", "-05" */
		value *= 100;
	if (n != 4)
		r->flags |= DATE_BAD_ZONE;
	int hours = value / 100;
	minutes = value % 100;
	if (minutes > 59 || hours * 100 + minutes > (sign > 0 ? 1400 : 1200)) {
		r->flags |= DATE_BAD_ZONE;
		hours = minutes = 0;
	}
	r->zone = sign * (hours * 60 + minutes);
	r->has_zone = true;
	rank(r, RANK_ZONE);
}

static void comment(struct reading *r)
{
	for (int depth = 0; r->at < r->text.n; r->at++) {
		depth += (r->text.p[r->at] == '(') - (r->text.p[r->at] == ')');
		if (depth == 0) {
			r->at++;
			break;
		}
	}
}

static void check_ranges(struct reading *r)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	struct civil *c = &r->c;
	if (r->afternoon && c->hour < 12)
		c->hour += 12;
	if (r->morning && c->hour == 12)
		c->hour = 0;
	bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
	bool bad_month = c->month < 1 || c->month > 12;
	if (bad_month || c->day < 1 || c->day > days[c->month - 1] + (leap && c->month == 2) || c->hour > 23 || c->minute > 59 ||
	    c->second > 60)
		r->flags |= DATE_OUT_OF_RANGE;
	if (bad_month)
		c->month = 1;
}

bool date_parse(struct span text, struct date *ret)
{
	struct reading r = { .text = span_first(span_trim(text), DATE_BYTES), .weekday = -1 };
	while (r.at < r.text.n) {
		int c = r.text.p[r.at];
		if (ascii_is_alpha(c))
			word(&r);
		else if (ascii_is_digit(c))
			number(&r);
		else if ((c == '+' || c == '-') && r.has_time && !r.has_zone && ascii_is_digit(span_at(r.text, r.at + 1)))
			zone(&r);
		else if (c == '(')
			comment(&r);
		else
			r.at++;
	}
	if (!r.has_day || !r.has_month || !r.has_year)
		return false;
	if (!r.has_time)
		r.flags |= DATE_ODD_FORM;
	if (!r.has_zone)
		r.flags |= DATE_NO_ZONE;
	check_ranges(&r);
	int64_t local = clock_from_civil(&r.c);
	if (r.weekday >= 0 && !(r.flags & DATE_OUT_OF_RANGE) && clock_weekday(local) != r.weekday)
		r.flags |= DATE_WRONG_WEEKDAY;
	*ret = (struct date){ .seconds = local - r.zone * 60, .zone_minutes = r.zone, .local = r.c, .flags = r.flags };
	return true;
}
