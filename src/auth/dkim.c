/* auth/dkim.c - see dkim.h
 *
 * First round: read the signatures and ask for the keys of those that may count. Last round: hash, verify, and say what policy makes of it.
 * Each step below either lets a signature go on or ends it with a result and its reason. */
#include "auth/dkim.h"
#include "auth/dkim_digest.h"
#include "auth/dkim_keys.h"
#include "base/ascii.h"
#include "base/clock.h"
#include "base/limits.h"

enum { DAY = 86400, B_SHOWN = 8 };

struct dkim_state {
	bool done;
	struct dkim dkim;
	struct dkim_tags tags[LIMIT_DKIM_SIGNATURES];
};

/* What judging carries along. */
struct judging {
	const struct answers *answers;
	struct arena *arena;
	struct dkim_digest *digest;
};

const char *dkim_result_name(enum dkim_result result)
{
	static const char *const names[] = {
		[DKIM_NONE] = "none",       [DKIM_PASS] = "pass",           [DKIM_FAIL] = "fail",           [DKIM_POLICY] = "policy",
		[DKIM_NEUTRAL] = "neutral", [DKIM_TEMPERROR] = "temperror", [DKIM_PERMERROR] = "permerror",
	};
	return names[result];
}

const char *dkim_crypto_name(enum dkim_crypto crypto)
{
	static const char *const names[] = { [DKIM_CRYPTO_NONE] = "none", [DKIM_CRYPTO_PASS] = "pass", [DKIM_CRYPTO_FAIL] = "fail" };
	return names[crypto];
}

const char *dkim_algorithm_name(enum dkim_algorithm algorithm)
{
	static const char *const names[] = {
		[DKIM_RSA_SHA256] = "rsa-sha256",
		[DKIM_RSA_SHA1] = "rsa-sha1",
		[DKIM_ED25519_SHA256] = "ed25519-sha256",
		[DKIM_ALGORITHM_UNKNOWN] = "unknown",
	};
	return names[algorithm];
}

static void end(struct dkim_signature *s, enum dkim_result result, uint32_t flags, struct span problem)
{
	s->result = result;
	s->flags |= flags;
	s->problem = problem;
}

/* --- first round: what the fields say --- */

static struct span shown_b(const struct dkim_tags *tags, struct arena *arena)
{
	uint8_t *out = arena_alloc(arena, B_SHOWN);
	size_t n = 0;
	for (size_t i = 0; i < tags->b_text.n && n < B_SHOWN; i++)
		if (!ascii_is_space(tags->b_text.p[i]))
			out[n++] = tags->b_text.p[i];
	return n ? span_of(out, n) : span_none;
}

static void begin(struct dkim_signature *s, const struct dkim_tags *tags, int64_t now, struct arena *arena)
{
	s->domain = tags->domain;
	s->selector = tags->selector;
	s->identity = tags->identity;
	s->algorithm = tags->algorithm;
	s->signed_at = tags->signed_at;
	s->b = shown_b(tags, arena);
	if (tags->algorithm == DKIM_RSA_SHA1)
		s->flags |= DKIM_SHA1;
	if (now != CLOCK_NONE && tags->signed_at != CLOCK_NONE && tags->signed_at > now && tags->signed_at - now > DAY)
		s->flags |= DKIM_FUTURE;
	if (tags->problem)
		end(s, DKIM_PERMERROR, tags->from_unsigned ? DKIM_FROM_UNSIGNED : 0, span_cstr(tags->problem));
	else if (now != CLOCK_NONE && tags->expires != CLOCK_NONE && tags->expires < now)
		end(s, DKIM_POLICY, DKIM_EXPIRED, SPAN("it had expired (x=) when the message came"));
}

static struct dkim_state *read_signatures(const struct message *message, int64_t now, struct arena *arena)
{
	struct dkim_state *state = arena_new(arena, struct dkim_state);
	struct dkim *dkim = &state->dkim;
	const struct headers *headers = message_headers(message);
	for (const struct header *h = header_first(headers, HEADER_DKIM_SIGNATURE); h; h = header_next(headers, h)) {
		if (dkim->list.n == LIMIT_DKIM_SIGNATURES) {
			dkim->left_out++;
			continue;
		}
		struct dkim_tags *tags = &state->tags[dkim->list.n];
		struct dkim_signature *s = vec_push(arena, &dkim->list);
		s->header = h;
		dkim_tags_read(DKIM_FIELD_SIGNATURE, h->value, arena, tags);
		begin(s, tags, now, arena);
	}
	return state;
}

/* True when every key that is needed was answered. */
static bool ask_keys(const struct dkim_state *state, const struct answers *answers, struct questions *questions)
{
	bool all = true;
	for (uint32_t i = 0; i < state->dkim.list.n; i++)
		if (state->dkim.list.v[i].result == DKIM_NONE)
			all &= question_ask(answers, questions, QUESTION_TXT, state->tags[i].key_name) != NULL;
	return all;
}

/* --- last round: is it so? --- */

/* False when the signature has ended; otherwise crypto tells of the header. */
static bool try_keys(struct judging *j, const struct dkim_tags *tags, struct dkim_signature *s)
{
	struct dkim_trial trial;
	const struct answer *answer = answers_find(j->answers, QUESTION_TXT, tags->key_name);
	struct span digest = answer_failed(answer) ? SPAN("") : dkim_digest_header(j->digest, tags, s->header);
	dkim_keys_try(answer, tags, digest, &trial);
	s->crypto = trial.crypto;
	s->key_bits = trial.bits;
	s->flags |= (trial.testing ? DKIM_TESTING : 0) | (trial.too_short ? DKIM_SHORT_KEY : 0);
	if (trial.problem)
		end(s, trial.temporary ? DKIM_TEMPERROR : DKIM_PERMERROR,
		    (trial.missing ? DKIM_NO_KEY : 0) | (trial.revoked ? DKIM_REVOKED : 0), dkim_keys_says(&trial, tags, j->arena));
	return !trial.problem;
}

/* What was added to the message beside what is signed. */
static void look_at_unsigned(struct judging *j, struct dkim_signature *s)
{
	static const struct span shown_once[] = {
		SPAN_INIT("From"),         SPAN_INIT("Sender"),     SPAN_INIT("Reply-To"),
		SPAN_INIT("To"),           SPAN_INIT("Cc"),         SPAN_INIT("Subject"),
		SPAN_INIT("Date"),         SPAN_INIT("Message-ID"), SPAN_INIT("In-Reply-To"),
		SPAN_INIT("MIME-Version"), SPAN_INIT("References"), SPAN_INIT("Content-Type"),
		SPAN_INIT("List-Id"),      SPAN_INIT("List-Post"),  SPAN_INIT("Content-Transfer-Encoding"),
	};
	uint32_t count, picked;
	for (size_t i = 0; i < sizeof shown_once / sizeof *shown_once; i++) {
		dkim_fields_count(&j->digest->fields, shown_once[i], &count, &picked);
		if (picked && picked < count)
			s->flags |= DKIM_HEADER_ADDED;
	}
	dkim_fields_count(&j->digest->fields, SPAN("Subject"), &count, &picked);
	if (count && !picked)
		s->flags |= DKIM_SUBJECT_UNSIGNED;
}

/* The hash of the body against bh=. */
static void look_at_body(struct judging *j, const struct dkim_tags *tags, struct dkim_signature *s)
{
	const struct dkim_body *body = dkim_digest_body(j->digest, tags);
	bool too_short = tags->length != DKIM_WHOLE_BODY && body->total < tags->length;
	if (tags->length < body->total)
		s->flags |= DKIM_BODY_LENGTH;
	if (s->crypto == DKIM_CRYPTO_FAIL)
		s->flags |= DKIM_HEADER_CHANGED;
	if (!too_short && span_eq(span_of(body->digest, dkim_hash_size(tags->algorithm)), tags->bh))
		return;
	s->flags |= DKIM_BODY_CHANGED;
	s->crypto = DKIM_CRYPTO_FAIL;
}

static struct span fail_says(const struct dkim_signature *s)
{
	bool body = s->flags & DKIM_BODY_CHANGED, header = s->flags & DKIM_HEADER_CHANGED;
	return body && header ? SPAN("header and body are not those that were signed, or the signature is false")
	       : body         ? SPAN("the body is not the one that was signed")
			      : SPAN("the header is not the one that was signed, or the signature is false");
}

static void apply_policy(const struct dkim_tags *tags, struct dkim_signature *s)
{
	if (s->crypto == DKIM_CRYPTO_FAIL)
		end(s, s->flags & DKIM_TESTING ? DKIM_NEUTRAL : DKIM_FAIL, 0, fail_says(s));
	else if (tags->draft)
		end(s, DKIM_PERMERROR, 0, SPAN("it was made by a draft of DKIM: it has no v=1"));
	else if (s->flags & DKIM_SHA1)
		end(s, DKIM_POLICY, 0, SPAN("it uses SHA-1, which no longer proves anything"));
	else if (s->flags & DKIM_SHORT_KEY)
		end(s, DKIM_POLICY, 0, SPAN("its key has fewer than 1024 bits, and so anybody may have found it"));
	else
		end(s, DKIM_PASS, 0, span_none);
}

static void judge(struct judging *j, struct dkim_state *state)
{
	for (uint32_t i = 0; i < state->dkim.list.n; i++)
		if (state->dkim.list.v[i].result == DKIM_NONE)
			dkim_digest_want(j->digest, &state->tags[i]);
	for (uint32_t i = 0; i < state->dkim.list.n; i++) {
		struct dkim_signature *s = &state->dkim.list.v[i];
		const struct dkim_tags *tags = &state->tags[i];
		if (s->result != DKIM_NONE || !try_keys(j, tags, s))
			continue;
		look_at_unsigned(j, s);
		look_at_body(j, tags, s);
		apply_policy(tags, s);
	}
}

enum auth_step dkim_verify(struct dkim_digest *digest, int64_t now, const struct answers *answers, struct questions *questions,
			   struct dkim_state **state, struct dkim *ret)
{
	if (!*state)
		*state = read_signatures(digest->message, now, digest->arena);
	if (!(*state)->done) {
		if (!ask_keys(*state, answers, questions))
			return AUTH_MORE;
		struct judging j = { .answers = answers, .arena = digest->arena, .digest = digest };
		judge(&j, *state);
		dkim_digest_release(digest);
		(*state)->done = true;
	}
	*ret = (*state)->dkim;
	return AUTH_DONE;
}
