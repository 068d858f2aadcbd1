/* auth/dmarc_tree.h - whose domain is this, and what does its owner say? The DNS tree walk of RFC 9989 4.10.
 *
 * At most eight names, asked in one round. The Public Suffix List has one part only: a name that is a suffix for everybody ("com", "co.uk")
 * and does not say what it is (no psd tag) is nobody's organisation, else one careless record at a registry would make its customers
 * vouch for each other. */
#ifndef AUTH_DMARC_TREE_H
#define AUTH_DMARC_TREE_H

#include "auth/dmarc_record.h"

struct dmarc_tree {
	struct span organisational; /* the domain itself when nothing was found */
	struct span policy_domain;  /* whose record applies: its own, else the organisation's, else the public suffix's; span_none: none */
	struct dmarc_record record;
	struct span unknown_from, unknown_to; /* longest and shortest name whose look-up failed; span_none: all were answered */
	const struct answer *failed;          /* of the longest; NULL: none */
};

/* domain: lower-case, no final dot. */
enum auth_step dmarc_tree_walk(struct span domain, const struct answers *answers, struct questions *questions, struct arena *arena,
			       struct dmarc_tree *ret_tree);
/* name is domain, or under it. */
bool dmarc_tree_within(struct span name, struct span domain);

#endif
