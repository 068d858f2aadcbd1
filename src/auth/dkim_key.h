/* auth/dkim_key.h - what signing needs of a private key, beside what dkim.h offers to all. */
#ifndef AUTH_DKIM_KEY_H
#define AUTH_DKIM_KEY_H

#include "auth/dkim.h"

/* The algorithm with which the key signs: rsa-sha256 or ed25519-sha256. */
enum dkim_algorithm dkim_key_algorithm(const struct dkim_key *key);
/* The signature of a SHA-256 hash, in the arena. ERR_UNSUPPORTED: OpenSSL refused. */
int dkim_key_sign(const struct dkim_key *key, struct span digest, struct arena *arena, struct span *ret_signature);

#endif
