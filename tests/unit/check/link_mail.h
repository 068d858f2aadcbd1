/* tests/unit/check/link_mail.h - messages for the tests of links: whole, but for who sends them and what they say. */
#ifndef TESTS_UNIT_CHECK_LINK_MAIL_H
#define TESTS_UNIT_CHECK_LINK_MAIL_H

/* A message from outside to ann@clientsite.co.nz. */
#define MAIL(from, type, body)                                                                                                             \
	"Received: from mail.sender.example (mail.sender.example [203.0.113.9]) by mx.clientsite.co.nz (Postfix) with ESMTP id 1\n"        \
	"\tfor <ann@clientsite.co.nz>; Tue, 20 Oct 2009 12:20:31 +1300\n" from "To: ann@clientsite.co.nz\nSubject: hello\n"                \
	"MIME-Version: 1.0\nContent-Type: " type "\n\n" body "\n"
/* For from: of a mailing list. */
#define LIST "From: a@sender.example\nList-Id: <dev.lists.example>\nPrecedence: list\n"

#endif
