/* session/dns_zone_engine.h - a DNS list over our own lists of addresses (RFC 5782): a question's packet in, the answer's packet out.
 *
 * 7.2.0.192.bl.example.org is 192.0.2.7, 32 labels of a hexadecimal digit are an IPv6 address. What is blocked has an A record (its class's
 * answer, 127.0.0.2 where it has none) and a TXT record that says why; what is not, or is allowed, does not exist. 127.0.0.2 and
 * ::ffff:7f00:2 are always listed, 127.0.0.1 and ::ffff:7f00:1 never (RFC 5782 5): so users test a list. The zone's own name has SOA and
 * NS; names that addresses lie below exist without records (RFC 8020), all others of the zone do not exist; what lies outside is refused.
 * EDNS (RFC 6891) is understood; what does not fit is cut off, so that it is asked by TCP.
 *
 * Promises: pure; touches no byte outside what it is given; work linear in the packet. Does not: count or limit clients.
 * Owner: the caller; a zone borrows its names and lists. */
#ifndef SESSION_DNS_ZONE_ENGINE_H
#define SESSION_DNS_ZONE_ENGINE_H

#include "facts/address_lists.h"

enum {
	DNS_ZONE_UDP = 1232,     /* bytes of an answer by UDP at most, whatever the client takes: nothing on the way cuts those in pieces */
	DNS_ZONE_NAME_MAX = 255, /* RFC 1035 3.1 */
	DNS_ZONE_ANSWER_MAX = 2048,
};

struct dns_zone {
	uint8_t name[DNS_ZONE_NAME_MAX], server[DNS_ZONE_NAME_MAX], contact[DNS_ZONE_NAME_MAX]; /* as in packets, lower-case */
	uint8_t name_n, server_n, contact_n;
	uint32_t serial, ttl, negative_ttl; /* seconds */
	const struct address_lists *lists;
};

/* name: "bl.example.org"; server: the name of the host that answers; contact: hostmaster below it. False: one is no domain name, or too
 * long for addresses of IPv6 to stand before it. */
bool dns_zone_init(struct dns_zone *ret_zone, struct span name, struct span server, const struct address_lists *lists);

/* As base/metrics.def names them. DNS_ZONE_DROPPED: the caller's word for a question that is not looked at. */
enum dns_zone_outcome {
	DNS_ZONE_SILENT,
	DNS_ZONE_MALFORMED,
	DNS_ZONE_REFUSED,
	DNS_ZONE_OWN,
	DNS_ZONE_LISTED,
	DNS_ZONE_NOT_LISTED,
	DNS_ZONE_DROPPED,
	DNS_ZONE_OUTCOMES
};

/* The length of the answer; 0: there is none (DNS_ZONE_SILENT: what came is no question). */
size_t dns_zone_answer(const struct dns_zone *zone, struct span question, bool tcp, int64_t now, uint8_t ret_answer[DNS_ZONE_ANSWER_MAX],
		       enum dns_zone_outcome *ret_outcome);

#endif
