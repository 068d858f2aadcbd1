/* tests/unit/auth/test_key.c - key records decoded once and kept, in a bounded cache that threads share; keys that are too big refused. */
#include "auth/key.h"
#include "base/buf.h"
#include "base/limits.h"
#include "tests/dkim_test.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <pthread.h>

/* A public key of RSA that nobody has the other half of. */
static struct span public_of(int bits, int exponent_bits, struct arena *arena)
{
	BIGNUM *n = BN_new(), *e = BN_new();
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	assert_true(BN_rand(n, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD));
	assert_true(BN_rand(e, exponent_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD));
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	struct span text = dkim_test_public(key, arena);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	BN_free(n);
	BN_free(e);
	return text;
}

static void test_sizes(void **state)
{
	(void)state;
	static const struct {
		int bits, exponent_bits;
		const char *problem; /* part of it; NULL: none */
	} cases[] = {
		{ 512, 17, NULL },
		{ 1024, 2, NULL },
		{ LIMIT_DKIM_KEY_BITS, 17, NULL },
		{ LIMIT_DKIM_KEY_BITS + 1, 17, "more than 8192 bits" },
		{ 16000, 17, "more than 8192 bits" },
		{ 2048, 64, NULL },
		{ 2048, 65, "exponent" },
		{ 2048, 2048, "exponent" },
	};
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct key *key =
		    key_get(arena_printf(&arena, "p=%.*s", SPAN_ARG(public_of(cases[i].bits, cases[i].exponent_bits, &arena))));
		if (cases[i].problem) {
			assert_non_null(key->problem);
			assert_non_null(strstr(key->problem, cases[i].problem));
			assert_null(key->public);
		} else {
			assert_null(key->problem);
			assert_int_equal(key->bits, cases[i].bits);
		}
		key_release(key);
	}
	struct buf record;
	buf_init(&record, &arena, 100000);
	buf_cstr(&record, "v=DKIM1; p=");
	while (record.n <= LIMIT_DKIM_KEY_BYTES)
		buf_byte(&record, 'A');
	const struct key *key = key_get(buf_span(&record));
	assert_string_equal(key->problem, "is longer than any key");
	key_release(key);
	arena_release(&arena);
}

/* RFC 6376 speaks of a bare RSAPublicKey, the world writes SubjectPublicKeyInfo: both are read. */
static void test_both_forms(void **state)
{
	(void)state;
	struct arena arena;
	struct span spki, bare;
	arena_init(&arena);
	EVP_PKEY *pair = dkim_test_key(DKIM_TEST_RSA_2048);
	uint8_t *der = NULL;
	int n = i2d_PublicKey(pair, &der);
	bare = dkim_base64_encode(span_of(der, (size_t)n), &arena);
	OPENSSL_free(der);
	spki = dkim_test_public(pair, &arena);
	const struct key *a = key_get(arena_printf(&arena, "p=%.*s", SPAN_ARG(spki)));
	const struct key *b = key_get(arena_printf(&arena, "p=%.*s", SPAN_ARG(bare)));
	assert_null(a->problem);
	assert_null(b->problem);
	assert_int_equal(EVP_PKEY_eq(a->public, b->public), 1);
	key_release(a);
	key_release(b);
	arena_release(&arena);
}

static void test_kept(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	struct span record = arena_printf(&arena, "k=rsa; p=%.*s", SPAN_ARG(dkim_test_public(dkim_test_key(DKIM_TEST_RSA_512), &arena)));
	uint64_t before = key_decoded();
	const struct key *first = key_get(record);
	for (int i = 0; i < 1000; i++) {
		const struct key *again = key_get(arena_dup(&arena, record));
		assert_ptr_equal(again, first);
		key_release(again);
		key_release(key_get(SPAN("p=@")));
	}
	assert_int_equal(key_decoded(), before + 2); /* what is no key is remembered too */
	/* Held keys outlive their place in the cache. */
	for (int i = 0; i < 8 * KEY_CACHE; i++)
		key_release(key_get(arena_printf(&arena, "p=; n=%d", i)));
	assert_null(first->problem);
	assert_int_equal(first->bits, 512);
	key_release(first);
	before = key_decoded();
	key_release(key_get(SPAN("p=; n=1")));
	assert_int_equal(key_decoded(), before + 1); /* it had gone */
	arena_release(&arena);
}

static void *hammer(void *number)
{
	struct arena arena;
	arena_init(&arena);
	for (int i = 0; i < 3000; i++) {
		int which = (i * 7 + *(int *)number * 13) % 2000;
		const struct key *key = key_get(arena_printf(&arena, "p=; n=%d", which));
		if (!key->revoked)
			abort();
		key_release(key);
		arena_reset(&arena);
	}
	arena_release(&arena);
	return NULL;
}

static void test_threads(void **state)
{
	(void)state;
	pthread_t threads[4];
	int numbers[4];
	for (int i = 0; i < 4; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, &numbers[i]), 0);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

/* One key used by many at a time. */
static struct span shared_record, shared_signature;
static const struct span shared_digest = SPAN_INIT("0123456789abcdef0123456789abcdef");

static void *verify_often(void *unused)
{
	for (int i = 0; i < 300; i++) {
		const struct key *key = key_get(shared_record);
		if (!key_verify(key, DKIM_RSA_SHA256, shared_digest, shared_signature) ||
		    key_verify(key, DKIM_RSA_SHA256, shared_digest, span_skip(shared_signature, 1)) ||
		    key_verify(key, DKIM_RSA_SHA1, span_first(shared_digest, 20), shared_signature))
			abort();
		key_release(key);
	}
	return unused;
}

static void test_verify_threads(void **state)
{
	(void)state;
	struct arena arena;
	pthread_t threads[4];
	EVP_PKEY *pair = dkim_test_key(DKIM_TEST_RSA_2048);
	arena_init(&arena);
	shared_record = arena_printf(&arena, "p=%.*s", SPAN_ARG(dkim_test_public(pair, &arena)));
	shared_signature = dkim_test_sign_(pair, dkim_hash_md(DKIM_RSA_SHA256), shared_digest, &arena);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_often, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),   cmocka_unit_test(test_both_forms),     cmocka_unit_test(test_kept),
		cmocka_unit_test(test_threads), cmocka_unit_test(test_verify_threads),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	dkim_test_keys_free();
	return failed;
}
