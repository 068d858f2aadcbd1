/* auth/dkim_keys.h - does one of the keys that the DNS has for a signature verify it? For DKIM and ARC alike. */
#ifndef AUTH_DKIM_KEYS_H
#define AUTH_DKIM_KEYS_H

#include "auth/dkim_tags.h"

struct dkim_trial {
	enum dkim_crypto crypto; /* NONE: no key could be used */
	const char *problem;     /* then why, in words after "the key NAME"; else NULL */
	bool temporary;          /* the DNS did not answer */
	bool missing, revoked;
	bool testing, too_short; /* of the key that was used: t=y; RSA under 1024 bits */
	uint32_t bits;
};

/* answer: to the question for tags->key_name. digest: what was signed, hashed. More than one record is a mistake, but one of them may be
 * the right one: LIMIT_DKIM_KEYS are tried. */
void dkim_keys_try(const struct answer *answer, const struct dkim_tags *tags, struct span digest, struct dkim_trial *ret_trial);
/* "the key 2026a._domainkey.example.org does not exist" */
struct span dkim_keys_says(const struct dkim_trial *trial, const struct dkim_tags *tags, struct arena *arena);

#endif
