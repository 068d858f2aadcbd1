/* auth/dkim_hash.h - SHA-256 and SHA-1 of OpenSSL, fetched once a process (by name, each fetch costs as much as hashing a header). */
#ifndef AUTH_DKIM_HASH_H
#define AUTH_DKIM_HASH_H

#include "auth/dkim.h"

#include <openssl/types.h>

enum { DKIM_HASH_MAX = 32 };

/* A hash that is running; begun again and again with the same memory of OpenSSL. Owner: until dkim_hash_release. */
struct dkim_hash {
	EVP_MD_CTX *ctx;
	uint64_t bytes; /* hashed since the beginning of all */
};

const EVP_MD *dkim_hash_md(enum dkim_algorithm algorithm);
static inline size_t dkim_hash_size(enum dkim_algorithm algorithm) { return algorithm == DKIM_RSA_SHA1 ? 20 : 32; }
void dkim_hash_begin(struct dkim_hash *hash, enum dkim_algorithm algorithm);
/* hash is a struct dkim_hash: canonical.h takes it so. */
void dkim_hash_take(void *hash, const uint8_t *p, size_t n);
void dkim_hash_end(struct dkim_hash *hash, uint8_t ret_digest[DKIM_HASH_MAX]);
/* copy goes on from where hash stands. */
void dkim_hash_copy(const struct dkim_hash *hash, struct dkim_hash *copy);
void dkim_hash_release(struct dkim_hash *hash);

#endif
