/* check/standing: a login counts where a trusted machine wrote it down, and nowhere else. */
#include "tests/check_test.h"

static const struct check_case cases[] = {
	{ .name = "an authenticated user of one's own server",
	  .message = "Received: from [10.0.0.7] (unknown [10.0.0.7])\n\tby mail.example.net (Postfix) with ESMTPSA id 7C21B4019E\n\tfor "
		     "<tom@example.net>; Tue, 10 Mar 2026 "
		     "09:14:05 +0100\nFrom: admin@example.net\nTo: tom@example.net\nSubject: maintenance\n\nhello\n",
	  .local_domains = "example.net",
	  .present = "standing.own_client",
	  .absent = "own_domain.*" },
	{ .name = "a login that only a stranger's line tells of",
	  .message =
	      "Received: from mail.example.org (mail.example.org [198.51.100.25])\n\tby mx1.example.net (Postfix) with ESMTPS id "
	      "4Kx2bP1Qzv9\n\tfor <tom@example.net>; Tue, "
	      "10 Mar 2026 09:14:07 +0100\nReceived: from [203.0.113.9] (unknown [203.0.113.9])\n\tby mail.example.org (Postfix) with "
	      "ESMTPSA id 7C21B4019E\n\tfor "
	      "<tom@example.net>; Tue, 10 Mar 2026 09:14:05 +0100\nFrom: a@example.org\nTo: tom@example.net\nSubject: hello\n\nhello\n",
	  .local_domains = "example.net",
	  .absent = "standing.own_client" },
	{ .name = "plain mail", .message = "From: a@example.org\nSubject: hello\n\nhello\n", .absent = "standing.own_client" },
};

CHECK_TEST_MAIN(standing, cases)
