/* auth/key.h - the public keys of DKIM and ARC: records of the DNS decoded once a process and kept (RFC 6376 3.6.1, RFC 8463).
 *
 * Promises: thread-safe; the cache is bounded (KEY_CACHE records, the oldest of a few go) and keyed by the record's text, so that no age
 * matters; what no key can be made of is remembered too. RSA beyond 8192 bits, or with an exponent beyond 64, is refused: a
 * key is the sender's, the work to use it ours. Owner: a key belongs to the cache and to whoever got it, until key_release. */
#ifndef AUTH_KEY_H
#define AUTH_KEY_H

#include "auth/dkim.h"

#include <openssl/types.h>

enum { KEY_CACHE = 1024 };

struct key {
	const char *problem; /* why there is no key in it ("is not base64"), or NULL */
	enum key_type { KEY_RSA, KEY_ED25519 } type;
	uint32_t bits;
	bool revoked;      /* p= is empty */
	bool testing;      /* t=y */
	bool strict;       /* t=s: i= must be the very domain */
	bool sha1, sha256; /* h= allows it */
	EVP_PKEY *public;  /* NULL with a problem */
};

const struct key *key_get(struct span record);
void key_release(const struct key *key);
/* Is the signature that of these hashed bytes? Of SHA-1 for DKIM_RSA_SHA1, else SHA-256; the algorithm must be one of the key's type. */
bool key_verify(const struct key *key, enum dkim_algorithm algorithm, struct span digest, struct span signature);
/* Can the key be used with that algorithm? */
static inline bool key_fits(const struct key *key, enum dkim_algorithm algorithm)
{
	return key->type == (algorithm == DKIM_ED25519_SHA256 ? KEY_ED25519 : KEY_RSA);
}
/* Records decoded by this process so far: tests see that the cache works. */
uint64_t key_decoded(void);

#endif
