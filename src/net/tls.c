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
	SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS); /* 34 kB that an idle connection needs not */
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

static unsigned add_authorities(SSL_CTX *tls, struct span text)
{
	BIO *in = BIO_new_mem_buf(text.p, (int)text.n);
	X509 *certificate;
	unsigned n = 0;
	while (in && (certificate = PEM_read_bio_X509(in, NULL, NULL, NULL))) {
		n += X509_STORE_add_cert(SSL_CTX_get_cert_store(tls), certificate) == 1;
		X509_free(certificate);
	}
	BIO_free(in);
	ERR_clear_error();
	return n;
}

int tls_client_new(struct span authorities, struct arena *arena, struct ssl_ctx_st **ret_tls, struct span *ret_error)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
	if (!tls)
		abort();
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
	if (authorities.n) {
		SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
		X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(tls), X509_V_FLAG_PARTIAL_CHAIN);
	}
	if (authorities.n && !add_authorities(tls, authorities)) {
		SSL_CTX_free(tls);
		*ret_error = arena_dup(arena, SPAN("next_hop_authorities holds no certificate in PEM"));
		return ERR_SYNTAX;
	}
	*ret_tls = tls;
	return ERR_OK;
}

void tls_free(struct ssl_ctx_st *tls) { SSL_CTX_free(tls); }
