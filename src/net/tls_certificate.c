/* net/tls_certificate.c - see tls_certificate.h */
#include "net/tls_certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

enum { KEY_BITS = 2048, DAY = 86400, YEARS = 10, SERIAL_BITS = 158, COMMON_NAME = 64 };

static bool add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool good = extension && X509_add_ext(certificate, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return good;
}

static bool set_serial(X509 *certificate)
{
	BIGNUM *number = BN_new();
	bool good = number && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
		    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
	BN_free(number);
	return good;
}

static bool set_times(X509 *certificate, int64_t now)
{
	time_t from = (time_t)now - DAY;
	return X509_time_adj_ex(X509_getm_notBefore(certificate), 0, 0, &from) &&
	       X509_time_adj_ex(X509_getm_notAfter(certificate), YEARS * 365, 0, &from);
}

static bool fill(X509 *certificate, EVP_PKEY *key, struct span name, int64_t now, struct arena *arena)
{
	X509_NAME *subject = X509_get_subject_name(certificate);
	struct span common = span_first(name, COMMON_NAME);
	const char *names = (const char *)arena_printf(arena, "DNS:%.*s", SPAN_ARG(name)).p;
	return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) && set_times(certificate, now) &&
	       X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, common.p, (int)common.n, -1, 0) == 1 &&
	       X509_set_issuer_name(certificate, subject) == 1 && X509_set_pubkey(certificate, key) == 1 &&
	       add_extension(certificate, NID_basic_constraints, "CA:FALSE") && add_extension(certificate, NID_subject_alt_name, names) &&
	       X509_sign(certificate, key, EVP_sha256()) > 0;
}

static struct span text_of(BIO *from, struct arena *arena)
{
	char *p;
	long n = BIO_get_mem_data(from, &p);
	return arena_dup(arena, span_of(p, (size_t)n));
}

int tls_certificate_make(struct span name, int64_t now, struct arena *arena, struct span *ret_certificate, struct span *ret_key)
{
	EVP_PKEY *key = EVP_RSA_gen(KEY_BITS);
	X509 *certificate = X509_new();
	BIO *first = BIO_new(BIO_s_mem()), *second = BIO_new(BIO_s_mem());
	if (!certificate || !first || !second)
		abort();
	bool good = key && fill(certificate, key, name, now, arena) && PEM_write_bio_X509(first, certificate) == 1 &&
		    PEM_write_bio_PrivateKey(second, key, NULL, NULL, 0, NULL, NULL) == 1;
	if (good) {
		*ret_certificate = text_of(first, arena);
		*ret_key = text_of(second, arena);
	}
	BIO_free(first);
	BIO_free(second);
	X509_free(certificate);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return good ? ERR_OK : ERR_IO;
}

bool tls_certificate_serves(struct span text, struct span name, int64_t now)
{
	BIO *in = BIO_new_mem_buf(text.p, (int)text.n);
	X509 *certificate = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
	time_t at = (time_t)now;
	bool serves = certificate && X509_check_host(certificate, (const char *)name.p, name.n, 0, NULL) == 1 &&
		      X509_cmp_time(X509_get0_notAfter(certificate), &at) > 0;
	X509_free(certificate);
	BIO_free(in);
	ERR_clear_error();
	return serves;
}
