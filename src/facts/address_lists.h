/* facts/address_lists.h - all lists of addresses that decide at the door: generations (address_set.h) and what was put since
 * (address_live.h).
 *
 * Of all entries that hold an address the narrowest decides; of equally narrow ones that of the live set, then that of the first list. An
 * entry of the live set that says "not listed" so hides what generations say of its network and of wider ones; an exception within a
 * generation hides that generation's own wider entries only.
 * Owner: whoever filled it in; sets and live belong to their openers, who may exchange them between two look-ups. */
#ifndef FACTS_ADDRESS_LISTS_H
#define FACTS_ADDRESS_LISTS_H

#include "base/limits.h"
#include "facts/address_live.h"
#include "facts/address_set.h"

enum address_action { ADDRESS_BLOCK, ADDRESS_ALLOW };

struct address_list {
	struct span name; /* for people: the file's */
	enum address_action action;
	const struct address_set *set;
};
struct address_lists {
	struct address_list v[LIMIT_ADDRESS_LISTS];
	size_t n;
	const struct address_live *live; /* NULL: there is none. Its entries of the class "allow" allow, all others block */
};

struct address_listing {
	enum address_action action;
	const struct address_list *list; /* NULL: the live set */
	struct ip_net net;               /* the entry's */
	struct address_class class;      /* bytes of the list, or of entry */
	struct address_live_entry entry; /* of the live set; else since and expires are CLOCK_NONE, and the note is empty */
};

/* The address is on none: false. */
bool address_lists_find(const struct address_lists *lists, const struct ip *ip, int64_t now, struct address_listing *ret_listing);

#endif
