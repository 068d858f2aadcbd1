/* app/release.c - see release.h */
#include "app/release.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/visible.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { REPLY_BYTES = 8192, REPLY_LINES = 100, SHOWN = 300, PART = 65536 };

struct client {
	const struct release *release;
	struct arena *arena;
	int socket;
	uint8_t in[REPLY_BYTES]; /* received and not yet read */
	size_t n_in;
	struct buf reply; /* all lines of the last one */
	int code;
	struct span why; /* once something failed */
	int err;
};

/* connection */

static int connect_to(const struct settings_address *to)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un path;
	} a = { .any.sa_family = AF_UNSPEC };
	socklen_t n;
	if (to->path.p) {
		if (to->path.n >= sizeof a.path.sun_path) {
			errno = ENAMETOOLONG;
			return -1;
		}
		a.path.sun_family = AF_UNIX;
		memcpy(a.path.sun_path, to->path.p, to->path.n);
		n = sizeof a.path;
	} else if (ip_is_v4(&to->ip)) {
		a.v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(to->port), .sin_addr.s_addr = htonl(ip_v4(&to->ip)) };
		n = sizeof a.v4;
	} else {
		a.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(to->port) };
		memcpy(&a.v6.sin6_addr, to->ip.b, sizeof to->ip.b);
		n = sizeof a.v6;
	}
	int s = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s >= 0 && connect(s, &a.any, n) != 0) {
		int why = errno;
		close(s);
		errno = why;
		return -1;
	}
	return s;
}

static bool fail(struct client *c, int err, struct span why)
{
	if (!c->err) {
		c->err = err;
		c->why = why;
	}
	return false;
}

static bool lost(struct client *c)
{
	const char *why = errno == EAGAIN || errno == EWOULDBLOCK ? "it did not answer in time" : errno ? strerror(errno) : "it hung up";
	return fail(c, ERR_IO, arena_printf(c->arena, "the mail server could not be spoken with: %s", why));
}

static bool send_all(struct client *c, struct span bytes)
{
	while (bytes.n) {
		ssize_t n = send(c->socket, bytes.p, bytes.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return lost(c);
		bytes = span_skip(bytes, (size_t)n);
	}
	return true;
}

/* One line without its end. */
static bool read_line(struct client *c, struct span *ret)
{
	for (;;) {
		size_t end = span_find_byte(span_of(c->in, c->n_in), '\n', 0);
		if (end != SPAN_NPOS) {
			*ret = arena_dup(c->arena, span_trim(span_of(c->in, end)));
			memmove(c->in, c->in + end + 1, c->n_in - end - 1);
			c->n_in -= end + 1;
			return true;
		}
		if (c->n_in == sizeof c->in)
			return fail(c, ERR_IO, SPAN("the mail server's reply is too long"));
		ssize_t n = recv(c->socket, c->in + c->n_in, sizeof c->in - c->n_in, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : 0;
			return lost(c);
		}
		c->n_in += (size_t)n;
	}
}

/* RFC 5321 4.2.1: lines "250-text" and a last one "250 text". */
static bool read_reply(struct client *c)
{
	struct span line;
	buf_init(&c->reply, c->arena, REPLY_BYTES);
	for (unsigned i = 0; i < REPLY_LINES; i++) {
		uint64_t code;
		if (!read_line(c, &line))
			return false;
		if (line.n < 3 || !span_to_uint(span_first(line, 3), 599, &code) || code < 200)
			return fail(c, ERR_IO, SPAN("what answers there is no mail server"));
		buf_put(&c->reply, span_skip(line, 4));
		buf_byte(&c->reply, '\n');
		c->code = (int)code;
		if (span_at(line, 3) != '-')
			return true;
	}
	return fail(c, ERR_IO, SPAN("the mail server's reply does not end"));
}

/* Whether the reply is of the wanted class; what says about whom it is. */
static bool expect(struct client *c, int class, struct span what)
{
	if (!read_reply(c))
		return false;
	if (c->code / 100 == class)
		return true;
	struct span words = visible_text(span_trim(buf_span(&c->reply)), SHOWN, c->arena);
	return fail(c, c->code >= 500 ? ERR_USAGE : ERR_IO,
		    arena_printf(c->arena, "the mail server %s %.*s: %d %.*s", c->code >= 500 ? "refused" : "put off", SPAN_ARG(what),
				 c->code, SPAN_ARG(words)));
}

static bool command(struct client *c, struct span line, int class, struct span what)
{
	return send_all(c, arena_join(c->arena, line, SPAN("\r\n"))) && expect(c, class, what);
}

static bool offers(const struct client *c, struct span keyword)
{
	struct span rest = buf_span(&c->reply), line;
	while (span_split(&rest, '\n', &line))
		if (span_istarts(line, keyword) && (line.n == keyword.n || line.p[keyword.n] == ' '))
			return true;
	return false;
}

/* envelope */

static bool has_8bit(struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] >= 0x80)
			return true;
	return false;
}

/* A line end in an address would be a command of its own. */
static bool address_ok(struct client *c, struct span address)
{
	for (size_t i = 0; i < address.n; i++)
		if (address.p[i] < 0x20 || address.p[i] == 0x7f)
			return fail(c, ERR_USAGE,
				    arena_printf(c->arena, "there is a control character in the address %.*s",
						 SPAN_ARG(visible_text(address, SHOWN, c->arena))));
	return true;
}

/* RFC 6531. A header with such letters came without it, and is better passed on as it came: not every mailbox takes SMTPUTF8. */
static bool needs_utf8(const struct release *r)
{
	bool needs = has_8bit(r->mail_from);
	for (uint32_t i = 0; i < r->n_recipients; i++)
		needs |= has_8bit(r->recipients[i]);
	return needs;
}

static bool greet(struct client *c, struct span *ret_parameters)
{
	const struct release *r = c->release;
	struct buf parameters;
	struct span host = r->hostname.n ? r->hostname : SPAN("localhost");
	buf_init(&parameters, c->arena, 64);
	if (!expect(c, 2, SPAN("the connection")) || !command(c, arena_join(c->arena, SPAN("EHLO "), host), 2, SPAN("the greeting")))
		return false;
	bool utf8 = needs_utf8(r);
	if (has_8bit(r->content) && offers(c, SPAN("8BITMIME")))
		buf_cstr(&parameters, " BODY=8BITMIME");
	if (utf8 && offers(c, SPAN("SMTPUTF8")))
		buf_cstr(&parameters, " SMTPUTF8");
	else if (utf8)
		return fail(c, ERR_USAGE, SPAN("an address has letters beyond ASCII, which the mail server does not take (SMTPUTF8)"));
	*ret_parameters = buf_span(&parameters);
	return true;
}

static bool give_envelope(struct client *c, struct span parameters)
{
	const struct release *r = c->release;
	if (!address_ok(c, r->mail_from) ||
	    !command(c, arena_join(c->arena, SPAN("MAIL FROM:<"), r->mail_from, SPAN(">"), parameters), 2, SPAN("the sender")))
		return false;
	for (uint32_t i = 0; i < r->n_recipients; i++)
		if (!address_ok(c, r->recipients[i]) ||
		    !command(c, arena_join(c->arena, SPAN("RCPT TO:<"), r->recipients[i], SPAN(">")), 2,
			     arena_join(c->arena, SPAN("the recipient "), visible_text(r->recipients[i], SHOWN, c->arena))))
			return false;
	return true;
}

/* Lines end in CRLF, one that begins with a dot gets another (RFC 5321 4.5.2); a mailbox's "From " line is no part of it. */
static bool give_content(struct client *c)
{
	struct span rest = c->release->content, line;
	struct buf out;
	buf_init(&out, c->arena, SIZE_MAX);
	if (span_starts(rest, SPAN("From ")) && !span_split(&rest, '\n', &line))
		rest = span_none;
	while (rest.n && span_split(&rest, '\n', &line)) {
		if (line.n && line.p[0] == '.')
			buf_byte(&out, '.');
		buf_put(&out, line.n && line.p[line.n - 1] == '\r' ? span_first(line, line.n - 1) : line);
		buf_cstr(&out, "\r\n");
		if (out.n < PART)
			continue;
		if (!send_all(c, buf_span(&out)))
			return false;
		out.n = 0;
	}
	buf_cstr(&out, ".\r\n");
	return send_all(c, buf_span(&out)) && expect(c, 2, SPAN("the message"));
}

int release_deliver(const struct release *release, struct arena *arena, struct span *ret_why)
{
	struct client c = { .release = release, .arena = arena, .socket = connect_to(release->to) };
	struct timeval patience = { .tv_sec = release->seconds ? release->seconds : RELEASE_SECONDS };
	struct span parameters;
	if (c.socket < 0) {
		struct buf address;
		buf_init(&address, arena, SHOWN);
		settings_address_put(release->to, &address);
		*ret_why =
		    arena_printf(arena, "the mail server at %.*s cannot be reached: %s", SPAN_ARG(buf_span(&address)), strerror(errno));
		return ERR_IO;
	}
	setsockopt(c.socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(c.socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (greet(&c, &parameters) && give_envelope(&c, parameters) && command(&c, SPAN("DATA"), 3, SPAN("the message")))
		give_content(&c);
	send_all(&(struct client){ .arena = arena, .socket = c.socket }, SPAN("QUIT\r\n"));
	close(c.socket);
	if (c.err)
		*ret_why = c.why;
	return c.err;
}
