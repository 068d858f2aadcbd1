/* check/link_own_labels: my own domain inside a foreign host, dotted, dashed, encoded; and the proxies that do so honestly. */
#include "tests/check_test.h"

/* A message from outside to ann@clientsite.co.nz. */
#define MAIL(from, type, body)                                                                                                             \
	"Received: from mail.sender.example (mail.sender.example [203.0.113.9]) by mx.clientsite.co.nz (Postfix) with ESMTP id 1\n"        \
	"\tfor <ann@clientsite.co.nz>; Tue, 20 Oct 2009 12:20:31 +1300\n" from "To: ann@clientsite.co.nz\nSubject: hello\n"                \
	"MIME-Version: 1.0\nContent-Type: " type "\n\n" body "\n"

static const struct check_case cases[] = {
	{ .name = "the documented case",
	  .message =
	      MAIL("From: a@sender.example\n", "text/plain", "http://updates.clientsite.co.nz.secure.certificates-db.com/ssl/id=1.exe"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.own_labels" },
	{ .name = "percent-encoded",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://clientsite%2Eco%2Enz.evil.example/\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.own_labels" },
	{ .name = "in capitals, another domain",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://WWW.CLIENTSITE.CO.NZ.evil.net/\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.own_labels" },
	{ .name = "inferred from the recipient",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://clientsite.co.nz.evil.example/\">here</a>"),
	  .present = "link.own_labels_likely",
	  .absent = "link.own_labels" },
	{ .name = "with dashes",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://clientsite-co-nz.evil.example/\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.own_labels_dashed" },
	{ .name = "inside a redirector",
	  .message = MAIL("From: a@sender.example\n", "text/html",
			  "<a href=\"http://r.example/?u=http%3A%2F%2Fclientsite.co.nz.evil.net%2F\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.own_labels" },
	{ .name = "obfuscated",
	  .message = MAIL("From: a@sender.example\n", "text/plain", "hxxp://clientsite.co.nz[.]evil[.]net/"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.own_labels" },
	{ .name = "the own server",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://www.clientsite.co.nz/\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.own_*" },
	{ .name = "a library proxy",
	  .message =
	      MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://clientsite.co.nz.ezproxy.university.example/\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.own_*" },
	{ .name = "a longer word",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://myclientsite.co.nz.example/\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.own_*" },
	{ .name = "in the path only",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://reports.example/clientsite.co.nz/\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.own_domain_in_path",
	  .absent = "link.own_labels" },
	{ .name = "another domain",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://www.example.com/\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.own_*" },
};

CHECK_TEST_MAIN(link_own_labels, cases)
