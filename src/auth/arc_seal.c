/* auth/arc_seal.c - one more set on top of a chain (RFC 8617 5.1); see arc.h */
#include "auth/arc_chain.h"
#include "auth/canonical.h"
#include "auth/dkim_key.h"
#include "auth/dkim_sign.h"
#include "base/err.h"
#include "base/limits.h"

#include <inttypes.h>

enum { FIELD_MAX = 65536 };

struct sealing {
	const struct message *message;
	const struct arc *arc;
	const struct dkim_signing *signing;
	struct arena *arena;
	uint32_t instance;
};

/* What the new seal says of the chain before it; NULL: it must not be sealed. */
static const char *chain_status(const struct arc *arc, const struct arc_chain *chain)
{
	static const char *const says[] = { [ARC_NONE] = "none", [ARC_PASS] = "pass", [ARC_FAIL] = "fail", [ARC_TEMPERROR] = NULL };
	if (chain->n && span_eq(chain->links[chain->n - 1].seal_tags.chain, SPAN("fail")))
		return NULL;
	return says[arc->cv];
}

static struct span results_field(const struct sealing *s, struct span authserv_id, struct span results)
{
	struct buf out;
	size_t column = 0;
	buf_init(&out, s->arena, FIELD_MAX);
	dkim_sign_fold(&out, arena_printf(s->arena, "ARC-Authentication-Results: i=%u; %.*s;", s->instance, SPAN_ARG(authserv_id)), ";",
		       &column);
	buf_byte(&out, ' ');
	column++;
	dkim_sign_fold(&out, span_trim(results), " ", &column);
	buf_cstr(&out, "\r\n");
	return buf_span(&out);
}

/* The seal signs all sets; where the chain has failed, only its own, because the others may not even be whole. */
static int seal_field(const struct sealing *s, const struct arc_chain *chain, const char *status, struct arc_link *own, struct span *ret)
{
	const struct dkim_signing *signing = s->signing;
	struct dkim_hash running = { 0 }, scratch = { 0 };
	uint8_t digest[DKIM_HASH_MAX];
	struct buf out;
	size_t column = 0;
	buf_init(&out, s->arena, FIELD_MAX);
	dkim_sign_fold(&out,
		       arena_printf(s->arena, "ARC-Seal: i=%u; a=%s; cv=%s; d=%.*s; s=%.*s; t=%" PRId64 "; b=", s->instance,
				    dkim_algorithm_name(dkim_key_algorithm(signing->key)), status, SPAN_ARG(signing->domain),
				    SPAN_ARG(signing->selector), signing->now),
		       ";", &column);
	struct header seal = dkim_sign_header(buf_span(&out));
	own->seal = &seal;
	dkim_hash_begin(&running, DKIM_RSA_SHA256);
	for (uint32_t i = 0; s->arc->cv == ARC_PASS && i < chain->n; i++)
		arc_chain_digest(&running, &chain->links[i], &scratch, digest);
	arc_chain_digest(&running, own, &scratch, digest);
	dkim_hash_release(&running);
	dkim_hash_release(&scratch);
	int err = dkim_sign_finish(&out, signing->key, span_of(digest, sizeof digest), s->arena);
	if (!err)
		*ret = buf_span(&out);
	return err;
}

int arc_seal(const struct message *message, const struct arc *arc, const struct dkim_signing *signing, struct span authserv_id,
	     struct span results, struct arena *arena, struct span *ret)
{
	struct sealing s = { message, arc, signing, arena, arc->highest + 1 };
	struct arc_chain chain;
	struct arc_link own = { 0 };
	struct span signature, seal;
	arc_chain_read(message, arena, &chain);
	const char *status = chain_status(arc, &chain);
	if (s.instance > LIMIT_ARC_SETS)
		return ERR_LIMIT;
	if (!status)
		return ERR_UNSUPPORTED;
	struct span result = results_field(&s, authserv_id, results);
	int err = dkim_sign_message(DKIM_FIELD_ARC_MESSAGE, s.instance, message, signing, arena, &signature);
	if (err)
		return err;
	struct header result_header = dkim_sign_header(result), signature_header = dkim_sign_header(signature);
	own.results = &result_header;
	own.signature = &signature_header;
	err = seal_field(&s, &chain, status, &own, &seal);
	if (!err)
		*ret = arena_printf(arena, "%.*s%.*s%.*s", SPAN_ARG(seal), SPAN_ARG(signature), SPAN_ARG(result));
	return err;
}
