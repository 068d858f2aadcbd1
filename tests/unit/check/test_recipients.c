/* check/recipients: whom it says it is for. */
#include "tests/check_test.h"
#include "tests/unit/check/mail.h"

#define FOR(to) BROUGHT_BY(ELSEWHERE) "From: a@elsewhere.example\n" to REST
static const struct check_case cases[] = {
	{ .name = "itself", .message = FOR("To: A@elsewhere.example\n"), .present = "recipients.self" },
	{ .name = "nobody named", .message = FOR("To: undisclosed-recipients:;\n"), .present = "recipients.undisclosed" },
	{ .name = "group word of a list server",
	  .message = FOR("To: unlisted-recipients:; (no To-header on input)\n"),
	  .present = "recipients.undisclosed" },
	{ .name = "empty", .message = FOR("To: \n"), .present = "recipients.empty" },
	{ .name = "nothing at all is common", .message = FOR(""), .absent = "recipients.*" },
	{ .name = "somebody else", .message = FOR("To: b@other.example.net\n"), .present = "recipients.not_me" },
	{ .name = "me", .message = FOR("To: b@other.example.net, me@ours.example\n"), .absent = "recipients.*" },
	{ .name = "me in copy", .message = FOR("To: b@other.example.net\nCc: me@ours.example\n"), .absent = "recipients.*" },
	{ .name = "neighbours",
	  .message = FOR("To: jma@ours.example, jmab@x.example, jmac@x.example, jmad@x.example, jmae@x.example, jmaf@x.example\n"),
	  .present = "recipients.neighbours" },
	{ .name = "a crowd",
	  .message =
	      FOR("To: a@x.example, b@x.example, c@x.example, d@x.example, e@x.example, f@x.example, g@x.example, me@ours.example\n"),
	  .present = "recipients.many" },
	{ .name = "a few", .message = FOR("To: a@x.example, b@x.example, c@x.example, me@ours.example\n"), .absent = "recipients.*" },
};

CHECK_TEST_MAIN(recipients, cases)
