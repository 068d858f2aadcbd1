/* check/brands.h - the brands that phishing borrows (brands.def): found in a text, and told whether a domain is theirs.
 *
 * Promises: at most one table look-up a word; brands_owns costs a comparison for each domain of one brand, so ask it after a hit only.
 * Does not: know who really sent a message. */
#ifndef CHECK_BRANDS_H
#define CHECK_BRANDS_H

#include "check/phrases.h"

enum brand_flags {
	BRAND_COMMON = 1 << 0,    /* also an ordinary word: counts only beside nothing but words of service */
	BRAND_DISCUSSED = 1 << 1, /* people talk about it: counts in display names only */
};

struct brand {
	struct span title; /* for people */
	uint32_t flags;    /* enum brand_flags */
	struct span names, domains;
};

struct brand_hit {
	const struct brand *brand; /* NULL: none */
	bool disguised;            /* spelled with look-alike letters */
	bool whole;                /* the text is the brand and words of service, nothing else */
	uint32_t first, words;     /* which words of the text */
	struct span text;
};

/* The most telling brand named in a display name, a subject line or a signature line (UTF-8); dressed_up: also in look-alike letters. */
struct brand_hit brands_find(struct span text, bool dressed_up, struct arena *arena);
/* Is domain (lower-case) one of the brand's, or below one? */
bool brands_owns(const struct brand *brand, struct span domain);
/* The brand a domain label without hyphens spells ("paypal", "paypa1"); NULL for unknown ones. *ret_disguised: in look-alike letters. */
const struct brand *brands_of_label(struct span label, struct arena *arena, bool *ret_disguised);
/* The brand whose domain list holds this registrable domain, NULL when none. */
const struct brand *brands_of_domain(struct span registrable);
/* The brand of five letters or more whose name label is but one slip away from (one letter more, fewer, changed or swapped); NULL when
 * none. */
const struct brand *brands_near_label(struct span label);
/* Is the word one that brands and impostors put beside a name: support, security, login, verify, account ...? lower-case; any bytes */
bool brands_service_word(struct span word, struct arena *arena);

#endif
