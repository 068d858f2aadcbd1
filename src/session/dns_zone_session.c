/* session/dns_zone_session.c - see dns_zone_session.h */
#include "session/dns_zone_session.h"
#include "base/clock.h"
#include "gate/load.h"
#include "net/socket_address.h"
#include "session/dns_zone_engine.h"
#include "session/dns_zone_out.h"

#include <event2/event.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	BATCH = DNS_ZONE_BATCH,
	BATCHES = 4, /* in one turn: mail is waiting, too */
	CLIENTS = 65536,
	SECOND = 1000,
	UNREAD_MAX = 64 * 1024,      /* answers that a client does not take */
	RECEIVE_BYTES = 1024 * 1024, /* questions that wait: a burst while mail is handled */
};

struct datagrams {
	struct datagrams *next;
	struct doors *doors;
	struct event readable;
	int fd;
	bool wildcard; /* the address that was asked has to be told with the answer */
	bool join;     /* answers may leave together */
};

/* One question and its answer. */
struct slot {
	struct sockaddr_storage from;
	_Alignas(struct cmsghdr) uint8_t control[DNS_ZONE_CONTROL];
	uint8_t question[DNS_ZONE_QUESTION_MAX], answer[DNS_ZONE_ANSWER_MAX];
};

struct dns_zone_clients {
	struct gate_counters *rates;
	struct datagrams *sockets;
	uint32_t conversations;
	uint32_t outcomes[2][DNS_ZONE_OUTCOMES]; /* by UDP, by TCP; not told yet */
	struct slot slot[BATCH];
	struct iovec in_bytes[BATCH];
	struct mmsghdr in[BATCH];
	struct dns_zone_out out;
};

struct moment {
	int64_t seconds;
	uint64_t milliseconds; /* monotonic */
};

static struct moment this_moment(void) { return (struct moment){ clock_now(), clock_microseconds() / 1000 }; }

static struct dns_zone_clients *clients_of(struct doors *doors)
{
	struct dns_zone_clients *c = doors->dns;
	if (c)
		return c;
	c = doors->dns = calloc(1, sizeof *c);
	if (!c || !(c->rates = gate_counters_new(CLIENTS)))
		abort();
	for (unsigned i = 0; i < BATCH; i++) {
		c->in_bytes[i] = (struct iovec){ c->slot[i].question, sizeof c->slot[i].question };
		c->in[i].msg_hdr = (struct msghdr){ .msg_name = &c->slot[i].from, .msg_iov = &c->in_bytes[i], .msg_iovlen = 1 };
	}
	return c;
}

static void tell(struct doors *doors, bool tcp)
{
	const struct session_handlers *handlers = doors->handlers;
	if (handlers->questions)
		handlers->questions(handlers->context, tcp, doors->dns->outcomes[tcp]);
	memset(doors->dns->outcomes[tcp], 0, sizeof doors->dns->outcomes[tcp]);
}

/* client NULL: a program on this machine that a Unix socket let in. The length of the answer; 0: there is none. */
static size_t answer(struct doors *doors, const struct ip *client, struct span question, bool tcp, const struct moment *now,
		     uint8_t out[DNS_ZONE_ANSWER_MAX], enum dns_zone_outcome *ret_outcome)
{
	const struct session_settings *settings = doors->settings;
	uint32_t rate = settings->dns_zone_rate;
	*ret_outcome = DNS_ZONE_DROPPED;
	if (!settings->dns_zone)
		return 0;
	if (rate && client && !gate_counters_spend(doors->dns->rates, client, rate, SECOND, now->milliseconds))
		return 0;
	return dns_zone_answer(settings->dns_zone, question, tcp, now->seconds, out, ret_outcome);
}

/* --- UDP --- */

bool dns_zone_is_datagrams(int fd)
{
	int type;
	socklen_t n = sizeof type;
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 && type == SOCK_DGRAM;
}

/* What came with a question tells the address that was asked, and goes back with the answer; through which interface it leaves is for the
 * kernel's routes to say, but for link-local addresses, which every interface has. */
static void turn_round(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct in_pktinfo v4;
		struct in6_pktinfo v6;
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&v4, CMSG_DATA(c), sizeof v4);
			v4.ipi_ifindex = 0;
			memcpy(CMSG_DATA(c), &v4, sizeof v4);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&v6, CMSG_DATA(c), sizeof v6);
			if (!IN6_IS_ADDR_LINKLOCAL(&v6.ipi6_addr))
				v6.ipi6_ifindex = 0;
			memcpy(CMSG_DATA(c), &v6, sizeof v6);
		}
	}
}

static size_t answer_slot(struct datagrams *d, struct dns_zone_clients *c, unsigned i, const struct moment *now,
			  enum dns_zone_outcome *outcome)
{
	struct slot *slot = &c->slot[i];
	struct ip client;
	uint16_t port;
	*outcome = DNS_ZONE_SILENT;
	if (c->in[i].msg_hdr.msg_flags & MSG_TRUNC || !socket_address_ip(&slot->from, &client, &port) || port == 0)
		return 0;
	return answer(d->doors, &client, span_of(slot->question, c->in[i].msg_len), false, now, slot->answer, outcome);
}

/* How many questions there were. */
static unsigned answer_batch(struct datagrams *d)
{
	struct dns_zone_clients *c = d->doors->dns;
	struct moment now = this_moment();
	for (unsigned i = 0; i < BATCH; i++) {
		struct msghdr *in = &c->in[i].msg_hdr;
		in->msg_namelen = sizeof c->slot[i].from;
		in->msg_control = d->wildcard ? c->slot[i].control : NULL;
		in->msg_controllen = d->wildcard ? DNS_ZONE_CONTROL : 0;
	}
	int n = recvmmsg(d->fd, c->in, BATCH, MSG_DONTWAIT, NULL);
	for (unsigned i = 0; n > 0 && i < (unsigned)n; i++) {
		enum dns_zone_outcome outcome;
		size_t bytes = answer_slot(d, c, i, &now, &outcome);
		c->outcomes[false][outcome]++;
		if (!bytes)
			continue;
		turn_round(&c->in[i].msg_hdr);
		dns_zone_out_put(&c->out, &c->in[i].msg_hdr, span_of(c->slot[i].answer, bytes), d->join);
	}
	dns_zone_out_send(&c->out, d->fd, &d->join);
	return n > 0 ? (unsigned)n : 0;
}

static void on_datagrams(evutil_socket_t fd, short what, void *context)
{
	struct datagrams *d = context;
	(void)fd;
	(void)what;
	for (unsigned i = 0; i < BATCHES && answer_batch(d) == BATCH; i++)
		;
	tell(d->doors, false);
}

static bool is_wildcard(const struct sockaddr_storage *bound)
{
	static const struct ip any = { { 0 } };
	struct ip ip;
	uint16_t port;
	return socket_address_ip(bound, &ip, &port) && (ip_eq(&ip, &any) || (ip_is_v4(&ip) && ip_v4(&ip) == 0));
}

int dns_zone_listen(struct doors *doors, int fd)
{
	struct dns_zone_clients *c = clients_of(doors);
	struct sockaddr_storage bound;
	socklen_t n = sizeof bound;
	int on = 1, bytes = RECEIVE_BYTES;
	struct datagrams *d = calloc(1, sizeof *d);
	if (!d)
		abort();
	*d = (struct datagrams){ .next = c->sockets, .doors = doors, .fd = fd };
	d->wildcard = getsockname(fd, (struct sockaddr *)&bound, &n) == 0 && is_wildcard(&bound);
	if (d->wildcard)
		bound.ss_family == AF_INET ? setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on)
					   : setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
	d->join = dns_zone_out_can_join(fd);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	if (event_assign(&d->readable, doors->base, fd, EV_READ | EV_PERSIST, on_datagrams, d) < 0 ||
	    (!doors->shut && event_add(&d->readable, NULL) < 0)) {
		free(d);
		return ERR_IO;
	}
	c->sockets = d;
	return ERR_OK;
}

void dns_zone_unlisten(struct doors *doors)
{
	struct datagrams *next;
	if (!doors->dns)
		return;
	for (struct datagrams *d = doors->dns->sockets; d; d = next) {
		next = d->next;
		event_del(&d->readable);
		evutil_closesocket(d->fd);
		free(d);
	}
	doors->dns->sockets = NULL;
}

void dns_zone_free(struct doors *doors)
{
	dns_zone_unlisten(doors);
	if (doors->dns)
		gate_counters_free(doors->dns->rates);
	free(doors->dns);
	doors->dns = NULL;
}

/* --- TCP --- */

struct conversation {
	struct session session; /* first */
	struct ip client;
	bool known; /* the client's address is */
	bool ended; /* it asks no more, and waits for what it asked */
};

static struct conversation *of(struct session *session) { return (struct conversation *)session; }

static void begin(struct session *session)
{
	struct dns_zone_clients *c = clients_of(session->doors);
	struct sockaddr_storage peer;
	socklen_t n = sizeof peer;
	uint16_t port;
	of(session)->known = getpeername(bufferevent_getfd(session->socket), (struct sockaddr *)&peer, &n) == 0 &&
			     socket_address_ip(&peer, &of(session)->client, &port);
	session_deadline(session, ++c->conversations > DNS_ZONE_CONVERSATIONS ? 0 : DNS_ZONE_PATIENCE);
}

static void end(struct session *session) { session->doors->dns->conversations--; }

/* False: the session was closed. */
static bool answer_one(struct conversation *s, struct span question, const struct moment *now)
{
	struct doors *doors = s->session.doors;
	uint8_t out[2 + DNS_ZONE_ANSWER_MAX];
	enum dns_zone_outcome outcome;
	size_t n = answer(doors, s->known ? &s->client : NULL, question, true, now, out + 2, &outcome);
	doors->dns->outcomes[true][outcome]++;
	if (n == 0 || evbuffer_get_length(session_output(&s->session)) > UNREAD_MAX) {
		session_close(&s->session);
		return false;
	}
	out[0] = (uint8_t)(n >> 8);
	out[1] = (uint8_t)n;
	session_send(&s->session, span_of(out, n + 2));
	session_take(&s->session, 2 + question.n);
	session_deadline(&s->session, DNS_ZONE_PATIENCE);
	return true;
}

static void read_questions(struct session *session)
{
	struct doors *doors = session->doors;
	struct moment now = this_moment();
	for (bool open = doors->dns->conversations <= DNS_ZONE_CONVERSATIONS; open;) {
		struct span head = session_look(session, 2);
		size_t n = head.n == 2 ? (size_t)head.p[0] << 8 | head.p[1] : 0;
		if (head.n < 2)
			break;
		if (n > DNS_ZONE_QUESTION_MAX) {
			session_close(session);
			break;
		}
		struct span whole = session_look(session, 2 + n);
		if (whole.n < 2 + n)
			break;
		open = answer_one(of(session), span_skip(whole, 2), &now);
	}
	tell(doors, true);
}

static void written(struct session *session)
{
	if (of(session)->ended)
		session_close(session);
}

static void ended(struct session *session)
{
	of(session)->ended = true;
	if (evbuffer_get_length(session_output(session)) == 0)
		session_close(session);
}

const struct session_kind dns_zone_session_kind = {
	.door = DOOR_DNS,
	.bytes = sizeof(struct conversation),
	.read_ahead = 2 + DNS_ZONE_QUESTION_MAX,
	.begin = begin,
	.read = read_questions,
	.written = written,
	.ended = ended,
	.end = end,
};
