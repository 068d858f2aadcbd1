/* tests/dkim_test.h - what the tests of DKIM and ARC share: keys of any size, signatures written by hand, answers of a made-up DNS.
 *
 * postern's own signer refuses what policy refuses (SHA-1, short keys, l=), so the tests sign with OpenSSL over the digests of auth/. */
#ifndef TESTS_DKIM_TEST_H
#define TESTS_DKIM_TEST_H

#include "auth/dkim_base64.h"
#include "auth/dkim_digest.h"
#include "base/clock.h"
#include "tests/test.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum dkim_test_key { DKIM_TEST_RSA_2048, DKIM_TEST_RSA_512, DKIM_TEST_ED25519, DKIM_TEST_KEYS };

static EVP_PKEY *dkim_test_keys_[DKIM_TEST_KEYS];

static inline EVP_PKEY *dkim_test_key(enum dkim_test_key key)
{
	if (!dkim_test_keys_[key])
		dkim_test_keys_[key] = key == DKIM_TEST_ED25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
								: EVP_RSA_gen(key == DKIM_TEST_RSA_512 ? 512 : 2048);
	assert_non_null(dkim_test_keys_[key]);
	return dkim_test_keys_[key];
}

static inline void dkim_test_keys_free(void)
{
	for (int i = 0; i < DKIM_TEST_KEYS; i++)
		EVP_PKEY_free(dkim_test_keys_[i]);
}

/* p= of its record. */
static inline struct span dkim_test_public(EVP_PKEY *key, struct arena *arena)
{
	uint8_t raw[32], *der = NULL;
	size_t n = sizeof raw;
	if (EVP_PKEY_is_a(key, "ED25519")) {
		EVP_PKEY_get_raw_public_key(key, raw, &n);
		return dkim_base64_encode(span_of(raw, n), arena);
	}
	n = (size_t)i2d_PUBKEY(key, &der);
	struct span text = dkim_base64_encode(span_of(der, n), arena);
	OPENSSL_free(der);
	return text;
}

static inline struct span dkim_test_sign_(EVP_PKEY *key, const EVP_MD *md, struct span digest, struct arena *arena)
{
	uint8_t *out = arena_alloc(arena, 4096);
	size_t n = 4096;
	if (EVP_PKEY_is_a(key, "ED25519")) {
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();
		assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key), 1);
		assert_int_equal(EVP_DigestSign(ctx, out, &n, digest.p, digest.n), 1);
		EVP_MD_CTX_free(ctx);
		return span_of(out, n);
	}
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, md), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, out, &n, digest.p, digest.n), 1);
	EVP_PKEY_CTX_free(ctx);
	return span_of(out, n);
}

/* The message with "DKIM-Signature: TAGS; bh=...; b=..." on top, signed as the tags say. */
static inline struct span dkim_test_signed(const char *tags_text, EVP_PKEY *key, struct span message_text, struct arena *arena)
{
	struct span bh = SPAN("AAAA"), whole = span_none;
	for (int pass = 0; pass < 2; pass++) {
		struct message message;
		struct dkim_tags tags;
		struct dkim_digest digest;
		whole = arena_printf(arena, "DKIM-Signature: %s; bh=%.*s; b=AAAA\n%.*s", tags_text, SPAN_ARG(bh), SPAN_ARG(message_text));
		message_parse(whole, arena, &message);
		const struct header *own = header_first(message_headers(&message), HEADER_DKIM_SIGNATURE);
		dkim_tags_read(DKIM_FIELD_SIGNATURE, own->value, arena, &tags);
		dkim_digest_init(&digest, &message, arena);
		const struct dkim_body *body = dkim_digest_body(&digest, &tags);
		bh = dkim_base64_encode(span_of(body->digest, dkim_hash_size(tags.algorithm)), arena);
		if (pass) {
			struct span hash = dkim_digest_header(&digest, &tags, own);
			struct span b = dkim_test_sign_(key, dkim_hash_md(tags.algorithm), hash, arena);
			whole = arena_printf(arena, "DKIM-Signature: %s; bh=%.*s; b=%.*s\n%.*s", tags_text, SPAN_ARG(bh),
					     SPAN_ARG(dkim_base64_encode(b, arena)), SPAN_ARG(message_text));
		}
		dkim_digest_release(&digest);
	}
	return whole;
}

static inline void dkim_test_answer(struct answers *answers, struct arena *arena, struct span name, enum answer_status status,
				    struct span record)
{
	struct answer *answer = vec_push(arena, &answers->list);
	answer->question = (struct question){ QUESTION_TXT, name };
	answer->status = status;
	if (record.p)
		*(struct span *)vec_push(arena, &answer->records) = record;
}

#endif
