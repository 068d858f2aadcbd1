/* auth/key.c - see key.h
 *
 * The cache is a table of sets of four. A record that is not found is decoded outside the lock, and takes the place of the one in its set
 * that was used longest ago. */
#include "auth/key.h"
#include "auth/dkim_base64.h"
#include "auth/dkim_hash.h"
#include "auth/tag_list.h"
#include "base/limits.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <xxhash.h>

enum { WAYS = 4, SETS = KEY_CACHE / WAYS, EXPONENT_BITS = 64, ED25519_BYTES = 32 };

struct kept {
	struct key key; /* first: key_release finds the rest from it */
	atomic_uint holders;
	_Atomic(EVP_PKEY_CTX *) ready; /* prepared to verify over SHA-256 with RSA: whoever needs it takes it, and puts it back; or NULL */
	uint64_t hash;
	uint64_t used;
	size_t n;
	uint8_t record[];
};

static struct kept *sets[SETS][WAYS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t uses; /* under the lock */
static atomic_ulong decoded;

uint64_t key_decoded(void) { return decoded; }

/* --- a record to a key --- */

static bool list_has(struct span list, struct span word)
{
	struct span item;
	while (span_split(&list, ':', &item))
		if (span_eq(span_trim(item), word))
			return true;
	return false;
}

/* p= holds a SubjectPublicKeyInfo of RSA, or the bare RSAPublicKey that RFC 6376 3.6.1 speaks of. No other kind is given to the decoder. */
static EVP_PKEY *decode_rsa(struct span der)
{
	static const uint8_t rsa[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
	const unsigned char *p = der.p;
	if (span_has(span_first(der, 24), span_of(rsa, sizeof rsa)))
		return d2i_PUBKEY(NULL, &p, (long)der.n);
	return d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)der.n);
}

static bool exponent_is_small(EVP_PKEY *public)
{
	BIGNUM *e = NULL;
	bool small = EVP_PKEY_get_bn_param(public, OSSL_PKEY_PARAM_RSA_E, &e) && BN_num_bits(e) <= EXPONENT_BITS;
	BN_free(e);
	return small;
}

static const char *decode_public(struct key *key, struct span bytes)
{
	if (key->type == KEY_ED25519) {
		key->bits = 256;
		key->public = bytes.n == ED25519_BYTES ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes.p, bytes.n) : NULL;
		return key->public ? NULL : "is not a key of Ed25519, which has 32 bytes";
	}
	key->public = decode_rsa(bytes);
	if (!key->public || !EVP_PKEY_is_a(key->public, "RSA"))
		return "is not a key of RSA";
	key->bits = (uint32_t)EVP_PKEY_get_bits(key->public);
	if (key->bits > LIMIT_DKIM_KEY_BITS)
		return "has more than 8192 bits, which is more than we compute with";
	return exponent_is_small(key->public) ? NULL : "has an exponent of more than 64 bits, which is more than we compute with";
}

/* Why there is no key, or NULL. */
static const char *decode(struct key *key, struct span record, struct arena *arena)
{
	struct tag_list tags;
	struct span bytes;
	if (record.n > LIMIT_DKIM_KEY_BYTES)
		return "is longer than any key";
	if (tag_list_parse(record, arena, &tags))
		return "is not a list of tags, each once";
	struct span v = tag_list_find(&tags, "v"), k = tag_list_find(&tags, "k"), h = tag_list_find(&tags, "h"),
		    s = tag_list_find(&tags, "s"), t = tag_list_find(&tags, "t"), p = tag_list_find(&tags, "p");
	if (v.p && (!span_eq(v, SPAN("DKIM1")) || !span_eq(tags.list.v[0].name, SPAN("v"))))
		return "does not begin with v=DKIM1";
	if (k.p && !span_eq(k, SPAN("rsa")) && !span_eq(k, SPAN("ed25519")))
		return "is of a type (k=) that we do not know";
	if (s.p && !list_has(s, SPAN("*")) && !list_has(s, SPAN("email")))
		return "is not for mail (s=)";
	if (!p.p)
		return "holds no key (p=)";
	key->type = k.p && span_eq(k, SPAN("ed25519")) ? KEY_ED25519 : KEY_RSA;
	key->sha1 = !h.p || list_has(h, SPAN("sha1"));
	key->sha256 = !h.p || list_has(h, SPAN("sha256"));
	key->testing = list_has(t, SPAN("y"));
	key->strict = list_has(t, SPAN("s"));
	key->revoked = p.n == 0;
	if (key->revoked)
		return "was revoked: it is empty";
	if (dkim_base64_decode(p, arena, &bytes))
		return "is not base64";
	return decode_public(key, bytes);
}

static struct kept *decode_new(struct span record, uint64_t hash)
{
	struct kept *kept = calloc(1, sizeof *kept + record.n);
	struct arena arena;
	if (!kept)
		abort(); /* as the arena does */
	arena_init(&arena);
	kept->key.problem = decode(&kept->key, record, &arena);
	arena_release(&arena);
	if (kept->key.problem) {
		EVP_PKEY_free(kept->key.public);
		kept->key.public = NULL;
		ERR_clear_error();
	}
	kept->holders = 1;
	kept->hash = hash;
	kept->n = record.n;
	if (record.n)
		memcpy(kept->record, record.p, record.n);
	decoded++;
	return kept;
}

/* --- the cache --- */

void key_release(const struct key *key)
{
	struct kept *kept = (struct kept *)(uintptr_t)key;
	if (!key || --kept->holders)
		return;
	EVP_PKEY_CTX_free(kept->ready);
	EVP_PKEY_free(kept->key.public);
	free(kept);
}

/* Under the lock: held once more by the caller, or NULL. */
static struct kept *find(struct span record, uint64_t hash)
{
	struct kept **set = sets[hash % SETS];
	for (int i = 0; i < WAYS; i++)
		if (set[i] && set[i]->hash == hash && span_eq(span_of(set[i]->record, set[i]->n), record)) {
			set[i]->used = ++uses;
			set[i]->holders++;
			return set[i];
		}
	return NULL;
}

/* Under the lock: takes the place of the one used longest ago, which the caller releases. */
static struct kept *replace(struct kept *fresh)
{
	struct kept **set = sets[fresh->hash % SETS];
	int oldest = 0;
	for (int i = 1; i < WAYS; i++)
		if (set[oldest] && (!set[i] || set[i]->used < set[oldest]->used))
			oldest = i;
	struct kept *old = set[oldest];
	set[oldest] = fresh;
	fresh->used = ++uses;
	fresh->holders++;
	return old;
}

const struct key *key_get(struct span record)
{
	record = span_first(record, LIMIT_DKIM_KEY_BYTES + 1);
	uint64_t hash = XXH3_64bits(record.p, record.n);
	pthread_mutex_lock(&lock);
	struct kept *kept = find(record, hash), *old = NULL;
	pthread_mutex_unlock(&lock);
	if (kept)
		return &kept->key;
	kept = decode_new(record, hash);
	pthread_mutex_lock(&lock);
	old = replace(kept);
	pthread_mutex_unlock(&lock);
	if (old)
		key_release(&old->key);
	return &kept->key;
}

/* --- using it --- */

static EVP_PKEY_CTX *prepare(const struct key *key, const EVP_MD *md)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->public, NULL);
	if (ctx && EVP_PKEY_verify_init(ctx) > 0 && EVP_PKEY_CTX_set_signature_md(ctx, md) > 0)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

/* Preparing costs a tenth of verifying, so what was prepared stays with the key. */
static bool verify_rsa(const struct key *key, enum dkim_algorithm algorithm, struct span digest, struct span signature)
{
	struct kept *kept = (struct kept *)(uintptr_t)key;
	bool common = algorithm == DKIM_RSA_SHA256;
	EVP_PKEY_CTX *ctx = common ? atomic_exchange(&kept->ready, NULL) : NULL;
	if (!ctx)
		ctx = prepare(key, dkim_hash_md(algorithm));
	bool good = ctx && EVP_PKEY_verify(ctx, signature.p, signature.n, digest.p, digest.n) == 1;
	EVP_PKEY_CTX_free(common ? atomic_exchange(&kept->ready, ctx) : ctx);
	return good;
}

/* RFC 8463 3: Ed25519 signs the SHA-256 hash as a message of 32 bytes. */
static bool verify_ed25519(const struct key *key, struct span digest, struct span signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->public) > 0 &&
		    EVP_DigestVerify(ctx, signature.p, signature.n, digest.p, digest.n) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

bool key_verify(const struct key *key, enum dkim_algorithm algorithm, struct span digest, struct span signature)
{
	bool good = key->type == KEY_ED25519 ? verify_ed25519(key, digest, signature) : verify_rsa(key, algorithm, digest, signature);
	if (!good)
		ERR_clear_error();
	return good;
}
