/* session/smtp_hop.c - see smtp_hop.h */
#include "session/smtp_hop.h"
#include "base/limits.h"
#include "net/socket_address.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
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

static void on_event(struct bufferevent *socket, short what, void *context)
{
	struct smtp_hop *hop = context;
	(void)socket;
	if (what & BEV_EVENT_CONNECTED || hop->lost)
		return;
	lose(hop, 0, what & BEV_EVENT_EOF ? SPAN("it hung up") : span_cstr(strerror(errno)));
}

static void on_late(evutil_socket_t none, short what, void *context)
{
	struct smtp_hop *hop = context;
	(void)none;
	(void)what;
	lose(hop, 0, SPAN("it did not answer in time"));
}

/* Told like everything else: not from inside smtp_hop_new. */
static void fail_soon(struct smtp_hop *hop)
{
	const struct timeval now = { 0, 0 };
	event_add(&hop->timer, &now);
}

struct smtp_hop *smtp_hop_new(struct doors *doors, const struct settings_address *to, const struct smtp_client_options *options,
			      const struct smtp_hop_events *events, void *context)
{
	struct smtp_hop *hop = calloc(1, sizeof *hop);
	struct sockaddr_storage address;
	socklen_t n = socket_address(to, &address);
	if (!hop)
		abort();
	*hop = (struct smtp_hop){ .doors = doors, .events = events, .context = context };
	smtp_client_init(&hop->engine, options);
	hop->engine.options.origin = &hop->origin;
	hop->socket = bufferevent_socket_new(doors->base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (!hop->socket)
		abort();
	event_assign(&hop->timer, doors->base, -1, 0, on_late, hop);
	bufferevent_setcb(hop->socket, on_read, on_written, on_event, hop);
	bufferevent_setwatermark(hop->socket, EV_READ, 0, READ_AHEAD);
	if (n == 0 || bufferevent_socket_connect(hop->socket, (struct sockaddr *)&address, (int)n) != 0) {
		fail_soon(hop);
		return hop;
	}
	bufferevent_enable(hop->socket, EV_READ | EV_WRITE);
	wait_for(hop, OPEN_SECONDS);
	return hop;
}

void smtp_hop_free(struct smtp_hop *hop)
{
	if (!hop)
		return;
	if (!hop->lost && hop->engine.state == SMTP_CLIENT_IDLE) {
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
