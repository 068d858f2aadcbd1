/* facts/address_lists.c - see address_lists.h */
#include "facts/address_lists.h"
#include "base/clock.h"

enum { ANSWER = 0x7f000002 }; /* 127.0.0.2: what the live set says in the DNS (RFC 5782 2.1) */

static struct ip_net network_of(const struct ip *ip, unsigned bits)
{
	struct ip_net net = { *ip, (uint8_t)bits, false };
	for (unsigned bit = bits; bit < 128; bit += 8 - bit % 8)
		net.ip.b[bit / 8] &= (uint8_t)(0xff00u >> bit % 8);
	return net;
}

static void from_live(struct address_listing *listing)
{
	struct span name = span_cstr(listing->entry.class);
	listing->action = span_eq(name, SPAN("allow")) ? ADDRESS_ALLOW : ADDRESS_BLOCK;
	listing->list = NULL;
	listing->net = listing->entry.net;
	listing->class = (struct address_class){ name, span_cstr(listing->entry.note), ANSWER };
}

bool address_lists_find(const struct address_lists *lists, const struct ip *ip, int64_t now, struct address_listing *ret)
{
	const struct address_list *best = NULL;
	struct address_match match, found = { 0 };
	for (size_t i = 0; i < lists->n; i++)
		if (address_set_find(lists->v[i].set, ip, &match) && match.class != ADDRESS_EXCEPTION &&
		    (!best || match.bits > found.bits)) {
			best = &lists->v[i];
			found = match;
		}
	if (lists->live && address_live_find(lists->live, ip, now, &ret->entry) && (!best || ret->entry.net.bits >= found.bits)) {
		if (ret->entry.net.exclude)
			return false;
		from_live(ret);
		return true;
	}
	if (!best)
		return false;
	ret->action = best->action;
	ret->list = best;
	ret->net = network_of(ip, found.bits);
	ret->class = address_set_class(best->set, found.class);
	ret->entry.since = ret->entry.expires = CLOCK_NONE;
	ret->entry.hits = 0;
	ret->entry.note[0] = ret->entry.class[0] = '\0';
	return true;
}
