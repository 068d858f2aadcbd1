/* session/smtp_path.h - the addresses of MAIL FROM and RCPT TO, in parts (RFC 5321 section 4.1.2, RFC 6531).
 *
 * Promises: pure; linear; every span lies in the bytes given. What RFC 5321 does not have but some server somewhere would read (two @, a
 * domain that is none, a quote in the middle) is `odd`: refused by the honest, read by a trap.
 * Does not: ask whether the domain exists. */
#ifndef SESSION_SMTP_PATH_H
#define SESSION_SMTP_PATH_H

#include "base/span.h"

struct smtp_path {
	struct span whole;   /* as it was written, with its brackets */
	struct span route;   /* "@a,@b" of a source route, without its colon; may be empty */
	struct span address; /* without brackets and route; empty for <> */
	struct span local;   /* as it was written, quotes included */
	struct span domain;  /* as it was written, brackets of a literal included; empty: none */
	bool bare;           /* no brackets around it */
	bool quoted;
	bool literal; /* the domain is an address in brackets */
	bool utf8;    /* has bytes beyond ASCII */
	bool odd;
};

/* Takes the path off the beginning of *text; what follows it (parameters) is left, without the blank between. False: there is none. */
bool smtp_path_take(struct span *text, struct smtp_path *ret_path);
/* A domain name of RFC 5321, underscores and UTF-8 allowed. */
bool smtp_domain_valid(struct span domain);

#endif
