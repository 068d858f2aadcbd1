/* session/smtp_exim_address.h - an address of MAIL, RCPT or VRFY as Exim reads it: comments, names before brackets and source routes are
 * taken, and each fault has words of its own.
 *
 * Promises: pure; linear; every span lies in the bytes given. Does not: look at parameters, ask for a domain. */
#ifndef SESSION_SMTP_EXIM_ADDRESS_H
#define SESSION_SMTP_EXIM_ADDRESS_H

#include "base/span.h"

struct smtp_exim_address {
	struct span address, route; /* without brackets and comments at its ends; the address may be empty */
	struct span local, domain;  /* domain: empty: none */
	const char *fault;          /* what is wrong, as smtp_words.h has texts, with these as %2 and %3; NULL: nothing is */
	struct span details[2];
};

struct smtp_exim_reading {
	bool empty;    /* <> will do */
	bool utf8;     /* in the domain, too */
	size_t equals; /* the byte at this place is read as "="; SPAN_NPOS: none is */
};

/* False: there is a fault. */
bool smtp_exim_address_read(struct span text, const struct smtp_exim_reading *how, struct smtp_exim_address *ret_address);

#endif
