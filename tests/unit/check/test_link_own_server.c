/* check/link_own_server: my own server shown, another place behind it; a program offered on my own server. */
#include "tests/check_test.h"
#include "tests/unit/check/link_mail.h"

static const struct check_case cases[] = {
	{ .name = "the documented case",
	  .message = MAIL(
	      "From: a@sender.example\n", "text/html",
	      "<a href=\"http://clientsite.co.nz.secure.certificates-db.com/ssl/patch.exe\">http://clientsite.co.nz/ssl/patch.exe</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.own_server" },
	{ .name = "another page",
	  .message = MAIL("From: a@sender.example\n", "text/html",
			  "<a href=\"http://evil.example/patch\">https://mail.clientsite.co.nz/login</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.own_server" },
	{ .name = "inferred from the recipient",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://evil.example/patch\">clientsite.co.nz/login</a>"),
	  .present = "link.own_server_likely",
	  .absent = "link.own_server" },
	{ .name = "a program on the own server",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://clientsite.co.nz/patch.exe\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.own_server_program" },
	{ .name = "truly the own server",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://www.clientsite.co.nz/news\">www.clientsite.co.nz</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.own_server*" },
	{ .name = "the own gateway",
	  .message = MAIL("From: a@sender.example\n", "text/html",
			  "<a href=\"http://gate.example/?url=http%3A%2F%2Fwww.clientsite.co.nz%2F\">www.clientsite.co.nz</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.own_server*" },
	{ .name = "counted clicks of the own newsletter",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://click.mailer.example/x81\">www.clientsite.co.nz</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.own_server_counted",
	  .absent = "link.own_server" },
	{ .name = "another house",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://evil.example/\">www.bank.com</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.own_server*" },
	{ .name = "plain text",
	  .message = MAIL("From: a@sender.example\n", "text/plain", "See http://www.clientsite.co.nz/"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.own_server*" },
};

CHECK_TEST_MAIN(link_own_server, cases)
