/* check/standing.c - was the message handed in by one of the user's own people or machines?
 *
 * Everything in the bytes can be faked but the lines that trusted machines wrote: a login or an own network named there is real. Mail from
 * inside is abuse far less often than mail from anywhere; a stolen password still sends it, so this only shifts the odds and decides
 * nothing. */
#include "check/check.h"

enum { OWN_CLIENT };
static const struct evidence_def defs[] = {
	[OWN_CLIENT] = { "standing.own_client", GROUP_STANDING, -1500, 0, "It was handed in by a user or machine of your own{1}",
			 "The line that says so was written by a machine you trust. Stolen passwords send abuse this way as well: hence no "
			 "more than this." },
};

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct path *path = view->path;
	if (!path->outgoing)
		return;
	for (uint32_t i = 0; i < path->hops.n; i++) {
		const struct hop *hop = &path->hops.v[i];
		if (hop->verdict != HOP_TRUE || !(hop->received.auth.n || hop->msa || hop->internal))
			continue;
		struct span by = hop->received.auth.n ? SPAN(", who had logged in") : SPAN("");
		struct evidence *evidence = evidence_add(set, &defs[OWN_CLIENT], by, span_none, span_none);
		if (hop->header)
			evidence_at(evidence, header_place(view->message->raw, hop->header));
		return;
	}
}

const struct check check_standing = {
	.name = "standing",
	.purpose = "Was it handed in by one of your own people or machines?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
