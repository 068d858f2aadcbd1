/* check/link_recipient_address: my address in a link: plain, encoded, behind #; and that a newsletter stays unharmed. */
#include "tests/check_test.h"
#include "tests/unit/check/link_mail.h"

static const struct check_case cases[] = {
	{ .name = "plain",
	  .message = MAIL("From: a@sender.example\n", "text/plain", "http://evil.example/id=7-ann@clientsite.co.nz-patch"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.recipient_address" },
	{ .name = "percent-encoded",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://evil.example/?e=Ann%40clientsite.co.nz\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.recipient_address" },
	{ .name = "base64",
	  .message =
	      MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://evil.example/?e=YW5uQGNsaWVudHNpdGUuY28ubno=\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.recipient_address_encoded" },
	{ .name = "base64 behind one byte",
	  .message =
	      MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://evil.example/?e=eGFubkBjbGllbnRzaXRlLmNvLm56\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.recipient_address_encoded" },
	{ .name = "base64 behind two bytes",
	  .message =
	      MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://evil.example/?e=eHlhbm5AY2xpZW50c2l0ZS5jby5ueg==\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.recipient_address_encoded" },
	{ .name = "behind #",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://evil.example/#ann@clientsite.co.nz\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.recipient_address_fragment" },
	{ .name = "base64 behind #",
	  .message =
	      MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://evil.example/#YW5uQGNsaWVudHNpdGUuY28ubno=\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .present = "link.recipient_address_fragment" },
	{ .name = "somebody else",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://evil.example/?e=bob@clientsite.co.nz\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.recipient_*" },
	{ .name = "to the own server",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"http://clientsite.co.nz/?e=ann@clientsite.co.nz\">here</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.recipient_*" },
	{ .name = "a mail address is no web link",
	  .message = MAIL("From: a@sender.example\n", "text/html", "<a href=\"mailto:ann@clientsite.co.nz\">write</a>"),
	  .local_domains = "clientsite.co.nz",
	  .absent = "link.recipient_*" },
};

CHECK_TEST_MAIN(link_recipient_address, cases)
