/* session/dns_zone_out.c - see dns_zone_out.h */
#include "session/dns_zone_out.h"

#include <errno.h>
#include <netinet/udp.h>
#include <xxhash.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103 /* since Linux 4.18 */
#endif

enum { BURST_BYTES = 60000 }; /* a message to be cut is no longer than a datagram may be */

bool dns_zone_out_can_join(int fd)
{
	int none = 0;
	return setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &none, sizeof none) == 0;
}

static bool same_way(const struct msghdr *a, const struct msghdr *b)
{
	return a->msg_namelen == b->msg_namelen && memcmp(a->msg_name, b->msg_name, a->msg_namelen) == 0 &&
	       a->msg_controllen == b->msg_controllen &&
	       (a->msg_controllen == 0 || memcmp(a->msg_control, b->msg_control, a->msg_controllen) == 0);
}

void dns_zone_out_put(struct dns_zone_out *out, const struct msghdr *question, struct span answer, bool join)
{
	unsigned i = join ? 0 : out->n_bursts;
	uint64_t key = join ? XXH3_64bits_withSeed(question->msg_name, question->msg_namelen, answer.n) : 0;
	while (i < out->n_bursts && (out->burst[i].key != key || out->burst[i].bytes + answer.n > BURST_BYTES ||
				     out->burst[i].bytes != out->burst[i].n * answer.n || !same_way(out->burst[i].to, question)))
		i++;
	struct dns_zone_burst *burst = &out->burst[i];
	if (i == out->n_bursts) {
		out->n_bursts++;
		burst->key = key;
		burst->n = burst->bytes = 0;
		burst->to = question;
	}
	burst->n++;
	burst->bytes += (uint32_t)answer.n;
	out->burst_of[out->n] = (uint8_t)i;
	out->answer[out->n++] = (struct iovec){ (void *)answer.p, answer.n };
}

/* Says behind the address from which it leaves where the message is to be cut. */
static void cut(struct msghdr *message, struct dns_zone_burst *burst)
{
	uint16_t each = (uint16_t)(burst->bytes / burst->n);
	size_t before = message->msg_controllen;
	if (before > DNS_ZONE_CONTROL)
		return;
	memset(burst->control, 0, sizeof burst->control);
	if (before)
		memcpy(burst->control, message->msg_control, before);
	struct cmsghdr *c = (struct cmsghdr *)(burst->control + before);
	*c = (struct cmsghdr){ .cmsg_level = IPPROTO_UDP, .cmsg_type = UDP_SEGMENT, .cmsg_len = CMSG_LEN(sizeof each) };
	memcpy(CMSG_DATA(c), &each, sizeof each);
	message->msg_control = burst->control;
	message->msg_controllen = before + CMSG_SPACE(sizeof each);
}

static void put_in_order(struct dns_zone_out *out)
{
	unsigned from = 0, next[DNS_ZONE_BATCH];
	for (unsigned i = 0; i < out->n_bursts; i++) {
		struct dns_zone_burst *burst = &out->burst[i];
		struct msghdr *message = &out->message[i].msg_hdr;
		*message = *burst->to;
		message->msg_iov = &out->in_order[next[i] = from];
		message->msg_iovlen = burst->n;
		message->msg_flags = 0;
		if (burst->n > 1)
			cut(message, burst);
		from += burst->n;
	}
	for (unsigned i = 0; i < out->n; i++)
		out->in_order[next[out->burst_of[i]]++] = out->answer[i];
}

static bool is_full(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS; }

/* Each answer of a burst as a message of its own. */
static void send_alone(const struct dns_zone_burst *burst, const struct msghdr *message, int fd)
{
	struct msghdr one = *burst->to;
	one.msg_flags = 0;
	one.msg_iovlen = 1;
	for (size_t i = 0; i < burst->n; i++) {
		one.msg_iov = message->msg_iov + i;
		if (sendmsg(fd, &one, MSG_DONTWAIT) < 0 && is_full(errno))
			return;
	}
}

/* An answer that cannot be sent, for one because its address cannot be reached, is left out; a full queue drops the rest. */
void dns_zone_out_send(struct dns_zone_out *out, int fd, bool *join)
{
	put_in_order(out);
	for (unsigned at = 0; at < out->n_bursts;) {
		int sent = sendmmsg(fd, out->message + at, out->n_bursts - at, MSG_DONTWAIT);
		if (sent < 0 && is_full(errno))
			break;
		if (sent <= 0 && out->burst[at].n > 1) {
			*join = *join && errno != EIO && errno != EINVAL && errno != EOPNOTSUPP;
			send_alone(&out->burst[at], &out->message[at].msg_hdr, fd);
		}
		at += sent > 0 ? (unsigned)sent : 1;
	}
	out->n = out->n_bursts = 0;
}
