/* auth/dkim_hash.c - see dkim_hash.h */
#include "auth/dkim_hash.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

static EVP_MD *sha1, *sha256;

static void fetch(void)
{
	sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!sha256)
		abort(); /* OpenSSL without SHA-256 is broken */
}

/* Out of memory is the only way in which the calls below can fail, and ends the process, as with the arena. */
static void must(int ok)
{
	if (ok != 1)
		abort();
}

const EVP_MD *dkim_hash_md(enum dkim_algorithm algorithm)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, fetch);
	return algorithm == DKIM_RSA_SHA1 ? sha1 : sha256;
}

static void make(struct dkim_hash *hash)
{
	if (!hash->ctx)
		hash->ctx = EVP_MD_CTX_new();
	must(hash->ctx != NULL);
}

void dkim_hash_begin(struct dkim_hash *hash, enum dkim_algorithm algorithm)
{
	make(hash);
	must(EVP_DigestInit_ex2(hash->ctx, dkim_hash_md(algorithm), NULL));
}

void dkim_hash_take(void *taker, const uint8_t *p, size_t n)
{
	struct dkim_hash *hash = taker;
	hash->bytes += n;
	must(EVP_DigestUpdate(hash->ctx, p, n));
}

void dkim_hash_end(struct dkim_hash *hash, uint8_t ret_digest[DKIM_HASH_MAX]) { must(EVP_DigestFinal_ex(hash->ctx, ret_digest, NULL)); }

void dkim_hash_copy(const struct dkim_hash *hash, struct dkim_hash *copy)
{
	make(copy);
	must(EVP_MD_CTX_copy_ex(copy->ctx, hash->ctx));
}

void dkim_hash_release(struct dkim_hash *hash)
{
	EVP_MD_CTX_free(hash->ctx);
	hash->ctx = NULL;
}
