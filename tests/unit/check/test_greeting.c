/* check/greeting: addresses that a machine gives for its name. */
#include "tests/check_test.h"

#define BODY "From: a@example.org\nDate: Tue, 3 Mar 2009 10:00:00 +0100\nSubject: hello\n\nhello\n"
#define HOP(client) "Received: from " client " by mx.example.com (Postfix) with ESMTP id 0A1B2C3D4E; Tue, 3 Mar 2009 09:00:05 +0000\n"

static const struct check_case cases[] = {
	{ .name = "another public address",
	  .message = HOP("[203.0.113.77] (unknown [198.51.100.7])") BODY,
	  .present = "greeting.other_address" },
	{ .name = "without brackets",
	  .message = HOP("198.51.100.7 (a.example.net [198.51.100.7])") BODY,
	  .present = "greeting.bare_address" },
	{ .name = "our own address",
	  .client_ip = NULL,
	  .present = "greeting.our_address",
	  .message = "Received: from 192.0.2.1 (198.51.100.7) by mx.example.com (192.0.2.1) with Microsoft SMTP Server id 8.1.291.1; Tue, "
		     "3 Mar 2009 09:00:05 +0000\n" BODY },
	{ .name = "its own address in brackets",
	  .message = HOP("[198.51.100.7] (a.example.net [198.51.100.7])") BODY,
	  .absent = "greeting.*" },
	{ .name = "private address behind translation",
	  .message = HOP("[192.168.1.3] (a.example.net [198.51.100.7])") BODY,
	  .absent = "greeting.*" },
	{ .name = "a name", .message = HOP("mail.example.net (mail.example.net [198.51.100.7])") BODY, .absent = "greeting.*" },
};

CHECK_TEST_MAIN(greeting, cases)
