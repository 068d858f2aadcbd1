/* check/display_name: what the shown name itself gives away. */
#include "tests/check_test.h"
#include "tests/unit/check/mail.h"

#define BY(from) BROUGHT_BY(ELSEWHERE) "From: " from "\n" TO_ME REST
static const struct check_case cases[] = {
	{ .name = "another address", .message = BY("\"service@bank.example.net\" <x@elsewhere.example>"), .present = "display.address" },
	{ .name = "its own address", .message = BY("\"x@elsewhere.example\" <x@elsewhere.example>"), .absent = "display.address" },
	{ .name = "an own address",
	  .message = BY("\"boss@ours.example\" <x@elsewhere.example>"),
	  .local_domains = "ours.example",
	  .present = "display.own_address" },
	{ .name = "via a list", .message = BY("\"a@b.example.net via x\" <x@elsewhere.example>"), .absent = "display.address" },
	{ .name = "no address", .message = BY("\"me @ home\" <x@elsewhere.example>"), .absent = "display.address" },
	{ .name = "a link", .message = BY("\"https://bank.example.net\" <x@elsewhere.example>"), .present = "display.link" },
	{ .name = "invisible letters",
	  .message = BY("\"P\u200dr\u200di\u200dm\u200de\" <x@elsewhere.example>"),
	  .present = "display.invisible" },
	{ .name = "a family emoji",
	  .message = BY("\"Anna \U0001F469\u200d\U0001F467\" <x@elsewhere.example>"),
	  .absent = "display.invisible" },
	{ .name = "override", .message = BY("\"\u202Elapyap\" <x@elsewhere.example>"), .present = "display.bidi" },
	{ .name = "mathematical letters",
	  .message = BY("\"\U0001D5DB\U0001D5FC\U0001D5FA\U0001D5F2 Depot\" <x@elsewhere.example>"),
	  .present = "display.styled" },
	{ .name = "mixed alphabets", .message = BY("\"\u041C\u0435t\u0430m\u0430sk\" <x@elsewhere.example>"), .present = "display.mixed" },
	{ .name = "a Russian", .message = BY("\"Пётр Иванов\" <x@elsewhere.example>"), .absent = "display.*" },
	{ .name = "a Greek with a Latin word", .message = BY("\"Νίκος at Home\" <x@elsewhere.example>"), .absent = "display.*" },
	{ .name = "arrows", .message = BY("\"\u27A4\u27A4 Offer\" <x@elsewhere.example>"), .present = "display.decorated" },
	{ .name = "signs", .message = BY("\"#Harbor_Rewards#\" <x@elsewhere.example>"), .present = "display.decorated" },
	{ .name = "a heart", .message = BY("\"\u2764 Shop\" <x@elsewhere.example>"), .absent = "display.decorated" },
	{ .name = "title at a free-mail box", .message = BY("\"Mr. John Doe\" <x@gmail.com>"), .present = "display.title" },
	{ .name = "title at home", .message = BY("\"Dr. John Doe\" <x@elsewhere.example>"), .absent = "display.title" },
	{ .name = "capitals", .message = BY("\"JOHN WILLIAM DOE\" <x@elsewhere.example>"), .present = "display.shouted" },
	{ .name = "no name", .message = BY("x@elsewhere.example"), .present = "display.none" },
	{ .name = "plain", .message = BY("\"Jane Doe\" <x@elsewhere.example>"), .absent = "display.*" },
};

CHECK_TEST_MAIN(display_name, cases)
