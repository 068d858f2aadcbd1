/* auth/dkim_key.c - private keys: made, read, published, and signed with; see dkim.h and dkim_key.h */
#include "auth/dkim_key.h"
#include "auth/dkim_base64.h"
#include "auth/dkim_hash.h"
#include "base/err.h"
#include "base/limits.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum { SHORTEST = 1024, NEW_RSA_BITS = 2048, ED25519_BYTES = 32, SIGNATURE_MAX = LIMIT_DKIM_KEY_BITS / 8 };

struct dkim_key {
	EVP_PKEY *private;
	enum dkim_algorithm algorithm;
};

/* A key under a passphrase is refused, never asked for at a terminal. */
static int no_passphrase(char *buf, int size, int writing, void *user)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)user;
	return -1;
}

static int check(const EVP_PKEY *private, enum dkim_algorithm *ret)
{
	int bits = EVP_PKEY_get_bits(private);
	if (EVP_PKEY_is_a(private, "ED25519")) {
		*ret = DKIM_ED25519_SHA256;
		return ERR_OK;
	}
	*ret = DKIM_RSA_SHA256;
	return EVP_PKEY_is_a(private, "RSA") && bits >= SHORTEST && bits <= (int)LIMIT_DKIM_KEY_BITS ? ERR_OK : ERR_UNSUPPORTED;
}

int dkim_key_read(struct span pem, struct dkim_key **ret)
{
	enum dkim_algorithm algorithm;
	BIO *bio = BIO_new_mem_buf(pem.p, (int)span_first(pem, INT32_MAX).n);
	EVP_PKEY *private = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
	BIO_free(bio);
	ERR_clear_error();
	if (!private)
		return ERR_SYNTAX;
	int err = check(private, &algorithm);
	struct dkim_key *key = err ? NULL : malloc(sizeof *key);
	if (!key) {
		EVP_PKEY_free(private);
		return err ? err : ERR_LIMIT;
	}
	key->private = private;
	key->algorithm = algorithm;
	*ret = key;
	return ERR_OK;
}

int dkim_key_new(enum dkim_algorithm algorithm, struct arena *arena, struct span *ret)
{
	EVP_PKEY *private = algorithm == DKIM_ED25519_SHA256 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : EVP_RSA_gen(NEW_RSA_BITS);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	int err = private && bio && PEM_write_bio_PKCS8PrivateKey(bio, private, NULL, NULL, 0, NULL, NULL) ? ERR_OK : ERR_UNSUPPORTED;
	if (!err) {
		long n = BIO_get_mem_data(bio, &text);
		*ret = arena_dup(arena, span_of(text, (size_t)n));
	}
	BIO_free(bio);
	EVP_PKEY_free(private);
	ERR_clear_error();
	return err;
}

void dkim_key_free(struct dkim_key *key)
{
	if (key)
		EVP_PKEY_free(key->private);
	free(key);
}

struct span dkim_key_record(const struct dkim_key *key, struct arena *arena)
{
	uint8_t raw[ED25519_BYTES], *der = raw;
	size_t n = sizeof raw;
	bool rsa = key->algorithm == DKIM_RSA_SHA256;
	if (rsa) {
		der = NULL;
		n = (size_t)i2d_PUBKEY(key->private, &der);
	} else {
		EVP_PKEY_get_raw_public_key(key->private, raw, &n);
	}
	struct span record =
	    arena_printf(arena, "v=DKIM1; k=%s; p=%.*s", rsa ? "rsa" : "ed25519", SPAN_ARG(dkim_base64_encode(span_of(der, n), arena)));
	if (rsa)
		OPENSSL_free(der);
	return record;
}

enum dkim_algorithm dkim_key_algorithm(const struct dkim_key *key) { return key->algorithm; }

static bool sign_rsa(const struct dkim_key *key, struct span digest, uint8_t *out, size_t *n)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->private, NULL);
	bool good = ctx && EVP_PKEY_sign_init(ctx) > 0 && EVP_PKEY_CTX_set_signature_md(ctx, dkim_hash_md(key->algorithm)) > 0 &&
		    EVP_PKEY_sign(ctx, out, n, digest.p, digest.n) > 0;
	EVP_PKEY_CTX_free(ctx);
	return good;
}

static bool sign_ed25519(const struct dkim_key *key, struct span digest, uint8_t *out, size_t *n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good =
	    ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->private) > 0 && EVP_DigestSign(ctx, out, n, digest.p, digest.n) > 0;
	EVP_MD_CTX_free(ctx);
	return good;
}

int dkim_key_sign(const struct dkim_key *key, struct span digest, struct arena *arena, struct span *ret)
{
	uint8_t *out = arena_alloc(arena, SIGNATURE_MAX);
	size_t n = SIGNATURE_MAX;
	bool good = key->algorithm == DKIM_ED25519_SHA256 ? sign_ed25519(key, digest, out, &n) : sign_rsa(key, digest, out, &n);
	ERR_clear_error();
	if (!good)
		return ERR_UNSUPPORTED;
	*ret = span_of(out, n);
	return ERR_OK;
}
