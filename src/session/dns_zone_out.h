/* session/dns_zone_out.h - the answers of one batch of questions on their way out.
 *
 * A resolver that serves many mail servers asks in bursts. Answers of one length for one client leave as one message that the kernel, or
 * the network card, cuts into datagrams (UDP_SEGMENT, udp(7)): the way through the kernel is most of what an answer costs, and is gone
 * once for all of them. What arrives is the same.
 * Promises: no allocation; in the order of the questions but for those that leave together. Where the kernel or an interface cannot cut
 * messages, each answer leaves alone. Does not: own the answers; they stay where they are until dns_zone_out_send. */
#ifndef SESSION_DNS_ZONE_OUT_H
#define SESSION_DNS_ZONE_OUT_H

#include "base/span.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum {
	DNS_ZONE_BATCH = 64,
	DNS_ZONE_CONTROL = CMSG_SPACE(sizeof(struct in6_pktinfo)), /* bytes that tell the address which was asked */
};

/* Answers that leave together. */
struct dns_zone_burst {
	uint64_t key; /* of client and length */
	uint32_t n, bytes;
	const struct msghdr *to;
	_Alignas(struct cmsghdr) uint8_t control[DNS_ZONE_CONTROL + CMSG_SPACE(sizeof(uint16_t))];
};

struct dns_zone_out {
	unsigned n, n_bursts;
	struct iovec answer[DNS_ZONE_BATCH], in_order[DNS_ZONE_BATCH]; /* as they were put; as they leave */
	uint8_t burst_of[DNS_ZONE_BATCH];
	struct dns_zone_burst burst[DNS_ZONE_BATCH];
	struct mmsghdr message[DNS_ZONE_BATCH];
};

/* Can the socket's messages be cut? */
bool dns_zone_out_can_join(int fd);
/* One more answer, to where a question came from: its name and its control (what turn_round left of it) must stay, too. */
void dns_zone_out_put(struct dns_zone_out *out, const struct msghdr *question, struct span answer, bool join);
/* Sends and forgets all. *join becomes false when it turns out that messages cannot be cut on their way. */
void dns_zone_out_send(struct dns_zone_out *out, int fd, bool *join);

#endif
