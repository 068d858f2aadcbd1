/* check/trap_recipient: mail to who never was anybody, or to an address planted for harvesters, is told; mail to anybody else is not. */
#include "tests/check_test.h"
#include "tests/unit/check/mail.h"

/* planted with "zither" for 203.0.113.9 on 2026-05-06, as `postern trap plant` prints it */
#define PLANTED "sales.4gh0t3mhrcp56xy6e6yfkzt9x8vg5jqbachvs4a36d6sp"
#define MAIL "From: a@elsewhere.example\n" TO_ME REST
#define LIVE(to)                                                                                                                           \
	.client_ip = "198.51.100.7", .helo = "out.elsewhere.example", .mail_from = "a@elsewhere.example", .recipient = to,                 \
	.trap_recipients = "a.keller@ours.example @unused.example", .plant_secret = "zither", .message = MAIL

static const struct check_case cases[] = {
	{ .name = "named", LIVE("a.keller@ours.example"), .present = "trap_recipient.named", .absent = "trap_recipient.planted" },
	{ .name = "in capitals", LIVE("A.Keller@OURS.example"), .present = "trap_recipient.named" },
	{ .name = "a whole domain", LIVE("whoever@unused.example"), .present = "trap_recipient.named" },
	{ .name = "one of several", LIVE("me@ours.example a.keller@ours.example"), .present = "trap_recipient.named" },
	{ .name = "planted", LIVE(PLANTED "@ours.example"), .present = "trap_recipient.planted", .absent = "trap_recipient.named" },
	{ .name = "planted, at another domain of ours", LIVE(PLANTED "@other.example"), .present = "trap_recipient.planted" },
	/* delivered already, as our own server's line tells */
	{ .name = "of a line of ours",
	  .message =
	      "Received: from " ELSEWHERE "\n\tby mx.ours.example (Postfix) with ESMTP id 4B1C23F0A1\n\tfor <a.keller@ours.example>; "
	      "Mon, 19 Oct 2026 12:20:31 +0000\n" MAIL,
	  .trap_recipients = "a.keller@ours.example",
	  .present = "trap_recipient.named" },
	/* twins */
	{ .name = "somebody", LIVE("me@ours.example"), .absent = "trap_recipient.*" },
	{ .name = "the end of a longer one", LIVE("aa.keller@ours.example"), .absent = "trap_recipient.*" },
	{ .name = "below the domain", LIVE("me@sub.unused.example"), .absent = "trap_recipient.*" },
	{ .name = "the domain's name within another", LIVE("me@notunused.example"), .absent = "trap_recipient.*" },
	{ .name = "planted by somebody else",
	  LIVE("sales.4gh0t3mhrcp56xy6e6yfkzt9x8vg5jqbachvs4a36d6sq@ours.example"),
	  .absent = "trap_recipient.*" },
	{ .name = "a user of ours clicked on it", LIVE(PLANTED "@ours.example"), .auth_user = "me", .absent = "trap_recipient.*" },
	/* what the sender writes is no envelope */
	{ .name = "in the To field alone",
	  .client_ip = "198.51.100.7",
	  .helo = "out.elsewhere.example",
	  .mail_from = "a@elsewhere.example",
	  .recipient = "me@ours.example",
	  .trap_recipients = "a.keller@ours.example",
	  .message = "From: a@elsewhere.example\nTo: a.keller@ours.example\n" REST,
	  .absent = "trap_recipient.*" },
};

CHECK_TEST_MAIN(trap_recipient, cases)
