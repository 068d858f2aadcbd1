/* app/sign.h - the options of `postern sign` (app/sign.c). */
#ifndef APP_SIGN_H
#define APP_SIGN_H

#include "auth/dkim.h"

struct sign_options {
	const char *key; /* FILE, or NULL */
	struct span domain, selector;
	bool new_key;
	enum dkim_algorithm algorithm; /* of the new key */
	enum dkim_canonical header, body;
};

/* "relaxed/relaxed", "simple": header/body, and without a slash the body is simple (RFC 6376 3.5). */
bool sign_parse_canonical(struct span text, struct sign_options *options);
/* "rsa" or "ed25519". */
bool sign_parse_new_key(struct span text, struct sign_options *options);

#endif
