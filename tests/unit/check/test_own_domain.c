/* check/own_domain: own domains from outside count, own machines, lists and guests do not or less. */
#include "tests/check_test.h"
#include "tests/unit/check/mail.h"

#define OURS .local_domains = "ours.example"
static const struct check_case cases[] = {
	{ .name = "own domain by a stranger",
	  .message = BROUGHT_BY(ELSEWHERE) "From: a@ours.example\n" TO_ME REST,
	  OURS,
	  .present = "own_domain.from" },
	{ .name = "below the own domain",
	  .message = BROUGHT_BY(ELSEWHERE) "From: a@sub.ours.example\n" TO_ME REST,
	  OURS,
	  .present = "own_domain.from" },
	{ .name = "only ends alike",
	  .message = BROUGHT_BY(ELSEWHERE) "From: a@notours.example\n" TO_ME REST,
	  OURS,
	  .absent = "own_domain.*" },
	{ .name = "inferred from the recipient",
	  .message = BROUGHT_BY(ELSEWHERE) "From: a@ours.example\n" TO_ME REST,
	  .present = "own_domain.from_likely",
	  .absent = "own_domain.from" },
	{ .name = "a free-mail domain is nobody's own",
	  .message = "Delivered-To: me@gmail.com\nReceived: from x (mail-x.google.com [198.51.100.7]) by mx.google.com with ESMTP id 1 for "
		     "<me@gmail.com>; Mon, 19 Oct 2026 12:20:31 +0000\n"
		     "From: friend@gmail.com\nTo: me@gmail.com\n" REST,
	  .absent = "own_domain.*" },
	{ .name = "an own machine outside the nets",
	  .message = BROUGHT_BY("www.ours.example (www.ours.example [198.51.100.8])") "From: a@ours.example\n" TO_ME REST,
	  OURS,
	  .absent = "own_domain.*" },
	{ .name = "through a list",
	  .message = BROUGHT_BY("lists.example.org (lists.example.org [198.51.100.9])") "List-Id: <x.lists.example.org>\nFrom: "
											"a@ours.example\nTo: x@lists.example.org\n" REST,
	  OURS,
	  .present = "own_domain.from_list",
	  .absent = "own_domain.from" },
	{ .name = "list headers do not help when inferred",
	  .message = BROUGHT_BY("lists.example.org (lists.example.org [198.51.100.9])") "List-Id: <x.lists.example.org>\nFrom: "
											"a@ours.example\nTo: x@lists.example.org\n" REST,
	  .absent = "own_domain.*" },
	{ .name = "came back",
	  .message =
	      BROUGHT_BY(ELSEWHERE) "Received: from pc.ours.example (pc.ours.example [198.51.100.20])\n\tby out.ours.example (Postfix) "
				    "with ESMTP id 4B1C23F0A2;\n\tMon, 19 Oct 2026 12:20:29 +0000\nFrom: a@ours.example\n" TO_ME REST,
	  OURS,
	  .present = "own_domain.from_returned",
	  .absent = "own_domain.from" },
	{ .name = "envelope only",
	  .message = "Return-Path: <a@ours.example>\n" BROUGHT_BY(ELSEWHERE) "From: b@elsewhere.example\n" TO_ME REST,
	  OURS,
	  .present = "own_domain.envelope" },
	{ .name = "greets with our name",
	  .message = BROUGHT_BY("ours.example (unknown [198.51.100.7])") "From: b@elsewhere.example\n" TO_ME REST,
	  OURS,
	  .present = "own_domain.helo" },
	{ .name = "a second server at a provider",
	  .message = BROUGHT_BY("mx2.ours.example (static-7.host.example [198.51.100.7])") "From: b@elsewhere.example\n" TO_ME REST,
	  OURS,
	  .absent = "own_domain.helo" },
	{ .name = "live connection",
	  .message = "From: a@ours.example\n" TO_ME REST,
	  OURS,
	  .client_ip = "198.51.100.7",
	  .helo = "x",
	  .present = "own_domain.from" },
	{ .name = "no path, nothing to say", .message = "From: a@ours.example\n" TO_ME REST, OURS, .absent = "own_domain.*" },
};

CHECK_TEST_MAIN(own_domain, cases)
