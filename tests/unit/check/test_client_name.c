/* check/client_name: only the client that crosses the boundary, only names given by the access provider. */
#include "tests/check_test.h"

#define BODY "From: a@example.org\nDate: Tue, 3 Mar 2009 10:00:00 +0100\nSubject: hello\n\nhello\n"
#define HOP(client) "Received: from " client " by mx.example.com (Postfix) with ESMTP id 0A1B2C3D4E; Tue, 3 Mar 2009 09:00:05 +0000\n"

static const struct check_case cases[] = {
	{ .name = "pool, hexadecimal",
	  .message = HOP("x (koln-5d8184e2.pool.example.de [93.129.132.226])") BODY,
	  .present = "client_name.dynamic" },
	{ .name = "dial-up, reversed",
	  .message = HOP("x (7.100.51.198.ppp.example.net [198.51.100.7])") BODY,
	  .present = "client_name.dynamic" },
	{ .name = "cable", .message = HOP("x (198-51-100-7.cable.example.net [198.51.100.7])") BODY, .present = "client_name.residential" },
	{ .name = "number only",
	  .message = HOP("x (host-198-51-100-7.example.net [198.51.100.7])") BODY,
	  .present = "client_name.numbered" },
	{ .name = "word only",
	  .message = HOP("x (gatekeeper.dyn.example.net [198.51.100.7])") BODY,
	  .present = "client_name.dynamic_word" },
	{ .name = "greeting that carries the address",
	  .present = "client_name.dynamic",
	  .message = "Received: from koln-5d8184e2.pool.example.de (93.129.132.226) by mx.example.com (10.0.0.1) with Microsoft SMTP "
		     "Server id 8.1.291.1; "
		     "Tue, 3 Mar 2009 09:00:05 +0000\n" BODY },
	{ .name = "live connection",
	  .client_ip = "198.51.100.7",
	  .rdns = "p198-51-100-7.dip.example.de",
	  .helo = "x",
	  .message = BODY,
	  .present = "client_name.dynamic" },
	{ .name = "mail server", .message = HOP("x (mail-198-51-100-7.example.net [198.51.100.7])") BODY, .absent = "client_name.*" },
	{ .name = "fixed line", .message = HOP("x (static-198-51-100-7.dsl.example.net [198.51.100.7])") BODY, .absent = "client_name.*" },
	{ .name = "rented server",
	  .message = HOP("x (7.100.51.198.bc.googleusercontent.com [198.51.100.7])") BODY,
	  .absent = "client_name.*" },
	{ .name = "no name", .message = HOP("pool.dyn.example.net (unknown [198.51.100.7])") BODY, .absent = "client_name.*" },
	{ .name = "user of ours on a pool line",
	  .absent = "client_name.*",
	  .message = "Received: from x (p198-51-100-7.dip.example.de [198.51.100.7]) by mx.example.com (Postfix) with ESMTPSA id "
		     "0A1B2C3D4E; Tue, 3 Mar 2009 09:00:05 +0000\n" BODY },
	{ .name = "pool line behind its provider's server",
	  .absent = "client_name.*",
	  .message = HOP(
	      "x (smtp.example.net [203.0.113.5])") "Received: from x (p198-51-100-7.dip.example.de [198.51.100.7]) by smtp.example.net "
						    "(Postfix) with ESMTP id 0A1B2C3D4F; Tue, 3 Mar 2009 09:00:00 +0000\n" BODY },
};

CHECK_TEST_MAIN(client_name, cases)
