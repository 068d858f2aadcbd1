/* facts/address_export.h - what all lists together decide, as ranges that do not overlap: for programs that know neither exceptions nor
 * which list comes first (nftables, postscreen, another postern). */
#ifndef FACTS_ADDRESS_EXPORT_H
#define FACTS_ADDRESS_EXPORT_H

#include "facts/address_lists.h"

struct address_range {
	struct ip first, last;
	const struct address_listing *listing; /* of its first address: action, class and expiry are those of all */
};

/* Each range that is blocked or allowed at that time, IPv4 first, in rising order; false from visit ends it. Costs eight bytes for each
 * beginning and end of an IPv4 entry, 20 for those of IPv6, and a look-up each. */
bool address_export_each(const struct address_lists *lists, int64_t now, bool (*visit)(void *context, const struct address_range *range),
			 void *context);
/* The range as the fewest networks. */
void address_export_networks(const struct address_range *range, void (*visit)(void *context, const struct ip_net *net), void *context);

#endif
