/* session/spamd_session.c - see spamd_session.h. A client that has sent all usually closes its half of the connection: it still waits. */
#include "session/spamd_session.h"
#include "base/limits.h"
#include "net/spool.h"
#include "session/door.h"
#include "session/envelope.h"
#include "session/spamd_answer.h"
#include "session/unpack.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { LINGER_SECONDS = 5 };

enum progress {
	READING,
	JUDGING,
	ANSWERING, /* until all of it is sent */
	LINGERING, /* it is, but the client still sends: to close now would throw the answer away (RFC 9112 9.6 tells of the same) */
};

struct spamd_session {
	struct session session; /* first */
	struct bufferevent *bev;
	struct event timer;
	enum progress progress;
	bool heard_all; /* the client has closed its half */
	struct spamd_engine engine;
	struct message_memory *memory; /* from the first header line on */
	struct envelope envelope;
	struct spool *spool;
	struct unpack *unpack; /* of a packed body */
	struct session_request request;
	bool asked;
};

static void close_session(struct session *session)
{
	struct spamd_session *s = (struct spamd_session *)session;
	const struct session_handlers *handlers = session->doors->handlers;
	if (s->asked)
		handlers->cancel(handlers->context, &s->request);
	event_del(&s->timer);
	bufferevent_free(s->bev); /* before the memory that it may still be sending */
	spool_drop(s->spool);
	unpack_free(s->unpack);
	doors_give_back(session->doors, s->memory);
	doors_leave(session);
	free(s);
}

static struct arena *arena_of(struct spamd_session *s)
{
	if (!s->memory)
		s->memory = doors_lend(s->session.doors);
	return &s->memory->arena;
}

static void arm(struct spamd_session *s, uint32_t seconds)
{
	const struct timeval wait = { seconds, 0 };
	event_add(&s->timer, &wait);
}

static void linger(struct spamd_session *s)
{
	s->progress = LINGERING;
	shutdown(bufferevent_getfd(s->bev), SHUT_WR);
	arm(s, LINGER_SECONDS);
}

static void send_answer(struct spamd_session *s, const struct buf *out)
{
	if (out->n == 0) {
		linger(s);
		return;
	}
	s->progress = ANSWERING;
	arm(s, s->session.doors->settings->read_seconds);
	evbuffer_add_reference(bufferevent_get_output(s->bev), out->p, out->n, NULL, NULL); /* the memory is ours until the end */
}

static void fail(struct spamd_session *s, enum spamd_status status, struct span why)
{
	struct buf out;
	buf_init(&out, arena_of(s), LIMIT_SESSION_OUTPUT);
	spamd_answer_failure(&out, status, why);
	send_answer(s, &out);
}

static void on_done(struct session_request *request)
{
	struct spamd_session *s = request->session;
	struct buf out;
	s->asked = false;
	if (request->answer == ANSWERED_UNAVAILABLE || request->answer == ANSWERED_TOO_LARGE) {
		bool large = request->answer == ANSWERED_TOO_LARGE;
		fail(s, large ? SPAMD_TOO_LARGE : SPAMD_TEMPORARY, request->reply.n ? request->reply : SPAN("not judged"));
		return;
	}
	struct span raw = s->spool ? spool_span(s->spool) : span_none;
	buf_init(&out, arena_of(s), raw.n + 2 * LIMIT_MILTER_ANSWER);
	if (request->outcome)
		spamd_answer_outcome(&out, &s->engine, request->outcome, raw);
	else
		spamd_answer_told(&out, &s->engine, request->answer == ANSWERED);
	if (out.full)
		fail(s, SPAMD_TOO_LARGE, SPAN("the answer is too large"));
	else
		send_answer(s, &out);
}

static int put_content(void *context, struct span bytes)
{
	struct spamd_session *s = context;
	if (spool_bytes(s->spool) + bytes.n > s->session.doors->settings->message_bytes)
		return ERR_LIMIT;
	return spool_add(s->spool, bytes) == ERR_OK ? ERR_OK : ERR_IO;
}

static void on_body(struct spamd_session *s, struct span bytes)
{
	int err = s->unpack ? unpack_feed(s->unpack, bytes, put_content, s) : put_content(s, bytes);
	if (err == ERR_LIMIT)
		fail(s, SPAMD_TOO_LARGE, SPAN("the message is too large"));
	else if (err == ERR_SYNTAX)
		fail(s, SPAMD_PROTOCOL, SPAN("the compressed message is damaged"));
	else if (err)
		fail(s, SPAMD_TEMPORARY, SPAN("too many messages came at once"));
}

static void on_head(struct spamd_session *s)
{
	const struct spamd_engine *e = &s->engine;
	uint32_t max = s->session.doors->settings->message_bytes;
	if (e->command == SPAMD_TELL && !s->session.trusted)
		fail(s, SPAMD_UNAVAILABLE, SPAN("TELL is heard on a unix socket only"));
	else if (e->has_length && e->length > max)
		fail(s, SPAMD_TOO_LARGE, SPAN("the message is too large"));
	else {
		s->spool = spool_new();
		s->unpack = e->zlib ? unpack_new(UNPACK_ZLIB, max) : NULL;
	}
}

static void ask(struct spamd_session *s)
{
	const struct session_handlers *handlers = s->session.doors->handlers;
	const struct spamd_engine *e = &s->engine;
	struct session_request *r = &s->request;
	envelope_finish(&s->envelope, arena_of(s));
	r->door = DOOR_SPAMD;
	r->wish = e->command != SPAMD_TELL ? WISH_JUDGE
		  : e->remove_local        ? WISH_FORGET
		  : e->class == SPAMD_SPAM ? WISH_LEARN_SPAM
					   : WISH_LEARN_HAM;
	r->connection = s->envelope.connection;
	r->queue_id = s->envelope.queue_id;
	r->message = spool_hold(s->spool);
	r->done = on_done;
	r->session = s;
	s->progress = JUDGING;
	s->asked = true;
	event_del(&s->timer);
	handlers->submit(handlers->context, r);
}

static void on_end(struct spamd_session *s)
{
	const struct spamd_engine *e = &s->engine;
	struct buf out;
	buf_init(&out, arena_of(s), LIMIT_SESSION_OUTPUT);
	if (e->command == SPAMD_PING) {
		buf_cstr(&out, e->rspamc ? "RSPAMD/1.3 0 PONG\r\n" : "SPAMD/1.5 0 PONG\r\n");
		send_answer(s, &out);
	} else if (e->command == SPAMD_SKIP) {
		send_answer(s, &out);
	} else if (e->command == SPAMD_TELL && !e->set_local && !e->remove_local) {
		spamd_answer_told(&out, e, false); /* only of networks that we do not report to */
		send_answer(s, &out);
	} else if (s->unpack && !unpack_is_whole(s->unpack)) {
		fail(s, SPAMD_PROTOCOL, SPAN("the compressed message is damaged"));
	} else if (spool_seal(s->spool) != ERR_OK) {
		fail(s, SPAMD_TEMPORARY, SPAN("too many messages came at once"));
	} else {
		ask(s);
	}
}

static void on_header(struct spamd_session *s, const struct spamd_event *event)
{
	/* To spamc the user is who receives the message, to rspamd's clients who sent it. */
	bool receives = !s->engine.rspamc && span_ieq(event->name, SPAN("User"));
	if (receives && span_find_byte(event->text, '@', 0) != SPAN_NPOS)
		envelope_note(&s->envelope, arena_of(s), SPAN("Rcpt"), event->text);
	else if (s->engine.rspamc)
		envelope_note(&s->envelope, arena_of(s), event->name, event->text);
}

static void take_event(struct spamd_session *s, const struct spamd_event *event)
{
	switch (event->kind) {
	case SPAMD_HEADER: on_header(s, event); break;
	case SPAMD_HEAD: on_head(s); break;
	case SPAMD_BODY: on_body(s, event->text); break;
	case SPAMD_END: on_end(s); break;
	}
}

static void read_request(struct spamd_session *s)
{
	struct evbuffer *input = bufferevent_get_input(s->bev);
	while (s->progress == READING) {
		struct spamd_event event;
		size_t used = 0, have = evbuffer_get_length(input);
		/* A line must lie in one piece, a body need not. */
		size_t look = s->engine.state == SPAMD_AT_BODY ? evbuffer_get_contiguous_space(input)
			      : have > s->engine.line_max      ? s->engine.line_max + 1
							       : have;
		struct span in = have ? span_of(evbuffer_pullup(input, (ev_ssize_t)look), look) : SPAN("");
		enum spamd_step step = spamd_engine_step(&s->engine, in, s->heard_all && look == have, &used, &event);
		if (step == SPAMD_EVENT)
			take_event(s, &event);
		evbuffer_drain(input, used);
		if (step == SPAMD_BAD) {
			doors_trouble(s->session.doors, DOOR_SPAMD, "a client was hung up on: %s", s->engine.why);
			fail(s, SPAMD_PROTOCOL, span_cstr(s->engine.why));
		}
		if (step == SPAMD_MORE && used == 0)
			return;
	}
}

static void on_read(struct bufferevent *bev, void *context)
{
	struct spamd_session *s = context;
	if (s->progress == READING)
		read_request(s);
	if (s->progress != READING) /* what comes now nobody reads */
		evbuffer_drain(bufferevent_get_input(bev), evbuffer_get_length(bufferevent_get_input(bev)));
}

static void on_written(struct bufferevent *bev, void *context)
{
	struct spamd_session *s = context;
	(void)bev;
	if (s->progress != ANSWERING)
		return;
	if (s->heard_all)
		close_session(&s->session);
	else
		linger(s);
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
	struct spamd_session *s = context;
	bool gone = !(what & BEV_EVENT_EOF);
	(void)bev;
	s->heard_all = true;
	if (!gone)
		read_request(s);
	if (gone || s->progress == LINGERING)
		close_session(&s->session);
}

static void on_timer(evutil_socket_t none, short what, void *context)
{
	struct spamd_session *s = context;
	(void)none;
	(void)what;
	if (s->progress == READING)
		doors_trouble(s->session.doors, DOOR_SPAMD, "a client took too long to send its request");
	close_session(&s->session);
}

struct session *spamd_session_new(struct doors *doors, int fd)
{
	struct spamd_session *s = calloc(1, sizeof *s);
	if (!s)
		abort();
	s->session = (struct session){ .doors = doors, .door = DOOR_SPAMD, .close = close_session };
	spamd_engine_init(&s->engine, doors->settings->header_bytes);
	s->bev = bufferevent_socket_new(doors->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!s->bev)
		abort();
	event_assign(&s->timer, doors->base, -1, 0, on_timer, s);
	bufferevent_setcb(s->bev, on_read, on_written, on_event, s);
	bufferevent_setwatermark(s->bev, EV_READ, 0, LIMIT_SESSION_OUTPUT);
	arm(s, doors->settings->read_seconds);
	bufferevent_enable(s->bev, EV_READ | EV_WRITE);
	return &s->session;
}
