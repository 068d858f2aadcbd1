/* auth/spf_mechanism.h - does one mechanism of an SPF record match the client (RFC 7208 5), and how much may still be asked (4.6.4)?
 *
 * Inner header of spf.c. All mechanisms but include, which is a check_host() of its own. */
#ifndef AUTH_SPF_MECHANISM_H
#define AUTH_SPF_MECHANISM_H

#include "auth/spf_record.h"

/* RFC 7208 4.6.4. */
enum { SPF_LOOKUPS_MAX = 10, SPF_VOIDS_MAX = 2, SPF_NAMES_MAX = 10 };

/* One evaluation from its beginning, over the answers so far. */
struct spf_walk {
	const struct spf_query *query;
	const struct answers *answers;
	struct questions *questions;
	struct arena *arena;
	uint32_t lookups, voids;
	uint32_t ahead;      /* terms asked before their turn: SPF_LOOKUPS_MAX at most, so that those in vain stay few */
	struct span problem; /* of an error */
};

enum spf_match { SPF_MATCH_NO, SPF_MATCH_YES, SPF_MATCH_MISSING, SPF_MATCH_TEMPERROR, SPF_MATCH_PERMERROR };

/* SPF_MATCH_PERMERROR or _TEMPERROR, and the problem in words. */
enum spf_match spf_walk_permerror(struct spf_walk *walk, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum spf_match spf_walk_temperror(struct spf_walk *walk, const struct answer *answer);
/* One more term that asks the DNS; NO, or PERMERROR when that is one too many. */
enum spf_match spf_walk_count(struct spf_walk *walk, struct span term);

enum spf_match spf_mechanism_match(struct spf_walk *walk, const struct spf_term *term, struct span domain);
/* The name a term speaks of: its domain-spec with macros expanded. MISSING, or NO with *ret_name set (span_none: no name the DNS can hold).
 */
enum spf_match spf_mechanism_name(struct spf_walk *walk, struct span domain_spec, struct span domain, struct span *ret_name);
/* The confirmed name of the client for %{p} (7.3); MISSING, or NO with *ret_name set (span_none: there is none). */
enum spf_match spf_mechanism_client_name(struct spf_walk *walk, struct span domain, struct span *ret_name);
/* Puts what the record asks without macros, up to the first term that is known to match and within the budget. */
void spf_mechanism_ask_ahead(struct spf_walk *walk, const struct spf_record *record, struct span domain);
/* 1 to 253 bytes in labels of 1 to 63; a final dot is allowed. */
bool spf_mechanism_is_name(struct span name);

#endif
