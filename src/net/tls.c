/* net/tls.c - see tls.h */
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>

void tls_prepare(void) { OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL); }

static bool use_certificates(SSL_CTX *tls, BIO *in)
{
	X509 *certificate = PEM_read_bio_X509(in, NULL, NULL, NULL);
	bool good = certificate && SSL_CTX_use_certificate(tls, certificate) == 1;
	X509_free(certificate);
	while (good && (certificate = PEM_read_bio_X509(in, NULL, NULL, NULL)))
		if (SSL_CTX_add0_chain_cert(tls, certificate) != 1) {
			X509_free(certificate);
			good = false;
		}
	return good;
}

static bool use_key(SSL_CTX *tls, BIO *in)
{
	EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	bool good = key && SSL_CTX_use_PrivateKey(tls, key) == 1 && SSL_CTX_check_private_key(tls) == 1;
	EVP_PKEY_free(key);
	return good;
}

int tls_server_new(struct span certificate, struct span key, struct arena *arena, struct ssl_ctx_st **ret_tls, struct span *ret_error)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	BIO *certificates = BIO_new_mem_buf(certificate.p, (int)certificate.n), *keys = BIO_new_mem_buf(key.p, (int)key.n);
	if (!tls || !certificates || !keys)
		abort();
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
	const char *what = !use_certificates(tls, certificates) ? "certificate holds no certificate in PEM"
			   : !use_key(tls, keys)                ? "key holds no key in PEM, or not that of the certificate"
								: NULL;
	BIO_free(certificates);
	BIO_free(keys);
	ERR_clear_error();
	if (!what) {
		*ret_tls = tls;
		return ERR_OK;
	}
	SSL_CTX_free(tls);
	*ret_error = arena_dup(arena, span_cstr(what));
	return ERR_SYNTAX;
}

void tls_server_free(struct ssl_ctx_st *tls) { SSL_CTX_free(tls); }
