/* check/link_shown_host: the text shows one host, the link goes to another; and the ways honest mail does that. */
#include "tests/check_test.h"

/* A message from outside to ann@clientsite.co.nz. */
#define MAIL(from, type, body)                                                                                                             \
	"Received: from mail.sender.example (mail.sender.example [203.0.113.9]) by mx.clientsite.co.nz (Postfix) with ESMTP id 1\n"        \
	"\tfor <ann@clientsite.co.nz>; Tue, 20 Oct 2009 12:20:31 +1300\n" from "To: ann@clientsite.co.nz\nSubject: hello\n"                \
	"MIME-Version: 1.0\nContent-Type: " type "\n\n" body "\n"
#define LIST "From: a@sender.example\nList-Id: <dev.lists.example>\nPrecedence: list\n"

static const struct check_case cases[] = {
	{ .name = "a bank shown",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://host.example/login.php\">www.bank.org</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.shown_host" },
	{ .name = "a scheme shown",
	  .message =
	      MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://host.example/login.php\">https://www.bank.com/login</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.shown_host" },
	{ .name = "in brackets",
	  .message =
	      MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://host.example/login.php\">&lt;http://www.bank.com/&gt;</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.shown_host" },
	{ .name = "an address behind it",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://198.51.100.7/login.php\">www.bank.com</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.shown_host_address",
	  .absent = "link.shown_host" },
	{ .name = "an address as a number",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://3325256455/\">www.bank.com</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.shown_host_address" },
	{ .name = "the same house",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://shop.bank.com/\">www.bank.com</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.shown_*" },
	{ .name = "another country of the same name",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://www.bank.de/\">www.bank.com</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.shown_*" },
	{ .name = "a redirector that names it",
	  .message = MAIL("From: a@sender.example\n", "text/html",
			  "<a href=\"http://r.example/?u=http%3A%2F%2Fwww.bank.com%2F\">www.bank.com</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.shown_*" },
	{ .name = "a counted click",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://click.mailer.example/x\">www.bank.com</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.shown_host_counted",
	  .absent = "link.shown_host" },
	{ .name = "a token",
	  .message = MAIL("From: a@sender.example\n", "text/html",
			  "<a href=\"http://mailer.example/c/a81hd71ba0271bd8817ab817f\">www.bank.com</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.shown_host_counted",
	  .absent = "link.shown_host" },
	{ .name = "the sender is the target",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://www.sender.example/x\">www.bank.com</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.shown_host_counted",
	  .absent = "link.shown_host" },
	{ .name = "mailing list",
	  .message = MAIL(LIST, "text/html", "<a href=\"http://host.example/x\">www.bank.com</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.shown_host_list",
	  .absent = "link.shown_host" },
	{ .name = "words",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://host.example/x\">Visit the bank.com site</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.shown_*" },
	{ .name = "a file name",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://host.example/x\">report.doc</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.shown_*" },
};

CHECK_TEST_MAIN(link_shown_host, cases)
