/* app/relaytest_wire.c - see relaytest_wire.h */
#include "app/relaytest_wire.h"
#include "base/clock.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PART = 4096, KNOCK_MS = 2000 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage room;
};

int64_t relaytest_clock(void) { return (int64_t)(clock_microseconds() / 1000); }

static bool read_address(const union address *a, struct relaytest_peer *ret)
{
	*ret = (struct relaytest_peer){ 0 };
	if (a->any.sa_family == AF_INET) {
		ret->ip = ip_from_v4(ntohl(a->v4.sin_addr.s_addr));
		ret->port = ntohs(a->v4.sin_port);
	} else if (a->any.sa_family == AF_INET6) {
		memcpy(ret->ip.b, &a->v6.sin6_addr, sizeof ret->ip.b);
		ret->port = ntohs(a->v6.sin6_port);
		ret->scope = a->v6.sin6_scope_id;
	} else {
		return false;
	}
	return true;
}

static socklen_t write_address(const struct relaytest_peer *p, union address *ret)
{
	*ret = (union address){ 0 };
	if (ip_is_v4(&p->ip)) {
		ret->v4 =
		    (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(p->port), .sin_addr.s_addr = htonl(ip_v4(&p->ip)) };
		return sizeof ret->v4;
	}
	ret->v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(p->port), .sin6_scope_id = p->scope };
	memcpy(&ret->v6.sin6_addr, p->ip.b, sizeof p->ip.b);
	return sizeof ret->v6;
}

/* finding */

bool relaytest_is_own(const struct ip *ip)
{
	struct ifaddrs *all;
	struct relaytest_peer here;
	bool own = ip_is_loopback(ip);
	if (own || getifaddrs(&all) != 0)
		return own;
	for (const struct ifaddrs *i = all; i && !own; i = i->ifa_next)
		own = i->ifa_addr && read_address((const union address *)(const void *)i->ifa_addr, &here) && ip_eq(&here.ip, ip);
	freeifaddrs(all);
	return own;
}

/* "host:port" in two; a bare IPv6 address has no port. */
static bool split(struct span text, struct span *ret_host, struct span *ret_port)
{
	size_t close = span_rfind_byte(text, ']'), colon = span_rfind_byte(text, ':');
	struct ip ip;
	bool bracketed = span_starts(text, SPAN("["));
	if (bracketed && close == SPAN_NPOS)
		return false;
	bool has_port = colon != SPAN_NPOS && (bracketed ? colon == close + 1 : !ip_parse(text, &ip));
	if (bracketed && !has_port && close + 1 != text.n)
		return false;
	*ret_port = has_port ? span_skip(text, colon + 1) : span_none;
	*ret_host = bracketed ? span_slice(text, 1, close) : has_port ? span_first(text, colon) : text;
	return ret_host->n > 0;
}

/* The first address that may be tested; where a name has several, the first of them at which somebody listens: localhost is ::1 too, and a
 * server that listens on 127.0.0.1 alone is meant all the same. */
static bool choose(const struct addrinfo *all, uint16_t port, bool any_host, struct relaytest_peer *ret)
{
	struct relaytest_peer peer = { 0 };
	bool found = false;
	for (const struct addrinfo *i = all; i; i = i->ai_next) {
		if (!read_address((const union address *)(const void *)i->ai_addr, &peer) || !(any_host || relaytest_is_own(&peer.ip)))
			continue;
		peer.port = port;
		int s = found || i->ai_next ? relaytest_connect(&peer, relaytest_clock() + KNOCK_MS) : -1;
		if (s >= 0 || !found)
			*ret = peer;
		found = true;
		if (s < 0)
			continue;
		close(s);
		break;
	}
	return found;
}

bool relaytest_find(const char *text, uint16_t port, bool any_host, struct arena *arena, struct relaytest_peer *ret, struct span *ret_why)
{
	struct span host, digits;
	uint64_t number = port;
	struct addrinfo *all, want = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_IDN };
	if (!split(span_cstr(text), &host, &digits) || (digits.p && !span_to_uint(digits, UINT16_MAX, &number)) || number == 0) {
		*ret_why = arena_printf(arena, "\"%s\" is no HOST%s", text, port ? " or HOST:PORT" : ":PORT");
		return false;
	}
	const char *name = (const char *)arena_printf(arena, "%.*s", SPAN_ARG(host)).p;
	int err = getaddrinfo(name, NULL, &want, &all);
	if (err != 0) {
		*ret_why = arena_printf(arena, "no address is known of %s: %s", name, gai_strerror(err));
		return false;
	}
	bool found = choose(all, (uint16_t)number, any_host, ret);
	freeaddrinfo(all);
	if (!found)
		*ret_why =
		    arena_printf(arena,
				 "%s is not this host. Trying doors that are not one's own is what the other side does: if the server is "
				 "yours, say so with --i-own-it",
				 name);
	return found;
}

/* speaking */

/* Until the socket is ready for events, or it is late (errno ETIMEDOUT). */
static bool ready(int s, short events, int64_t until)
{
	for (;;) {
		int64_t left = until - relaytest_clock();
		struct pollfd p = { .fd = s, .events = events };
		int n = left > 0 ? poll(&p, 1, (int)(left > INT32_MAX ? INT32_MAX : left)) : 0;
		if (n > 0)
			return true;
		if (n == 0 && left <= 0)
			errno = ETIMEDOUT;
		if ((n == 0 && left <= 0) || (n < 0 && errno != EINTR))
			return false;
	}
}

static bool connected(int s, int64_t until)
{
	int err = 0;
	socklen_t n = sizeof err;
	if (!ready(s, POLLOUT, until) || getsockopt(s, SOL_SOCKET, SO_ERROR, &err, &n) != 0)
		return false;
	errno = err;
	return err == 0;
}

int relaytest_connect(const struct relaytest_peer *peer, int64_t until)
{
	union address a;
	socklen_t n = write_address(peer, &a);
	int s = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s < 0)
		return -1;
	if (connect(s, &a.any, n) == 0 || (errno == EINPROGRESS && connected(s, until)))
		return s;
	int why = errno;
	close(s);
	errno = why;
	return -1;
}

int relaytest_listen(int connection, struct relaytest_peer *ret)
{
	union address a;
	socklen_t n = sizeof a;
	struct relaytest_peer at;
	if (getsockname(connection, &a.any, &n) != 0 || !read_address(&a, &at))
		return -1;
	at.port = 0;
	n = write_address(&at, &a);
	int s = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s < 0)
		return -1;
	socklen_t room = sizeof a;
	if (bind(s, &a.any, n) == 0 && listen(s, 8) == 0 && getsockname(s, &a.any, &room) == 0 && read_address(&a, ret))
		return s;
	int why = errno;
	close(s);
	errno = why;
	return -1;
}

bool relaytest_send(int s, struct span bytes, int64_t until)
{
	while (bytes.n) {
		ssize_t n = send(s, bytes.p, bytes.n, MSG_NOSIGNAL);
		if (n > 0)
			bytes = span_skip(bytes, (size_t)n);
		else if (n < 0 && errno != EINTR && ((errno != EAGAIN && errno != EWOULDBLOCK) || !ready(s, POLLOUT, until)))
			return false;
	}
	return true;
}

ssize_t relaytest_receive(int s, struct buf *in, int64_t until)
{
	size_t part = in->ceiling - in->n < PART ? in->ceiling - in->n : PART;
	if (part == 0 || !buf_room(in, part)) {
		errno = ENOBUFS;
		return -1;
	}
	for (;;) {
		ssize_t n = recv(s, in->p + in->n, part, 0);
		if (n > 0)
			in->n += (size_t)n;
		if (n >= 0)
			return n;
		if (errno != EINTR && ((errno != EAGAIN && errno != EWOULDBLOCK) || !ready(s, POLLIN, until)))
			return -1;
	}
}
