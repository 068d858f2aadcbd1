/* app/release.h - hands a held message back to the mail server, by SMTP (RFC 5321): a plain client that waits.
 *
 * Promises: all recipients or none: when one is refused nothing is delivered. 8BITMIME (RFC 6152) is asked for where the message
 * needs it and the server has it, SMTPUTF8 (RFC 6531) where an address needs it; a server without it is not given such an address: that
 * is said, and nothing delivered. Line ends become CRLF, nothing else is changed. Gives up after RELEASE_SECONDS without a word. Owner:
 * ret_why lives in the arena. */
#ifndef APP_RELEASE_H
#define APP_RELEASE_H

#include "config/settings.h"

enum { RELEASE_SECONDS = 120 };

struct release {
	const struct settings_address *to;
	struct span hostname;  /* this server, for EHLO */
	struct span mail_from; /* empty: <> */
	const struct span *recipients;
	uint32_t n_recipients;
	struct span content;
	uint32_t seconds; /* 0: RELEASE_SECONDS */
};

/* ERR_IO: for now: it could not be reached, or put it off. ERR_USAGE: refused. Then *ret_why says by whom and with which words. */
int release_deliver(const struct release *release, struct arena *arena, struct span *ret_why);

#endif
