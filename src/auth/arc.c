/* auth/arc.c - see arc.h
 *
 * The form first (auth/arc_chain.h), then the newest signature on the message, then every seal, oldest first, with one running hash. Older
 * signatures are looked at last, and only to tell since when nothing was changed. */
#include "auth/arc.h"
#include "auth/arc_chain.h"
#include "auth/dkim_digest.h"
#include "auth/dkim_keys.h"
#include "base/clock.h"
#include "base/limits.h"

/* Older signatures are verified while no more bytes were gone over than this often the header and body, each. */
enum { OLDER_WORK = 8 };

struct arc_state {
	bool done;
	struct arc arc;
	struct arc_chain chain;
};

struct judging {
	int64_t now;
	const struct answers *answers;
	struct arena *arena;
	struct arc *arc;
	struct dkim_digest *digest;
	uint64_t before; /* bytes that were gone over for DKIM */
};

const char *arc_result_name(enum arc_result result)
{
	static const char *const names[] = { [ARC_NONE] = "none", [ARC_PASS] = "pass", [ARC_FAIL] = "fail", [ARC_TEMPERROR] = "temperror" };
	return names[result];
}

static void fail(struct arc *arc, enum arc_result cv, struct span problem)
{
	if (arc->cv == ARC_FAIL)
		return;
	arc->cv = cv;
	arc->problem = problem;
}

static struct arc_state *begin(const struct message *message, struct arena *arena)
{
	struct arc_state *state = arena_new(arena, struct arc_state);
	struct arc *arc = &state->arc;
	arc_chain_read(message, arena, &state->chain);
	arc->highest = state->chain.n;
	if (state->chain.problem.p)
		fail(arc, ARC_FAIL, state->chain.problem);
	state->done = arc->cv == ARC_FAIL || state->chain.n == 0;
	if (state->done)
		return state;
	for (uint32_t i = 0; i < state->chain.n; i++) {
		const struct arc_link *link = &state->chain.links[i];
		*(struct arc_set *)vec_push(arena, &arc->sets) = (struct arc_set){
			.instance = i + 1,
			.results = link->results,
			.signature = link->signature,
			.seal = link->seal,
			.domain = link->seal_tags.domain,
			.results_text = link->results_text,
		};
	}
	return state;
}

static bool ask(const struct dkim_tags *tags, const struct answers *answers, struct questions *questions)
{
	return tags->problem || question_ask(answers, questions, QUESTION_TXT, tags->key_name);
}

static bool ask_keys(const struct arc_chain *chain, const struct answers *answers, struct questions *questions)
{
	bool all = true;
	for (uint32_t i = 0; i < chain->n; i++) {
		all &= ask(&chain->links[i].seal_tags, answers, questions);
		all &= ask(&chain->links[i].signature_tags, answers, questions);
	}
	return all;
}

/* Why the signature over that hash is no good; span_none: it is good. */
static struct span verify(const struct judging *j, const struct dkim_tags *tags, struct span digest, bool *ret_temporary)
{
	struct dkim_trial trial;
	*ret_temporary = false;
	if (tags->algorithm == DKIM_RSA_SHA1)
		return SPAN("it uses SHA-1, which no longer proves anything");
	dkim_keys_try(answers_find(j->answers, QUESTION_TXT, tags->key_name), tags, digest, &trial);
	*ret_temporary = trial.temporary;
	if (trial.problem)
		return dkim_keys_says(&trial, tags, j->arena);
	if (trial.crypto != DKIM_CRYPTO_PASS)
		return SPAN("what it signs was changed, or it is false");
	return trial.too_short ? SPAN("its key has fewer than 1024 bits") : span_none;
}

static struct span verify_message(struct judging *j, const struct arc_link *link, bool *ret_temporary)
{
	const struct dkim_tags *tags = &link->signature_tags;
	*ret_temporary = false;
	if (tags->problem)
		return span_cstr(tags->problem);
	if (j->now != CLOCK_NONE && tags->expires != CLOCK_NONE && tags->expires < j->now)
		return SPAN("it had expired (x=) when the message came");
	if (answer_failed(answers_find(j->answers, QUESTION_TXT, tags->key_name)))
		return verify(j, tags, SPAN(""), ret_temporary); /* nothing to hold it against: not worth hashing */
	const struct dkim_body *body = dkim_digest_body(j->digest, tags);
	if ((tags->length != DKIM_WHOLE_BODY && body->total < tags->length) ||
	    !span_eq(span_of(body->digest, dkim_hash_size(tags->algorithm)), tags->bh))
		return SPAN("the body is not the one that was signed");
	return verify(j, tags, dkim_digest_header(j->digest, tags, link->signature), ret_temporary);
}

static void judge_newest(struct judging *j, const struct arc_chain *chain)
{
	bool temporary;
	struct span problem = verify_message(j, &chain->links[chain->n - 1], &temporary);
	j->arc->sets.v[chain->n - 1].signature_passes = !problem.p;
	if (problem.p)
		fail(j->arc, temporary ? ARC_TEMPERROR : ARC_FAIL,
		     arena_printf(j->arena, "the newest signature, %u, is no good: %.*s", chain->n, SPAN_ARG(problem)));
}

static void judge_seals(struct judging *j, const struct arc_chain *chain)
{
	struct dkim_hash running = { 0 };
	dkim_hash_begin(&running, DKIM_RSA_SHA256);
	for (uint32_t i = 0; i < chain->n && j->arc->cv != ARC_FAIL; i++) {
		uint8_t digest[DKIM_HASH_MAX];
		bool temporary;
		arc_chain_digest(&running, &chain->links[i], &j->digest->cut, digest);
		struct span problem = verify(j, &chain->links[i].seal_tags, span_of(digest, sizeof digest), &temporary);
		if (problem.p)
			fail(j->arc, temporary ? ARC_TEMPERROR : ARC_FAIL,
			     arena_printf(j->arena, "seal %u of %.*s is no good: %.*s", i + 1, SPAN_ARG(chain->links[i].seal_tags.domain),
					  SPAN_ARG(problem)));
	}
	j->digest->looked += running.bytes;
	dkim_hash_release(&running);
}

/* RFC 8617 5.2 step 5. */
static void find_oldest_pass(struct judging *j, const struct arc_chain *chain)
{
	const struct part *root = message_root(j->digest->message);
	uint64_t most = OLDER_WORK * ((uint64_t)root->raw_header.n + root->raw_body.n);
	bool temporary;
	uint32_t instance = chain->n;
	while (instance > 1 && j->digest->looked - j->before <= most && !verify_message(j, &chain->links[instance - 2], &temporary).p)
		j->arc->sets.v[--instance - 1].signature_passes = true;
	j->arc->oldest_pass = instance > 1 ? instance : 0;
}

static void judge(struct judging *j, const struct arc_chain *chain)
{
	for (uint32_t i = 0; i < chain->n; i++)
		if (!chain->links[i].signature_tags.problem)
			dkim_digest_want(j->digest, &chain->links[i].signature_tags);
	j->arc->cv = ARC_PASS;
	judge_newest(j, chain);
	judge_seals(j, chain);
	if (j->arc->cv == ARC_PASS)
		find_oldest_pass(j, chain);
}

enum auth_step arc_validate(struct dkim_digest *digest, int64_t now, const struct answers *answers, struct questions *questions,
			    struct arc_state **state, struct arc *ret)
{
	if (!*state)
		*state = begin(digest->message, digest->arena);
	if (!(*state)->done) {
		if (!ask_keys(&(*state)->chain, answers, questions))
			return AUTH_MORE;
		struct judging j = {
			.now = now,
			.answers = answers,
			.arena = digest->arena,
			.arc = &(*state)->arc,
			.digest = digest,
			.before = digest->looked,
		};
		judge(&j, &(*state)->chain);
		dkim_digest_release(digest);
		(*state)->done = true;
	}
	*ret = (*state)->arc;
	return AUTH_DONE;
}
