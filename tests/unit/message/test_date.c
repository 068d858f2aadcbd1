/* message/date: dates as mail really writes them. */
#include "message/date.h"
#include "tests/test.h"

static const struct {
	const char *text, *utc; /* NULL: no date at all */
	int zone;
	uint32_t flags;
} cases[] = {
	{ "Tue, 3 Mar 2009 10:00:05 +0100", "2009-03-03T09:00:05Z", 60, 0 },
	{ "3 Mar 2009 10:00 -0330", "2009-03-03T13:30:00Z", -210, 0 },
	{ "Tue,  3 Mar 2009 10:00:05 +0100 (CET)", "2009-03-03T09:00:05Z", 60, 0 },
	{ "Tue, 3 Mar 2009 10:00:05 EST", "2009-03-03T15:00:05Z", -300, 0 },
	{ "Tue, 3 Mar 09 10:00:05 GMT", "2009-03-03T10:00:05Z", 0, DATE_OBSOLETE_YEAR },
	{ "3 Mar 99 10:00:05 GMT", "1999-03-03T10:00:05Z", 0, DATE_OBSOLETE_YEAR },
	{ "3 Mar 109 10:00:05 GMT", "2009-03-03T10:00:05Z", 0, DATE_OBSOLETE_YEAR },
	{ "Tue, 3 Mar 2009 10:00:05-0500", "2009-03-03T15:00:05Z", -300, 0 },
	{ "Tue Mar  3 10:00:05 2009", "2009-03-03T10:00:05Z", 0, DATE_NO_ZONE | DATE_ODD_FORM },
	{ "Tue Mar  3 10:00:05 PST 2009", "2009-03-03T18:00:05Z", -480, DATE_ODD_FORM },
	{ "Tuesday, 3-March-2009 10:00:05 UT", "2009-03-03T10:00:05Z", 0, 0 },
	{ "2009-03-03T10:00:05Z", "2009-03-03T10:00:05Z", 0, DATE_ODD_FORM },
	{ "2009-03-03 10:00:05.250 +01:00", "2009-03-03T09:00:05Z", 60, DATE_ODD_FORM },
	{ "03/21/2009 10:00:05 PM +0000", "2009-03-21T22:00:05Z", 0, DATE_ODD_FORM },
	{ "Fri, 02 Aug 2002 03:19: 59 -0500", "2002-08-02T08:19:59Z", -300, 0 },
	{ "Tue, 3 Mar 2009 10:00:05", "2009-03-03T10:00:05Z", 0, DATE_NO_ZONE },
	{ "Tue, 3 Mar 2009 10:00:05 -1600", "2009-03-03T10:00:05Z", 0, DATE_BAD_ZONE },
	{ "Tue, 3 Mar 2009 10:00:05 +0175", "2009-03-03T10:00:05Z", 0, DATE_BAD_ZONE },
	{ "Tue, 3 Mar 2009 10:00:05 Somewhere", "2009-03-03T10:00:05Z", 0, DATE_BAD_ZONE },
	{ "Tue, 3 Mar 2009 10:00:05 +1400", "2009-03-02T20:00:05Z", 840, 0 },
	{ "Wed, 3 Mar 2009 10:00:05 +0000", "2009-03-03T10:00:05Z", 0, DATE_WRONG_WEEKDAY },
	{ "29 Feb 2008 10:00:05 +0000", "2008-02-29T10:00:05Z", 0, 0 },
	{ "29 Feb 2009 10:00:05 +0000", "2009-03-01T10:00:05Z", 0, DATE_OUT_OF_RANGE },
	{ "3 Mar 2009 25:00:05 +0000", "2009-03-04T01:00:05Z", 0, DATE_OUT_OF_RANGE },
	{ "", NULL, 0, 0 },
	{ "yesterday", NULL, 0, 0 },
	{ "10:00:05 +0000", NULL, 0, 0 },
	{ "(((((", NULL, 0, 0 },
	{ "Mar 2009", NULL, 0, 0 },
};

static void dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct date date;
		int64_t want;
		bool ok = date_parse(span_cstr(cases[i].text), &date);
		if (!cases[i].utc) {
			assert_false(ok);
			continue;
		}
		assert_true(ok && clock_parse(span_cstr(cases[i].utc), &want));
		if (date.seconds != want || date.zone_minutes != cases[i].zone || date.flags != cases[i].flags)
			fail_msg("%s: %lld, zone %d, flags %x", cases[i].text, (long long)(date.seconds - want), date.zone_minutes,
				 date.flags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(dates) };
	return cmocka_run_group_tests_name("message/date", tests, NULL, NULL);
}
