/* session/smtp_hop.c - see smtp_hop.h */
#include "session/smtp_hop.h"
#include "base/limits.h"
#include "net/socket_address.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	OPEN_SECONDS = 30,
	REPLY_SECONDS = 300, /* RFC 5321 4.5.3.2; ten minutes at the end of a message */
	END_SECONDS = 600,
	READ_AHEAD = LIMIT_SMTP_REPLY_LINE * 16,
};

struct smtp_hop {
	struct doors *doors;
	struct bufferevent *socket;
	struct event timer;
	struct smtp_client_engine engine;
	struct smtp_origin origin;
	struct settings_address to;
	const struct smtp_hop_events *events;
	void *context;
	bool lost;
};

static void wait_for(struct smtp_hop *hop, uint32_t seconds)
{
	const struct timeval wait = { seconds, 0 };
	event_add(&hop->timer, &wait);
}

/* The last thing done: the hop may be gone afterwards. */
static void lose(struct smtp_hop *hop, uint16_t code, struct span why)
{
	hop->lost = true;
	event_del(&hop->timer);
	bufferevent_disable(hop->socket, EV_READ | EV_WRITE);
	hop->events->lost(hop->context, code, why);
}

static uint32_t patience(const struct smtp_hop *hop)
{
	return hop->engine.state < SMTP_CLIENT_IDLE ? OPEN_SECONDS : hop->engine.state == SMTP_CLIENT_AT_END ? END_SECONDS : REPLY_SECONDS;
}

/* TLS. */

static enum smtp_tls_use tls_use(const struct session_smtp *settings, const struct settings_address *to)
{
	bool here = to->path.p || ip_is_loopback(&to->ip);
	switch (settings->hop_tls) {
	case NEXT_HOP_TLS_OFF: return SMTP_TLS_NEVER;
	case NEXT_HOP_TLS_MAY: return here || !settings->hop_client ? SMTP_TLS_NEVER : SMTP_TLS_OFFERED;
	default: return SMTP_TLS_ALWAYS; /* where it cannot be, there is no next hop */
	}
}

/* Which name or address its certificate must bear, where one must (the context says whether it is looked at). */
static SSL *new_ssl(const struct smtp_hop *hop)
{
	const struct session_smtp *settings = &hop->doors->settings->smtp;
	SSL *ssl = settings->hop_client ? SSL_new(settings->hop_client) : NULL;
	char name[256], address[IP_TEXT_MAX + 1];
	if (!ssl)
		return NULL;
	if (settings->hop_name.n && settings->hop_name.n < sizeof name) {
		memcpy(name, settings->hop_name.p, settings->hop_name.n);
		name[settings->hop_name.n] = 0;
		SSL_set_tlsext_host_name(ssl, name);
		SSL_set1_host(ssl, name);
	} else if (!hop->to.path.p) {
		address[ip_format(&hop->to.ip, address)] = 0;
		X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address);
	}
	return ssl;
}

static void on_read(struct bufferevent *socket, void *context);
static void on_written(struct bufferevent *socket, void *context);
static void on_event(struct bufferevent *socket, short what, void *context);

static void attach(struct smtp_hop *hop, struct bufferevent *socket)
{
	if (!socket)
		abort();
	hop->socket = socket;
	bufferevent_setcb(socket, on_read, on_written, on_event, hop);
	bufferevent_setwatermark(socket, EV_READ, 0, READ_AHEAD);
}

/* False: the hop is of no use any more, or gone. */
static bool secure(struct smtp_hop *hop)
{
	SSL *ssl = new_ssl(hop);
	if (evbuffer_get_length(bufferevent_get_input(hop->socket)) || !ssl) { /* RFC 3207 section 6: said in the clear behind its word */
		SSL_free(ssl);
		lose(hop, 0, ssl ? SPAN("it sent more behind its word that TLS may begin") : SPAN("TLS could not be begun"));
		return false;
	}
	struct bufferevent *filter = bufferevent_openssl_filter_new(hop->doors->base, hop->socket, ssl, BUFFEREVENT_SSL_CONNECTING,
								    BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	attach(hop, filter);
	bufferevent_openssl_set_allow_dirty_shutdown(filter, 1);
	bufferevent_enable(filter, EV_READ | EV_WRITE);
	wait_for(hop, OPEN_SECONDS);
	return true;
}

static void secured(struct smtp_hop *hop)
{
	struct message_memory *memory = doors_lend(hop->doors);
	struct buf out;
	buf_init(&out, &memory->arena, SIZE_MAX);
	smtp_client_secured(&hop->engine, &out);
	smtp_hop_send(hop, buf_span(&out));
	doors_give_back(hop->doors, memory);
}

static struct span why_no_tls(const struct smtp_hop *hop)
{
	const SSL *ssl = bufferevent_openssl_get_ssl(hop->socket);
	unsigned long error = bufferevent_get_openssl_error(hop->socket);
	long verdict = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
	const char *why = verdict != X509_V_OK && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE ? X509_verify_cert_error_string(verdict)
			  : error                                                             ? ERR_reason_error_string(error)
											      : NULL;
	return span_cstr(why ? why : "the TLS handshake failed");
}

/* False: the hop is of no use any more, or gone. */
static bool tell(struct smtp_hop *hop, const struct smtp_client_event *event)
{
	struct span rest = event->reply, text = SPAN("");
	switch (event->kind) {
	case SMTP_CLIENT_READY:
		event_del(&hop->timer);
		hop->events->ready(hop->context);
		return true;
	case SMTP_CLIENT_ANSWERED:
		if (event->last)
			event_del(&hop->timer);
		else
			wait_for(hop, END_SECONDS);
		hop->events->answered(hop->context, event);
		return true;
	case SMTP_CLIENT_SECURE: return secure(hop);
	default:
		smtp_reply_line(&rest, &text);
		lose(hop, event->code, text);
		return false;
	}
}

/* Whoever is told may free the hop: what is needed afterwards is asked of memory that is ours. */
static void on_read(struct bufferevent *socket, void *context)
{
	struct smtp_hop *hop = context;
	struct doors *doors = hop->doors;
	struct evbuffer *input = bufferevent_get_input(socket);
	struct message_memory *memory = doors_lend(doors);
	bool more = true;
	while (more) {
		struct smtp_client_event event;
		struct buf out;
		size_t used, n = evbuffer_get_length(input);
		struct span in = n ? span_of(evbuffer_pullup(input, -1), n) : SPAN("");
		buf_init(&out, &memory->arena, SIZE_MAX);
		enum smtp_client_step step = smtp_client_step(&hop->engine, in, &used, &event, &out);
		if (out.n)
			bufferevent_write(socket, out.p, out.n);
		if (step == SMTP_CLIENT_BAD) {
			lose(hop, 0, span_cstr(hop->engine.why));
			break;
		}
		more = step == SMTP_CLIENT_EVENT || used;
		if (step == SMTP_CLIENT_EVENT)
			event.reply = arena_dup(&memory->arena, event.reply);
		evbuffer_drain(input, used);
		/* one event a turn, so that nobody who is told frees what we still read */
		if (step == SMTP_CLIENT_EVENT) {
			bool others = evbuffer_get_length(input) > 0;
			if (others)
				bufferevent_trigger(socket, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
			tell(hop, &event);
			break;
		}
		wait_for(hop, patience(hop));
	}
	doors_give_back(doors, memory);
}

static void on_written(struct bufferevent *socket, void *context)
{
	struct smtp_hop *hop = context;
	(void)socket;
	if (!hop->lost && hop->engine.state == SMTP_CLIENT_AT_END)
		hop->events->written(hop->context);
}

/* Told like everything else: not from inside smtp_hop_new. */
static void fail_soon(struct smtp_hop *hop)
{
	const struct timeval now = { 0, 0 };
	event_add(&hop->timer, &now);
}

static void connect_to(struct smtp_hop *hop)
{
	struct sockaddr_storage address;
	socklen_t n = socket_address(&hop->to, &address);
	attach(hop, bufferevent_socket_new(hop->doors->base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS));
	if (n == 0 || bufferevent_socket_connect(hop->socket, (struct sockaddr *)&address, (int)n) != 0) {
		fail_soon(hop);
		return;
	}
	bufferevent_enable(hop->socket, EV_READ | EV_WRITE);
	wait_for(hop, OPEN_SECONDS);
}

/* As other mail servers do where TLS is welcome but not demanded: worse TLS than none must not hold mail up. */
static void again_in_the_clear(struct smtp_hop *hop)
{
	const struct session_handlers *handlers = hop->doors->handlers;
	struct smtp_client_options options = hop->engine.options;
	if (handlers->trouble)
		handlers->trouble(handlers->context, options.lmtp ? DOOR_LMTP : DOOR_SMTP,
				  SPAN("TLS with the next hop failed; the message is given to it in the clear"));
	bufferevent_free(hop->socket);
	options.tls = SMTP_TLS_NEVER;
	smtp_client_init(&hop->engine, &options);
	connect_to(hop);
}

static void on_event(struct bufferevent *socket, short what, void *context)
{
	struct smtp_hop *hop = context;
	bool shaking = hop->engine.state == SMTP_CLIENT_AT_HANDSHAKE;
	if (hop->lost || socket != hop->socket)
		return;
	if (what & BEV_EVENT_CONNECTED) {
		if (shaking)
			secured(hop);
		return;
	}
	if (shaking && hop->engine.options.tls == SMTP_TLS_OFFERED) {
		again_in_the_clear(hop);
		return;
	}
	if (shaking)
		lose(hop, 0, why_no_tls(hop));
	else
		lose(hop, 0, what & BEV_EVENT_EOF ? SPAN("it hung up") : span_cstr(strerror(errno)));
}

static void on_late(evutil_socket_t none, short what, void *context)
{
	struct smtp_hop *hop = context;
	(void)none;
	(void)what;
	lose(hop, 0, SPAN("it did not answer in time"));
}

struct smtp_hop *smtp_hop_new(struct doors *doors, const struct settings_address *to, const struct smtp_client_options *options,
			      const struct smtp_hop_events *events, void *context)
{
	struct smtp_hop *hop = calloc(1, sizeof *hop);
	if (!hop)
		abort();
	*hop = (struct smtp_hop){ .doors = doors, .to = *to, .events = events, .context = context };
	smtp_client_init(&hop->engine, options);
	hop->engine.options.origin = &hop->origin;
	hop->engine.options.tls = tls_use(&doors->settings->smtp, to);
	event_assign(&hop->timer, doors->base, -1, 0, on_late, hop);
	connect_to(hop);
	return hop;
}

void smtp_hop_free(struct smtp_hop *hop)
{
	if (!hop)
		return;
	if (!hop->lost && hop->engine.state == SMTP_CLIENT_IDLE && !hop->engine.tls) {
		/* as much of a goodbye as the kernel takes at once */
		static const char quit[] = "QUIT\r\n";
		(void)!send(bufferevent_getfd(hop->socket), quit, sizeof quit - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	event_del(&hop->timer);
	bufferevent_free(hop->socket);
	free(hop);
}

struct smtp_origin *smtp_hop_origin(struct smtp_hop *hop) { return &hop->origin; }
struct smtp_client_engine *smtp_hop_engine(struct smtp_hop *hop) { return &hop->engine; }
bool smtp_hop_idle(struct smtp_hop *hop) { return !hop->lost && hop->engine.state == SMTP_CLIENT_IDLE; }

void smtp_hop_send(struct smtp_hop *hop, struct span bytes)
{
	bufferevent_write(hop->socket, bytes.p, bytes.n);
	wait_for(hop, patience(hop));
}

size_t smtp_hop_unsent(struct smtp_hop *hop) { return evbuffer_get_length(bufferevent_get_output(hop->socket)); }
