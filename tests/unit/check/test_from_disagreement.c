/* check/from_disagreement: fields that speak of different senders; lists, services and forwarders that honestly differ. */
#include "tests/check_test.h"
#include "tests/unit/check/mail.h"

#define BY(head) BROUGHT_BY(ELSEWHERE) head TO_ME REST
static const struct check_case cases[] = {
	{ .name = "answers to a free-mail box",
	  .message = BY("From: a@elsewhere.example\nReply-To: a.b@gmail.com\n"),
	  .present = "from.reply_free" },
	{ .name = "free-mail to another", .message = BY("From: a@yahoo.com\nReply-To: b@gmail.com\n"), .present = "from.reply_other_free" },
	{ .name = "the same person at two boxes",
	  .message = BY("From: john.doe@yahoo.com\nReply-To: john.doe@gmail.com\n"),
	  .absent = "from.reply*" },
	{ .name = "same organisation",
	  .message = BY("From: a@elsewhere.example\nReply-To: b@www.elsewhere.example\n"),
	  .absent = "from.reply*" },
	{ .name = "a list",
	  .message = BY("From: a@gmail.com\nReply-To: list@lists.example.org\nList-Id: <list.lists.example.org>\n"),
	  .absent = "from.reply*" },
	{ .name = "somebody else",
	  .message = BY("From: a@elsewhere.example\nReply-To: b@other.example.net\n"),
	  .present = "from.reply_elsewhere" },
	{ .name = "our server added the Message-ID",
	  .message = BROUGHT_BY(ELSEWHERE) "From: a@elsewhere.example\n" TO_ME "Message-ID: <2026.x@mx.ours.example>\nSubject: x\n\nx\n",
	  .present = "from.message_id_ours" },
	{ .name = "own mail",
	  .message = BROUGHT_BY(ELSEWHERE) "From: a@ours.example\n" TO_ME "Message-ID: <2026.x@mx.ours.example>\nSubject: x\n\nx\n",
	  .absent = "from.message_id_ours" },
	{ .name = "unknown to all other fields",
	  .message = BROUGHT_BY(ELSEWHERE) "From: a@stranger-house.net\nReturn-Path: <x@elsewhere.example>\n" TO_ME
					   "Message-ID: <1@elsewhere.example>\nSubject: x\n\nx\n",
	  .present = "from.unknown_elsewhere" },
	{ .name = "known to the path", .message = BY("From: a@elsewhere.example\n"), .absent = "from.unknown_elsewhere" },
	{ .name = "answer to nothing",
	  .message = BROUGHT_BY(ELSEWHERE) "From: a@elsewhere.example\n" TO_ME "Subject: Re: your order\n\nx\n",
	  .present = "from.fake_reply" },
	{ .name = "answer",
	  .message =
	      BROUGHT_BY(ELSEWHERE) "From: a@elsewhere.example\nIn-Reply-To: <1@ours.example>\n" TO_ME "Subject: Re: your order\n\nx\n",
	  .absent = "from.fake_reply" },
	{ .name = "errors to a free-mail box",
	  .message = "Return-Path: <x@hotmail.com>\n" BY("From: a@elsewhere.example\n"),
	  .present = "from.envelope_free" },
	{ .name = "forwarded by the free-mail service",
	  .message = "Return-Path: <me+caf_=me=ours.example@gmail.com>\n" BY("From: a@elsewhere.example\n"),
	  .absent = "from.envelope_free" },
	{ .name = "a number", .message = BY("From: anna19743@elsewhere.example\n"), .present = "from.digits" },
	{ .name = "no address", .message = BY("From: Facebook\n"), .present = "from.no_address" },
};

CHECK_TEST_MAIN(from_disagreement, cases)
