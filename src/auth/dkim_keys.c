/* auth/dkim_keys.c - see dkim_keys.h */
#include "auth/dkim_keys.h"
#include "auth/key.h"
#include "base/limits.h"

enum { SHORTEST_KEY = 1024 };

/* The key may be used with this signature, or why not. */
static const char *refusal(const struct key *key, const struct dkim_tags *tags)
{
	if (key->problem)
		return key->problem;
	if (!key_fits(key, tags->algorithm))
		return "is for another algorithm";
	if (tags->algorithm == DKIM_RSA_SHA1 ? !key->sha1 : !key->sha256)
		return "does not allow the hash of this signature (h=)";
	if (key->strict && tags->identity.n && !span_eq(span_skip(tags->identity, span_rfind_byte(tags->identity, '@') + 1), tags->domain))
		return "does not allow signing for names below the domain (t=s)";
	return NULL;
}

static void try_key(const struct key *key, const struct dkim_tags *tags, struct span digest, struct dkim_trial *trial)
{
	const char *problem = refusal(key, tags);
	if (problem) {
		if (!trial->problem)
			trial->problem = problem;
		trial->revoked |= key->revoked;
		return;
	}
	trial->bits = key->bits;
	trial->testing = key->testing;
	trial->too_short = key->type == KEY_RSA && key->bits < SHORTEST_KEY;
	trial->crypto = key_verify(key, tags->algorithm, digest, tags->b) ? DKIM_CRYPTO_PASS : DKIM_CRYPTO_FAIL;
}

void dkim_keys_try(const struct answer *answer, const struct dkim_tags *tags, struct span digest, struct dkim_trial *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->temporary = answer_failed(answer);
	ret->missing = !ret->temporary && (answer->status != ANSWER_OK || answer->records.n == 0);
	if (!digest.p) {
		ret->temporary = ret->missing = false;
		ret->problem = "was not tried: it signs more of the header than we hash";
		return;
	}
	if (ret->temporary || ret->missing) {
		ret->problem = ret->missing ? "does not exist" : answer_status_says(answer->status);
		return;
	}
	for (uint32_t i = 0; i < answer->records.n && i < LIMIT_DKIM_KEYS && ret->crypto != DKIM_CRYPTO_PASS; i++) {
		const struct key *key = key_get(answer->records.v[i]);
		try_key(key, tags, digest, ret);
		key_release(key);
	}
	if (ret->crypto != DKIM_CRYPTO_NONE)
		ret->problem = NULL;
}

struct span dkim_keys_says(const struct dkim_trial *trial, const struct dkim_tags *tags, struct arena *arena)
{
	return arena_join(arena, SPAN("the key "), tags->key_name, SPAN(" "), span_cstr(trial->problem));
}
