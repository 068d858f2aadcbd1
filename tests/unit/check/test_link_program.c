/* check/link_program: links to programs by the last extension; and what only looks like one. */
#include "tests/check_test.h"

/* A message from outside to ann@clientsite.co.nz. */
#define MAIL(from, type, body)                                                                                                             \
	"Received: from mail.sender.example (mail.sender.example [203.0.113.9]) by mx.clientsite.co.nz (Postfix) with ESMTP id 1\n"        \
	"\tfor <ann@clientsite.co.nz>; Tue, 20 Oct 2009 12:20:31 +1300\n" from "To: ann@clientsite.co.nz\nSubject: hello\n"                \
	"MIME-Version: 1.0\nContent-Type: " type "\n\n" body "\n"
#define LIST "From: a@sender.example\nList-Id: <dev.lists.example>\nPrecedence: list\n"

static const struct check_case cases[] = {
	{ .name = "in the path",
	  .message = MAIL("From: a@sender.example\n", "text/plain", "http://evil.example/ssl/patch.exe"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.program" },
	{ .name = "percent-encoded",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://evil.example/ssl/patch%2E%65xe\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.program" },
	{ .name = "in a parameter",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://evil.example/get?file=a/patch.scr&x=1\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.program" },
	{ .name = "in a parameter, encoded",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://evil.example/get?file=patch%2Emsi\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.program" },
	{ .name = "behind a redirector",
	  .message =
	      MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://r.example/?u=http%3A%2F%2Fevil.example%2Fa.exe\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.program" },
	{ .name = "named like a document",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://evil.example/invoice.pdf.exe\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.program_disguised",
	  .absent = "link.program" },
	{ .name = "on a bare address",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://198.51.100.7/a.exe\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.program_on_address",
	  .absent = "link.program" },
	{ .name = "mailing list",
	  .message = MAIL(LIST, "text/html", "<a href=\"http://builds.example/a.exe\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.program_list",
	  .absent = "link.program" },
	{ .name = "a host name in the path",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://whois.example/example.com\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.program*" },
	{ .name = "JavaScript",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://www.example.com/x.js\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.program*" },
	{ .name = "in the middle",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://www.example.com/a.exe/about.html\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.program*" },
	{ .name = "a server page",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://www.example.com/a.aspx?x=1.php\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.program*" },
};

CHECK_TEST_MAIN(link_program, cases)
