/* check/forged_path: lines that no honest server writes are proofs; breaks and wrong clocks are not. */
#include "tests/check_test.h"

#define BODY "From: a@example.org\nTo: b@example.com\nDate: Tue, 3 Mar 2009 10:00:00 +0100\nSubject: hello\n\nhello\n"
#define TOP                                                                                                                                \
	"Received: from cpe-1.example.net (cpe-1.example.net [198.51.100.7]) by mx.example.com (Postfix) with ESMTP id 0A1B2C3D4E; Tue, "  \
	"3 Mar 2009 09:00:05 +0000\n"

static const struct check_case cases[] = {
	{ .name = "plain mail", .message = TOP BODY, .absent = "forged_path.*" },
	{ .name = "the client handed it to a stranger, and to us",
	  .present = "forged_path.false_line",
	  .message = TOP "Received: from [198.51.100.7] by mx9.example.info with ESMTP id 123; Tue, 3 Mar 2009 09:00:00 +0000\n" BODY },
	{ .name = "client and its server behind one address",
	  .absent = "forged_path.*",
	  .message = TOP "Received: from pc (198.51.100.7) by mail.example.net with ESMTP id 123; Tue, 3 Mar 2009 09:00:00 +0000\n" BODY },
	{ .name = "hotmail names its protocol",
	  .present = "forged_path.false_line",
	  .message = TOP "Received: from [203.0.113.4] by abc.hotmail.com; Tue, 3 Mar 2009 09:00:00 +0000\n" BODY },
	{ .name = "hotmail as it writes",
	  .absent = "forged_path.*",
	  .message = TOP "Received: from 203.0.113.4 by by1fd.bay1.hotmail.msn.com with HTTP; Tue, 3 Mar 2009 09:00:00 GMT\n" BODY },
	{ .name = "by the client's bare address",
	  .present = "forged_path.false_line",
	  .message = TOP "Received: from example.info ([203.0.113.9]) by 198.51.100.7; Tue, 3 Mar 2009 10:00:00 +0100\n" BODY },
	{ .name = "Exim's id from another year",
	  .present = "forged_path.false_line",
	  .message = TOP "Received: from a.example.net ([203.0.113.9]) by cpe-1.example.net with esmtp (Exim 4.69) (envelope-from "
			 "<a@example.org>) id 1CIlfc-0003Pa-8W "
			 "for b@example.com; Tue, 3 Mar 2009 09:00:00 +0000\n" BODY },
	{ .name = "Postfix with an id it never makes",
	  .present = "forged_path.false_line",
	  .message = TOP "Received: from a.example.net (a.example.net [203.0.113.9]) by cpe-1.example.net (Postfix) with ESMTP id "
			 "xq_77-quux; Tue, 3 Mar 2009 09:00:00 +0000\n" BODY },
	{ .name = "a weekday that was none",
	  .present = "forged_path.false_line",
	  .message = TOP "Received: from a.example.net (a.example.net [203.0.113.9]) by cpe-1.example.net with ESMTP; Fri, 3 Mar 2009 "
			 "09:00:00 +0000\n" BODY },
	{ .name = "a client beyond 255",
	  .present = "forged_path.false_line",
	  .message = TOP
	  "Received: from a.example.net (HELO x) ([203.0.300.9]) by cpe-1.example.net with SMTP; Tue, 3 Mar 2009 09:00:00 +0000\n" BODY },
	{ .name = "break and clock an hour ahead",
	  .absent = "forged_path.*",
	  .message = TOP "Received: from a.example.net (a.example.net [203.0.113.9]) by inner.local (Postfix) with ESMTP id 0A1B2C3D4E; "
			 "Tue, 3 Mar 2009 10:00:00 +0000\n" BODY },
	{ .name = "the same odd line, written by our own server",
	  .absent = "forged_path.*",
	  .message = "Received: from [203.0.113.4] by abc.hotmail.com; Tue, 3 Mar 2009 09:00:00 +0000\n" BODY },
};

CHECK_TEST_MAIN(forged_path, cases)
