/* app/relaytest_proxy.c - asks a server in each way that proxies know to reach an address of our own, and listens there.
 *
 * Each try has a connection to the server, a socket that listens on our end of it, and a mark. The server is open when the mark comes out
 * at the socket: what it answers is only told. One try at a time; what we listen at is nobody else's, so nothing foreign is ever reached.
 */
#include "app/relaytest.h"
#include "base/visible.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER = 4096, SHOWN = 120, HANDSHAKE_STEPS = 2 };

enum heard { HEARD_MORE, HEARD_NEXT, HEARD_YES, HEARD_NO };

struct attempt {
	struct relaytest *run;
	const struct way *way;
	struct relaytest_peer goal; /* where we listen */
	int proxy, listener, visitor;
	unsigned step; /* of the handshake */
	struct buf in, came;
	struct span said;
	bool yes, visited, passed;
};

struct way {
	const char *name, *shown, *sentence;
	bool v4_only;
	void (*ask)(const struct attempt *a, struct buf *out);
	enum heard (*hear)(struct attempt *a);
};

/* HTTP (RFC 9112 section 3.2) */

static void put_goal(const struct attempt *a, struct buf *out)
{
	char text[IP_TEXT_MAX];
	bool v4 = ip_is_v4(&a->goal.ip);
	ip_format(&a->goal.ip, text);
	buf_printf(out, v4 ? "%s:%u" : "[%s]:%u", text, a->goal.port);
}

static void ask_connect(const struct attempt *a, struct buf *out)
{
	buf_cstr(out, "CONNECT ");
	put_goal(a, out);
	buf_cstr(out, " HTTP/1.1\r\nHost: ");
	put_goal(a, out);
	buf_cstr(out, "\r\n\r\n");
}

static void put_request(const struct attempt *a, const char *method, struct buf *out)
{
	buf_printf(out, "%s http://", method);
	put_goal(a, out);
	buf_printf(out, "/%s HTTP/1.1\r\nHost: ", a->run->mark);
	put_goal(a, out);
	buf_cstr(out, "\r\nConnection: close\r\n");
}

static void ask_get(const struct attempt *a, struct buf *out)
{
	put_request(a, "GET", out);
	buf_cstr(out, "\r\n");
}

/* Spam was sent through proxies in the body of a POST: the mail server takes the header for mistyped commands. */
static void ask_post(const struct attempt *a, struct buf *out)
{
	put_request(a, "POST", out);
	buf_printf(out, "Content-Length: %zu\r\n\r\n%s", strlen(a->run->mark), a->run->mark);
}

static enum heard hear_http(struct attempt *a)
{
	struct span all = buf_span(&a->in), line;
	size_t end = span_find_byte(all, '\n', 0);
	if (end == SPAN_NPOS)
		return HEARD_MORE;
	line = span_trim(span_first(all, end));
	a->said = visible_text(arena_dup(a->run->arena, line), SHOWN, a->run->arena);
	return span_istarts(line, SPAN("HTTP/")) && span_starts(span_skip(line, span_find_byte(line, ' ', 0)), SPAN(" 2")) ? HEARD_YES
															   : HEARD_NO;
}

/* SOCKS (version 4 and 4a have no RFC; 5: RFC 1928) */

static void put_port(const struct attempt *a, struct buf *out)
{
	buf_byte(out, (uint8_t)(a->goal.port >> 8));
	buf_byte(out, (uint8_t)a->goal.port);
}

static void ask_socks4(const struct attempt *a, struct buf *out)
{
	buf_put(out, span_of("\x04\x01", 2));
	put_port(a, out);
	buf_put(out, span_of(a->goal.ip.b + 12, 4));
	buf_byte(out, 0); /* no user */
}

/* 0.0.0.x: a name follows, which the server looks up itself. */
static void ask_socks4a(const struct attempt *a, struct buf *out)
{
	char text[IP_TEXT_MAX];
	buf_put(out, span_of("\x04\x01", 2));
	put_port(a, out);
	buf_put(out, span_of("\0\0\0\x01\0", 5));
	buf_put(out, span_of(text, ip_format(&a->goal.ip, text)));
	buf_byte(out, 0);
}

static enum heard hear_socks4(struct attempt *a)
{
	if (a->in.n < 2)
		return HEARD_MORE;
	bool yes = a->in.p[0] == 0 && a->in.p[1] == 0x5a;
	if (a->in.p[0] != 0)
		a->said = SPAN("does not speak SOCKS 4");
	else
		a->said = yes ? SPAN("granted") : arena_printf(a->run->arena, "refused (%u)", a->in.p[1]);
	return yes && a->in.n < 8 ? HEARD_MORE : yes ? HEARD_YES : HEARD_NO;
}

static void ask_socks5(const struct attempt *a, struct buf *out)
{
	bool v4 = ip_is_v4(&a->goal.ip);
	if (a->step == 0) {
		buf_put(out, span_of("\x05\x01\0", 3)); /* one method: without authentication */
		return;
	}
	buf_put(out, span_of("\x05\x01\0", 3));
	buf_byte(out, v4 ? 1 : 4);
	buf_put(out, v4 ? span_of(a->goal.ip.b + 12, 4) : span_of(a->goal.ip.b, 16));
	put_port(a, out);
}

static enum heard hear_socks5(struct attempt *a)
{
	if (a->in.n < 2)
		return HEARD_MORE;
	bool yes = a->in.p[0] == 5 && a->in.p[1] == 0;
	if (a->in.p[0] != 5)
		a->said = SPAN("does not speak SOCKS 5");
	else if (a->step == 0)
		a->said = yes ? SPAN("takes us without a password") : SPAN("wants a password, or refuses us");
	else
		a->said = yes ? SPAN("granted") : arena_printf(a->run->arena, "refused (%u)", a->in.p[1]);
	return !yes ? HEARD_NO : a->step == 0 ? HEARD_NEXT : HEARD_YES;
}

static const struct way ways[] = {
	{ "http-connect", "CONNECT ADDRESS:PORT", "a tunnel by HTTP CONNECT", false, ask_connect, hear_http },
	{ "http-get", "GET http://ADDRESS:PORT/", "fetching from elsewhere by HTTP GET", false, ask_get, hear_http },
	{ "http-post", "POST http://ADDRESS:PORT/", "sending elsewhere by HTTP POST", false, ask_post, hear_http },
	{ "socks4", "SOCKS 4 connect", "a tunnel by SOCKS 4", true, ask_socks4, hear_socks4 },
	{ "socks4a", "SOCKS 4a connect", "a tunnel by SOCKS 4a, to a name", false, ask_socks4a, hear_socks4 },
	{ "socks5", "SOCKS 5 connect", "a tunnel by SOCKS 5 without a password", false, ask_socks5, hear_socks5 },
};
enum { WAYS = sizeof ways / sizeof *ways };

/* one try */

static bool send_next(struct attempt *a, int64_t until)
{
	struct buf out;
	buf_init(&out, a->run->arena, ANSWER);
	if (a->yes)
		buf_cstr(&out, a->run->mark);
	else
		a->way->ask(a, &out);
	return relaytest_send(a->proxy, buf_span(&out), until);
}

/* False: nothing more comes from the proxy. */
static bool hear_proxy(struct attempt *a, int64_t until)
{
	ssize_t n = relaytest_receive(a->proxy, &a->in, until);
	if (n <= 0) {
		if (!a->said.n)
			a->said = n == 0 || errno == ECONNRESET ? SPAN("hung up") : SPAN("said too much");
		return false;
	}
	if (a->yes)
		return true; /* of no interest: what it sends through */
	enum heard heard = a->way->hear(a);
	if (heard == HEARD_NEXT && a->step + 1 < HANDSHAKE_STEPS) {
		a->step++;
		a->in.n = 0;
		return send_next(a, until);
	}
	a->yes = heard == HEARD_YES;
	return a->yes ? send_next(a, until) : heard == HEARD_MORE;
}

static void hear_visitor(struct attempt *a, int64_t until)
{
	ssize_t n = relaytest_receive(a->visitor, &a->came, until);
	a->passed = span_has(buf_span(&a->came), span_cstr(a->run->mark));
	if (a->passed)
		relaytest_send(a->visitor, SPAN("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"), until);
	if (n <= 0 || a->passed) {
		close(a->visitor);
		a->visitor = -1;
		a->came.n = 0;
	}
}

static void welcome(struct attempt *a)
{
	int s = accept4(a->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	a->visited |= s >= 0;
	if (s >= 0 && a->visitor >= 0)
		close(s);
	else if (s >= 0)
		a->visitor = s;
}

/* Until the mark came, or both sides have nothing more to say, or it is late. */
static void watch(struct attempt *a, int64_t until)
{
	bool talks = send_next(a, until);
	while (!a->passed) {
		struct pollfd p[] = { { a->listener, POLLIN, 0 }, { a->visitor, POLLIN, 0 }, { talks ? a->proxy : -1, POLLIN, 0 } };
		int64_t left = until - relaytest_clock();
		int n = left > 0 ? poll(p, 3, (int)left) : 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		if (p[0].revents)
			welcome(a);
		if (p[1].revents)
			hear_visitor(a, until);
		if (p[2].revents && !a->passed && !(talks = hear_proxy(a, until)) && a->visitor < 0 && !p[0].revents)
			until = relaytest_clock() + 200; /* a connection that was made may be on its way yet */
	}
}

static void judge(const struct attempt *a, struct relaytest_try *try)
{
	static const struct {
		const char *verdict, *words;
		enum relay_state state;
	} verdicts[] = { { "passed", "OPEN: our mark came through", RELAY_IS_OPEN },
			 { "connected", "OPEN: it connected to us", RELAY_IS_OPEN },
			 { "granted", "could not tell: it said yes, and nothing came", RELAY_UNSURE },
			 { "refused", "closed: nothing came through", RELAY_CLOSED } };
	/* 200 to GET or POST may be a page of its own. */
	bool tunnel = a->way->hear != hear_http || a->way->ask == ask_connect;
	size_t v = a->passed ? 0 : a->visited ? 1 : a->yes && tunnel ? 2 : 3;
	try->verdict = verdicts[v].verdict;
	try->words = verdicts[v].words;
	try->state = verdicts[v].state;
	try->said = a->said.n ? a->said : arena_printf(a->run->arena, "said nothing for %u seconds", a->run->seconds);
}

static void cannot(struct relaytest_try *try, const char *verdict, enum relay_state state, struct span said)
{
	try->verdict = verdict;
	try->words = state == RELAY_CLOSED ? "closed: cannot be asked for" : "could not tell: it was not reached";
	try->state = state;
	try->said = said;
}

/* False: not even connected; errno. */
static bool try_way(struct relaytest *run, const struct way *way, struct relaytest_try *try)
{
	int64_t until = relaytest_clock() + (int64_t)run->seconds * 1000;
	struct attempt a = { .run = run, .way = way, .listener = -1, .visitor = -1, .proxy = relaytest_connect(&run->peer, until) };
	*try = (struct relaytest_try){ .name = way->name, .sentence = way->sentence, .sent = { span_cstr(way->shown), SPAN("") } };
	cannot(try, "no-answer", RELAY_UNSURE, a.proxy < 0 ? arena_printf(run->arena, "%s", strerror(errno)) : SPAN("we cannot listen"));
	if (a.proxy < 0)
		return false;
	buf_init(&a.in, run->arena, ANSWER);
	buf_init(&a.came, run->arena, ANSWER);
	a.listener = relaytest_listen(a.proxy, &a.goal);
	if (a.listener >= 0 && way->v4_only && !ip_is_v4(&a.goal.ip)) {
		cannot(try, "refused", RELAY_CLOSED, SPAN("SOCKS 4 has no IPv6"));
	} else if (a.listener >= 0) {
		watch(&a, until);
		judge(&a, try);
	}
	if (a.visitor >= 0)
		close(a.visitor);
	if (a.listener >= 0)
		close(a.listener);
	close(a.proxy);
	return true;
}

/* Whether somebody there could reach us at all. */
static bool reachable(struct relaytest *run)
{
	struct relaytest_peer here;
	int s = relaytest_connect(&run->peer, relaytest_clock() + (int64_t)run->seconds * 1000);
	int listener = s < 0 ? -1 : relaytest_listen(s, &here);
	if (listener < 0)
		run->why = arena_printf(run->arena, s < 0 ? "it cannot be reached: %s" : "we cannot listen here: %s", strerror(errno));
	bool hidden = listener >= 0 && ip_is_private(&here.ip) && !ip_is_private(&run->peer.ip);
	if (hidden)
		run->why =
		    SPAN("this computer has a private address that cannot be reached from there: test from one that has a public address");
	if (listener >= 0)
		close(listener);
	if (s >= 0)
		close(s);
	return listener >= 0 && !hidden;
}

bool relaytest_proxy(struct relaytest *run)
{
	if (!reachable(run))
		return false;
	run->n = WAYS;
	run->tries = arena_zalloc(run->arena, WAYS * sizeof *run->tries);
	for (size_t i = 0; i < WAYS; i++) {
		try_way(run, &ways[i], &run->tries[i]);
		relaytest_rest(run);
	}
	return true;
}
