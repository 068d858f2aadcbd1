/* check/date: dates that cannot be. */
#include "tests/check_test.h"

#define HOP                                                                                                                                \
	"Received: from a.example.net (a.example.net [198.51.100.7]) by mx.example.com (Postfix) with ESMTP id 0A1B2C3D4E; Tue, 3 Mar "    \
	"2009 09:00:05 +0000\n"
#define TAIL "From: a@example.org\nSubject: hello\n\nhello\n"

static const struct check_case cases[] = {
	{ .name = "fine", .message = HOP "Date: Tue, 3 Mar 2009 10:00:00 +0100\n" TAIL, .absent = "date.*" },
	{ .name = "fine, old zone and comment", .message = HOP "Date: Tue, 3 Mar 09 04:00 EST (winter)\n" TAIL, .absent = "date.*" },
	{ .name = "a day on the way", .message = HOP "Date: Mon, 2 Mar 2009 10:00:00 +0100\n" TAIL, .absent = "date.*" },
	{ .name = "missing", .message = HOP TAIL, .present = "date.missing" },
	{ .name = "unreadable", .message = HOP "Date: soon\n" TAIL, .present = "date.unreadable" },
	{ .name = "zone -1600", .message = HOP "Date: Mon, 2 Mar 2009 17:00:00 -1600\n" TAIL, .present = "date.bad_zone" },
	{ .name = "no zone", .message = HOP "Date: Tue, 3 Mar 2009 10:00:00\n" TAIL, .present = "date.no_zone" },
	{ .name = "weekday", .message = HOP "Date: Fri, 3 Mar 2009 10:00:00 +0100\n" TAIL, .present = "date.wrong_weekday" },
	{ .name = "31 February", .message = HOP "Date: 31 Feb 2009 10:00:00 +0100\n" TAIL, .present = "date.impossible" },
	{ .name = "ahead", .message = HOP "Date: Tue, 10 Mar 2009 10:00:00 +0100\n" TAIL, .present = "date.future" },
	{ .name = "long past", .message = HOP "Date: Tue, 4 Mar 2008 10:00:00 +0100\n" TAIL, .present = "date.past" },
	{ .name = "no hop, given time",
	  .now = "2009-03-03",
	  .message = "Date: Tue, 10 Mar 2009 10:00:00 +0100\n" TAIL,
	  .present = "date.future" },
	{ .name = "no hop, no time", .message = "Date: Tue, 10 Mar 2009 10:00:00 +0100\n" TAIL, .absent = "date.*" },
};

CHECK_TEST_MAIN(date, cases)
