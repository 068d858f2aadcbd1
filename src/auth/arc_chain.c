/* auth/arc_chain.c - see arc_chain.h */
#include "auth/arc_chain.h"
#include "auth/canonical.h"
#include "base/ascii.h"
#include "base/limits.h"

enum arc_kind { RESULTS, SIGNATURE, SEAL, KINDS };

static const struct span names[KINDS] = {
	[RESULTS] = SPAN_INIT("ARC-Authentication-Results"),
	[SIGNATURE] = SPAN_INIT("ARC-Message-Signature"),
	[SEAL] = SPAN_INIT("ARC-Seal"),
};

static enum arc_kind kind_of(const struct header *h)
{
	if (h->id == HEADER_ARC_SEAL)
		return SEAL;
	enum arc_kind kind = RESULTS;
	while (kind < SEAL && (h->id != HEADER_OTHER || !span_ieq(h->name, names[kind])))
		kind++;
	return kind < SEAL ? kind : KINDS;
}

static size_t skip_space(struct span s, size_t at)
{
	while (ascii_is_space(span_at(s, at)))
		at++;
	return at;
}

/* "i=1; lists.example.org; spf=pass ..." (RFC 8617 4.1.1). 0: it does not begin so. */
static uint32_t results_instance(struct span value, struct span *ret_text)
{
	size_t at = skip_space(value, 0);
	if (span_at(value, at) != 'i' || span_at(value, at = skip_space(value, at + 1)) != '=')
		return 0;
	size_t from = skip_space(value, at + 1), to = from;
	while (ascii_is_digit(span_at(value, to)))
		to++;
	uint64_t instance;
	at = skip_space(value, to);
	if (to - from > 2 || span_at(value, at) != ';' || !span_to_uint(span_slice(value, from, to), LIMIT_ARC_SETS, &instance))
		return 0;
	*ret_text = span_trim(span_skip(value, at + 1));
	return (uint32_t)instance;
}

struct gathering {
	struct arena *arena;
	struct arc_chain *chain;
	uint32_t room; /* links */
};

static void broken(struct gathering *g, struct span problem)
{
	if (!g->chain->problem.p)
		g->chain->problem = problem;
}

/* The set of that instance; the table grows with the instances met. */
static struct arc_link *link_of(struct gathering *g, uint32_t instance)
{
	if (instance > g->room) {
		uint32_t room = instance > 4 ? LIMIT_ARC_SETS : 4;
		g->chain->links = arena_grow(g->arena, g->chain->links, g->room * sizeof(struct arc_link), room * sizeof(struct arc_link));
		memset(g->chain->links + g->room, 0, (room - g->room) * sizeof(struct arc_link));
		g->room = room;
	}
	if (instance > g->chain->n)
		g->chain->n = instance;
	return &g->chain->links[instance - 1];
}

static void gather_field(struct gathering *g, enum arc_kind kind, const struct header *h)
{
	struct dkim_tags tags;
	struct span text = span_none;
	uint32_t instance;
	if (kind == RESULTS) {
		instance = results_instance(header_unfolded(h, g->arena), &text);
	} else {
		dkim_tags_read(kind == SEAL ? DKIM_FIELD_ARC_SEAL : DKIM_FIELD_ARC_MESSAGE, h->value, g->arena, &tags);
		instance = tags.instance;
	}
	if (instance == 0) {
		broken(g, arena_printf(g->arena, "a field %.*s does not say which set it is of (i=)", SPAN_ARG(names[kind])));
		return;
	}
	struct arc_link *link = link_of(g, instance);
	const struct header **place = kind == RESULTS ? &link->results : kind == SEAL ? &link->seal : &link->signature;
	if (*place) {
		broken(g, arena_printf(g->arena, "set %u has the field %.*s twice", instance, SPAN_ARG(names[kind])));
		return;
	}
	*place = h;
	if (kind == RESULTS)
		link->results_text = text;
	else
		*(kind == SEAL ? &link->seal_tags : &link->signature_tags) = tags;
}

static void check_link(struct gathering *g, uint32_t instance)
{
	const struct arc_link *link = &g->chain->links[instance - 1];
	const struct header *const fields[KINDS] = { link->results, link->signature, link->seal };
	for (enum arc_kind kind = 0; kind < KINDS; kind++)
		if (!fields[kind]) {
			broken(g, arena_printf(g->arena, "set %u has no field %.*s", instance, SPAN_ARG(names[kind])));
			return;
		}
	struct span want = instance == 1 ? SPAN("none") : SPAN("pass");
	if (link->seal_tags.problem)
		broken(g, arena_printf(g->arena, "seal %u cannot be used: %s", instance, link->seal_tags.problem));
	else if (!span_eq(link->seal_tags.chain, want))
		broken(g, arena_printf(g->arena, "seal %u says that the chain before it was \"%.*s\", not \"%.*s\"", instance,
				       SPAN_ARG(link->seal_tags.chain), SPAN_ARG(want)));
}

void arc_chain_read(const struct message *message, struct arena *arena, struct arc_chain *ret)
{
	memset(ret, 0, sizeof *ret);
	struct gathering g = { .arena = arena, .chain = ret };
	const struct headers *headers = message_headers(message);
	uint32_t fields = 0;
	for (uint32_t i = 0; i < headers->list.n; i++) {
		enum arc_kind kind = kind_of(&headers->list.v[i]);
		if (kind == KINDS)
			continue;
		if (++fields > KINDS * LIMIT_ARC_SETS) {
			broken(&g, SPAN("it has more than 50 sets"));
			break;
		}
		gather_field(&g, kind, &headers->list.v[i]);
	}
	for (uint32_t i = 1; i <= ret->n; i++)
		check_link(&g, i);
}

void arc_chain_digest(struct dkim_hash *chain, const struct arc_link *link, struct dkim_hash *scratch, uint8_t ret_digest[DKIM_HASH_MAX])
{
	struct canonical canonical;
	canonical_init(&canonical, dkim_hash_take, chain);
	canonical_field(&canonical, DKIM_RELAXED, link->results, span_none, false);
	canonical_field(&canonical, DKIM_RELAXED, link->signature, span_none, false);
	canonical_finish(&canonical);
	dkim_hash_copy(chain, scratch);
	canonical_init(&canonical, dkim_hash_take, scratch);
	canonical_field(&canonical, DKIM_RELAXED, link->seal, link->seal_tags.b_text, true);
	canonical_finish(&canonical);
	dkim_hash_end(scratch, ret_digest);
	canonical_init(&canonical, dkim_hash_take, chain);
	canonical_field(&canonical, DKIM_RELAXED, link->seal, span_none, false);
	canonical_finish(&canonical);
}
