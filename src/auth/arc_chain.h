/* auth/arc_chain.h - the sets of a message's ARC fields, put together and their form checked (RFC 8617 4.2.1, 5.2 steps 1 to 3). */
#ifndef AUTH_ARC_CHAIN_H
#define AUTH_ARC_CHAIN_H

#include "auth/arc.h"
#include "auth/dkim_hash.h"
#include "auth/dkim_tags.h"

struct arc_link {
	const struct header *results, *signature, *seal;
	struct dkim_tags signature_tags, seal_tags;
	struct span results_text; /* after "i=N;", unfolded */
};

struct arc_chain {
	struct arc_link *links; /* by instance, from 1: links[0] */
	uint32_t n;             /* the highest instance; 0: no ARC fields */
	struct span problem;    /* what is wrong with the form; span_none */
};

void arc_chain_read(const struct message *message, struct arena *arena, struct arc_chain *ret_chain);
/* The hash under each seal in turn: all sets up to its own, relaxed, its own b= left out (RFC 8617 5.1.1). Begin with SHA-256 begun;
 * `chain` goes on from link to link, so that the whole is linear. */
void arc_chain_digest(struct dkim_hash *chain, const struct arc_link *link, struct dkim_hash *scratch, uint8_t ret_digest[DKIM_HASH_MAX]);

#endif
