/* check/hidden_address: Message-ID names the machine that handed over. */
#include "tests/check_test.h"

#define HOP(ip) "Received: from x (unknown [" ip "]) by mx.example.com (Postfix) with ESMTP id 0A1B2C3D4E; Tue, 3 Mar 2009 09:00:05 +0000\n"
#define TAIL "From: a@example.org\nSubject: hello\n\nhello\n"

static const struct check_case cases[] = {
	{ .name = "the client itself",
	  .present = "hidden_address.client",
	  .message = HOP("93.129.132.226") "Message-ID: <01c92c39$ff9ce480$e284815d@60GC7Q>\n" TAIL },
	{ .name = "with the genuine prefix",
	  .present = "hidden_address.client",
	  .message = HOP("93.129.132.226") "Message-ID: <000d01c92c39$ff9ce480$e284815d@pc>\n" TAIL },
	{ .name = "another machine",
	  .absent = "hidden_address.*",
	  .message = HOP("198.51.100.7") "Message-ID: <000d01c92c39$ff9ce480$e284815d@pc>\n" TAIL },
	{ .name = "private address",
	  .absent = "hidden_address.*",
	  .message = HOP("192.168.0.100") "Message-ID: <000d01ca5112$bddb2f80$6400a8c0@pc>\n" TAIL },
	{ .name = "other form",
	  .absent = "hidden_address.*",
	  .message = HOP("93.129.132.226") "Message-ID: <ff9ce480$e284815d@pc>\n" TAIL },
};

CHECK_TEST_MAIN(hidden_address, cases)
