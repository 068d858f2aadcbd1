/* app/release.c - see release.h. The conversation is session/smtp_client_engine's; here are the socket and the sentences. */
#include "app/release.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/visible.h"
#include "net/socket_address.h"
#include "session/smtp_client_engine.h"

#include <errno.h>
#include <sys/time.h>
#include <unistd.h>

enum { REPLY_BYTES = 65536, SHOWN = 300, PART = 65536 };

struct client {
	const struct release *release;
	struct arena *arena;
	int socket;
	struct smtp_client_engine engine;
	struct smtp_client_event event; /* the last answer */
	uint8_t in[REPLY_BYTES];        /* received and not yet read */
	size_t n_in, used;              /* used: of them, by the last answer */
	struct span why;                /* once something failed */
	int err;
};

static int connect_to(const struct settings_address *to)
{
	struct sockaddr_storage address;
	socklen_t n = socket_address(to, &address);
	if (n == 0) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int s = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s >= 0 && connect(s, (struct sockaddr *)&address, n) != 0) {
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

static bool receive(struct client *c)
{
	ssize_t n;
	do
		n = recv(c->socket, c->in + c->n_in, sizeof c->in - c->n_in, 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0) {
		errno = n ? errno : 0;
		return lost(c);
	}
	c->n_in += (size_t)n;
	return true;
}

/* Until the mail server has answered; what the engine says on the way is sent. */
static bool hear(struct client *c)
{
	for (;;) {
		struct buf out;
		memmove(c->in, c->in + c->used, c->n_in - c->used);
		c->n_in -= c->used;
		buf_init(&out, c->arena, SIZE_MAX);
		enum smtp_client_step step = smtp_client_step(&c->engine, span_of(c->in, c->n_in), &c->used, &c->event, &out);
		if (step == SMTP_CLIENT_EVENT)
			return true;
		if (step == SMTP_CLIENT_BAD || c->n_in == sizeof c->in)
			return fail(c, ERR_IO,
				    arena_printf(c->arena, "%s", c->engine.why ? c->engine.why : "a reply of the mail server is too long"));
		if (!send_all(c, buf_span(&out)) || (c->used == 0 && !receive(c)))
			return false;
	}
}

/* Whether the answer is of the wanted class; what says about whom it is. */
static bool expect(struct client *c, int class, struct span what)
{
	struct buf words;
	if (!hear(c))
		return false;
	const int code = c->event.code;
	struct span rest = c->event.reply, line;
	if (code / 100 == class)
		return true;
	buf_init(&words, c->arena, REPLY_BYTES);
	while (smtp_reply_line(&rest, &line)) {
		buf_cstr(&words, words.n ? " " : "");
		buf_put(&words, line);
	}
	return fail(c, code >= 500 ? ERR_USAGE : ERR_IO,
		    arena_printf(c->arena, "the mail server %s %.*s: %d %.*s", code >= 500 ? "refused" : "put off", SPAN_ARG(what), code,
				 SPAN_ARG(visible_text(buf_span(&words), SHOWN, c->arena))));
}

static bool has_8bit(struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] >= 0x80)
			return true;
	return false;
}

/* One command that was put to out, or why it could not be. */
static bool command(struct client *c, int err, const struct buf *out, int class, struct span address, struct span what)
{
	if (err == ERR_UNSUPPORTED)
		return fail(c, ERR_USAGE, SPAN("an address has letters beyond ASCII, which the mail server does not take (SMTPUTF8)"));
	if (err != ERR_OK)
		return fail(c, ERR_USAGE,
			    arena_printf(c->arena, "there is a control character in the address %.*s",
					 SPAN_ARG(visible_text(address, SHOWN, c->arena))));
	return send_all(c, buf_span(out)) && expect(c, class, what);
}

/* A header with letters beyond ASCII came without SMTPUTF8, and is better passed on as it came: not every mailbox takes it. */
static bool give_envelope(struct client *c)
{
	const struct release *r = c->release;
	struct smtp_parameters parameters = { .body = has_8bit(r->content) ? SMTP_BODY_8BITMIME : SMTP_BODY_NONE };
	struct buf out;
	for (uint32_t i = 0; i < r->n_recipients; i++)
		parameters.utf8 |= has_8bit(r->recipients[i]);
	buf_init(&out, c->arena, SIZE_MAX);
	int err = smtp_client_mail(&c->engine, r->mail_from, &parameters, &out);
	if (!command(c, err, &out, 2, r->mail_from, SPAN("the sender")))
		return false;
	for (uint32_t i = 0; i < r->n_recipients; i++) {
		out.n = 0;
		err = smtp_client_rcpt(&c->engine, r->recipients[i], &parameters, &out);
		struct span who = arena_join(c->arena, SPAN("the recipient "), visible_text(r->recipients[i], SHOWN, c->arena));
		if (!command(c, err, &out, 2, r->recipients[i], who))
			return false;
	}
	return true;
}

/* A mailbox's "From " line is no part of the message. */
static bool give_content(struct client *c)
{
	struct span rest = c->release->content, piece;
	struct smtp_stuffing stuffing = { .middle = false };
	struct buf out;
	buf_init(&out, c->arena, SIZE_MAX);
	smtp_client_data(&c->engine, &out);
	if (!command(c, ERR_OK, &out, 3, span_none, SPAN("the message")))
		return false;
	out.n = 0;
	if (span_starts(rest, SPAN("From ")) && !span_split(&rest, '\n', &piece))
		rest = span_none;
	smtp_stuffing_add(&stuffing, rest);
	while (smtp_stuffing_next(&stuffing, &piece)) {
		buf_put(&out, piece);
		if (out.n < PART)
			continue;
		if (!send_all(c, buf_span(&out)))
			return false;
		out.n = 0;
	}
	buf_put(&out, smtp_stuffing_end(&stuffing));
	return send_all(c, buf_span(&out)) && expect(c, 2, SPAN("the message"));
}

int release_deliver(const struct release *release, struct arena *arena, struct span *ret_why)
{
	struct client c = { .release = release, .arena = arena, .socket = connect_to(release->to) };
	const struct smtp_client_options options = { .hostname = release->hostname };
	struct timeval patience = { .tv_sec = release->seconds ? release->seconds : RELEASE_SECONDS };
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
	smtp_client_init(&c.engine, &options);
	if (expect(&c, 2, SPAN("the connection")) && give_envelope(&c))
		give_content(&c);
	send_all(&(struct client){ .arena = arena, .socket = c.socket }, SPAN("QUIT\r\n"));
	close(c.socket);
	if (c.err)
		*ret_why = c.why;
	return c.err;
}
