/* tests/unit/auth/test_dkim_key.c - private keys made, read, refused, and published. */
#include "auth/dkim_key.h"
#include "auth/key.h"
#include "base/err.h"
#include "tests/dkim_test.h"

#include <openssl/pem.h>

static struct span pem_of(EVP_PKEY *key, bool traditional, const char *passphrase, struct arena *arena)
{
	char *text;
	BIO *bio = BIO_new(BIO_s_mem());
	if (traditional)
		PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL);
	else
		PEM_write_bio_PKCS8PrivateKey(bio, key, passphrase ? EVP_aes_128_cbc() : NULL, passphrase,
					      passphrase ? (int)strlen(passphrase) : 0, NULL, NULL);
	long n = BIO_get_mem_data(bio, &text);
	struct span pem = arena_dup(arena, span_of(text, (size_t)n));
	BIO_free(bio);
	return pem;
}

static void test_new(void **state)
{
	(void)state;
	static const struct {
		enum dkim_algorithm algorithm;
		const char *record;
		uint32_t bits;
	} cases[] = { { DKIM_RSA_SHA256, "v=DKIM1; k=rsa; p=", 2048 }, { DKIM_ED25519_SHA256, "v=DKIM1; k=ed25519; p=", 256 } };
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span pem, signature, digest = SPAN("0123456789abcdef0123456789abcdef");
		struct dkim_key *private;
		assert_int_equal(dkim_key_new(cases[i].algorithm, &arena, &pem), ERR_OK);
		assert_true(span_starts(pem, SPAN("-----BEGIN PRIVATE KEY-----\n")));
		assert_int_equal(dkim_key_read(pem, &private), ERR_OK);
		assert_int_equal(dkim_key_algorithm(private), cases[i].algorithm);
		struct span record = dkim_key_record(private, &arena);
		assert_true(span_starts(record, span_cstr(cases[i].record)));
		const struct key *public = key_get(record);
		assert_null(public->problem);
		assert_int_equal(public->bits, cases[i].bits);
		assert_int_equal(dkim_key_sign(private, digest, &arena, &signature), ERR_OK);
		assert_true(key_verify(public, cases[i].algorithm, digest, signature));
		assert_false(key_verify(public, cases[i].algorithm, SPAN("0123456789abcdef0123456789abcdeX"), signature));
		assert_false(key_verify(public, cases[i].algorithm, digest, span_skip(signature, 1)));
		assert_false(key_verify(public, cases[i].algorithm, digest, span_none));
		key_release(public);
		dkim_key_free(private);
	}
	dkim_key_free(NULL);
	arena_release(&arena);
}

static void test_read(void **state)
{
	(void)state;
	struct arena arena;
	struct dkim_key *key = NULL;
	arena_init(&arena);
	EVP_PKEY *ec = EVP_EC_gen("P-256");
	const struct {
		const char *name;
		struct span pem;
		int err;
	} cases[] = {
		{ "PKCS#8", pem_of(dkim_test_key(DKIM_TEST_RSA_2048), false, NULL, &arena), ERR_OK },
		{ "PKCS#1", pem_of(dkim_test_key(DKIM_TEST_RSA_2048), true, NULL, &arena), ERR_OK },
		{ "Ed25519", pem_of(dkim_test_key(DKIM_TEST_ED25519), false, NULL, &arena), ERR_OK },
		{ "short", pem_of(dkim_test_key(DKIM_TEST_RSA_512), false, NULL, &arena), ERR_UNSUPPORTED },
		{ "of a curve DKIM has not", pem_of(ec, false, NULL, &arena), ERR_UNSUPPORTED },
		{ "under a passphrase", pem_of(dkim_test_key(DKIM_TEST_RSA_2048), false, "secret", &arena), ERR_SYNTAX },
		{ "cut", span_first(pem_of(dkim_test_key(DKIM_TEST_RSA_2048), false, NULL, &arena), 500), ERR_SYNTAX },
		{ "text", SPAN("-----BEGIN PRIVATE KEY-----\nhello\n-----END PRIVATE KEY-----\n"), ERR_SYNTAX },
		{ "nothing", SPAN(""), ERR_SYNTAX },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		int err = dkim_key_read(cases[i].pem, &key);
		if (err != cases[i].err)
			print_error("%s\n", cases[i].name);
		assert_int_equal(err, cases[i].err);
		if (!err)
			dkim_key_free(key);
	}
	EVP_PKEY_free(ec);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_new), cmocka_unit_test(test_read) };
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	dkim_test_keys_free();
	return failed;
}
