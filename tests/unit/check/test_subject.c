/* check/subject: the form of the subject, with honest subjects that come close. */
#include "tests/check_test.h"

#define WITH(subject) "From: a@example.org\nTo: b@example.net\nMessage-ID: <1@example.org>\nSubject: " subject "\n\nhello\n"

static const struct check_case cases[] = {
	{ .name = "plain", .message = WITH("Meeting on Monday"), .absent = "subject.*" },
	{ .name = "shouting", .message = WITH("YOUR FUNDS ARE READY"), .present = "subject.capitals" },
	{ .name = "shouting in an answer", .message = WITH("Re: Fwd: YOUR FUNDS ARE READY"), .present = "subject.capitals" },
	{ .name = "an abbreviation", .message = WITH("[PATCH] NFSD"), .absent = "subject.*" },
	{ .name = "one long word", .message = WITH("CVE-2021-44228-LOG4SHELL"), .absent = "subject.*" },
	{ .name = "a word in small letters", .message = WITH("IBM AND SCO AND NOVELL in court"), .absent = "subject.*" },
	{ .name = "hidden serial number", .message = WITH("Lower your payments                 xkvqz"), .present = "subject.tail" },
	{ .name = "folded", .message = WITH("A long subject that was folded\n\tonce"), .absent = "subject.*" },
	{ .name = "aligned columns", .message = WITH("Report     of the week"), .absent = "subject.tail" },
	{ .name = "empty", .message = WITH(""), .present = "subject.empty" },
	{ .name = "empty but for Re:", .message = WITH("Re: "), .present = "subject.empty" },
	{ .name = "crying", .message = WITH("Win now!!"), .present = "subject.exclaimed" },
	{ .name = "glad", .message = WITH("Happy birthday!"), .absent = "subject.*" },
};

CHECK_TEST_MAIN(subject, cases)
