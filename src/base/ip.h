/* base/ip.h - internet addresses and networks, both families in one 16-byte form.
 *
 * IPv4 is kept v4-mapped (::ffff:a.b.c.d, RFC 4291 2.5.5.2), so 1.2.3.4 and ::ffff:1.2.3.4 are one address. */
#ifndef BASE_IP_H
#define BASE_IP_H

#include "base/span.h"

struct ip {
	uint8_t b[16];
};

enum { IP_TEXT_MAX = 46 };

static inline bool ip_is_v4(const struct ip *ip)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	return memcmp(ip->b, mapped, 12) == 0;
}
static inline bool ip_eq(const struct ip *a, const struct ip *b) { return memcmp(a->b, b->b, 16) == 0; }
struct ip ip_from_v4(uint32_t host_order);
/* Meaningful for IPv4 only. */
static inline uint32_t ip_v4(const struct ip *ip)
{
	return (uint32_t)ip->b[12] << 24 | (uint32_t)ip->b[13] << 16 | (uint32_t)ip->b[14] << 8 | ip->b[15];
}
/* The whole span as a dotted quad (no leading zeros beyond three digits) or RFC 4291 text; a zone (%eth0), "IPv6:" prefix and
 * surrounding [] are accepted and dropped. */
bool ip_parse(struct span text, struct ip *ret_ip);
/* RFC 5952 for IPv6; returns the length. The text is NUL-terminated. */
size_t ip_format(const struct ip *ip, char ret_text[IP_TEXT_MAX]);
/* Private, loopback, link-local, shared (RFC 6598), unique local: not reachable from the internet at large.
 * Documentation networks are not special here, samples and tests use them as public ones. */
bool ip_is_private(const struct ip *ip);
bool ip_is_loopback(const struct ip *ip);

/* A list of networks as SpamAssassin writes them: "10/8", "1.2.", "192.0.2.0/24", "2001:db8::/32", "!10.1.2.3" excludes;
 * the first match in the list decides. */
struct ip_net {
	struct ip ip;
	uint8_t bits; /* 0 to 128, of the mapped form */
	bool exclude;
};
bool ip_net_parse(struct span text, struct ip_net *ret_net);
bool ip_net_has(const struct ip_net *net, const struct ip *ip);
/* True when the first network of the list that contains ip is not an exclusion. */
bool ip_nets_have(const struct ip_net *nets, size_t n, const struct ip *ip);

#endif
