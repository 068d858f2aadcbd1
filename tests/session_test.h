/* tests/session_test.h - a door with nobody behind it: requests are kept, answers are made up, and a client at the other end of a socket.
 */
#ifndef TESTS_SESSION_TEST_H
#define TESTS_SESSION_TEST_H

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "net/spool.h"
#include "session/session.h"
#include "tests/test.h"

struct session_test {
	struct event_base *base;
	struct session_settings settings;
	struct session_handlers handlers;
	struct doors *doors;
	struct arena arena;
	/* what was asked */
	struct session_request *pending; /* NULL: answered, or cancelled */
	uint32_t submitted, cancelled;
	enum session_wish wish;
	struct span message, text; /* copies */
	struct span asked; /* "ip=192.0.2.7 rdns=... helo=... user=... id=... tls=... from=a to=b,c": what is not known is left out */
	/* what is answered */
	bool hold; /* until session_test_answer */
	enum session_answer answer;
	struct outcome outcome;
	struct span reply;
	char trouble[300];
};

static inline struct span session_test_copy_(struct session_test *t, struct span s) { return s.p ? arena_dup(&t->arena, s) : s; }

static inline void session_test_tell_(struct buf *out, const char *name, struct span value)
{
	if (!value.p)
		return;
	buf_cstr(out, out->n ? " " : "");
	buf_cstr(out, name);
	buf_byte(out, '=');
	buf_put(out, value);
}

static inline void session_test_answer(struct session_test *t)
{
	struct session_request *request = t->pending;
	assert_non_null(request);
	t->pending = NULL;
	request->answer = t->answer;
	request->outcome = t->answer == ANSWERED && (t->wish == WISH_JUDGE) ? &t->outcome : NULL;
	request->reply = t->reply;
	request->done(request);
}

static inline void session_test_due_(evutil_socket_t none, short what, void *context)
{
	struct session_test *t = context;
	(void)none;
	(void)what;
	if (t->pending && !t->hold)
		session_test_answer(t);
}

static inline struct span session_test_asked_(struct session_test *t, const struct session_request *request)
{
	const struct connection *c = &request->connection;
	struct span recipients = span_none;
	char ip[IP_TEXT_MAX];
	struct buf out;
	buf_init(&out, &t->arena, 1 << 20);
	session_test_tell_(&out, "ip", c->has_ip ? span_of(ip, ip_format(&c->ip, ip)) : span_none);
	session_test_tell_(&out, "rdns", c->rdns);
	session_test_tell_(&out, "helo", c->helo);
	session_test_tell_(&out, "user", c->auth_user);
	session_test_tell_(&out, "id", request->queue_id.n ? request->queue_id : span_none);
	session_test_tell_(&out, "tls", request->tls.n ? request->tls : span_none);
	session_test_tell_(&out, "from", c->mail_from);
	for (size_t i = 0; i < c->n_recipients; i++)
		recipients = arena_join(&t->arena, recipients, i ? SPAN(",") : SPAN(""), c->recipients[i]);
	session_test_tell_(&out, "to", recipients);
	return buf_span(&out);
}

static inline void session_test_submit_(void *context, struct session_request *request)
{
	static const struct timeval soon = { 0, 0 };
	struct session_test *t = context;
	assert_null(t->pending);
	t->pending = request;
	t->submitted++;
	t->wish = request->wish;
	t->message = request->message ? session_test_copy_(t, spool_span(request->message)) : span_none;
	spool_drop(request->message);
	request->message = NULL;
	t->text = session_test_copy_(t, request->text);
	t->asked = session_test_asked_(t, request);
	event_base_once(t->base, -1, EV_TIMEOUT, session_test_due_, t, &soon);
}

static inline void session_test_cancel_(void *context, struct session_request *request)
{
	struct session_test *t = context;
	assert_ptr_equal(t->pending, request);
	t->pending = NULL;
	t->cancelled++;
}

static inline void session_test_trouble_(void *context, enum session_door door, struct span what)
{
	struct session_test *t = context;
	(void)door;
	snprintf(t->trouble, sizeof t->trouble, "%.*s", SPAN_ARG(what));
}

static inline void session_test_init(struct session_test *t)
{
	memset(t, 0, sizeof *t);
	arena_init(&t->arena);
	t->base = event_base_new();
	t->settings = (struct session_settings){ .message_bytes = 100000,
						 .header_bytes = 8192,
						 .idle_seconds = 60,
						 .read_seconds = 60,
						 .connections = 100,
						 .hostname = SPAN("mx.example.org") };
	t->handlers = (struct session_handlers){
		.context = t, .submit = session_test_submit_, .cancel = session_test_cancel_, .trouble = session_test_trouble_
	};
	t->doors = doors_new(t->base, &t->handlers, &t->settings);
}

static inline void session_test_release(struct session_test *t)
{
	doors_free(t->doors);
	event_base_free(t->base);
	arena_release(&t->arena);
}

/* A client of that door; close() it. */
static inline int session_test_client(struct session_test *t, enum session_door door, bool trusted)
{
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	doors_enter(t->doors, door, fds[0], trusted);
	return fds[1];
}

/* Seconds until the deadline of the one session there is. There is always one, but while we are asked ourselves. */
static inline int64_t session_test_deadline(struct session_test *t)
{
	struct timeval now, at;
	assert_true(event_pending(&t->doors->sessions->timer, EV_TIMEOUT, &at));
	gettimeofday(&now, NULL);
	return at.tv_sec - now.tv_sec;
}

static inline void session_test_turn(struct session_test *t)
{
	for (int i = 0; i < 5; i++)
		event_base_loop(t->base, EVLOOP_NONBLOCK);
}

/* Sends in pieces, the loop turning between them. A client that was hung up on notices nothing. */
static inline void session_test_send(struct session_test *t, int fd, struct span bytes, size_t piece)
{
	while (bytes.n) {
		struct span some = span_first(bytes, piece);
		ssize_t n = send(fd, some.p, some.n, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			break;
		bytes = span_skip(bytes, n < 0 ? 0 : (size_t)n);
		event_base_loop(t->base, EVLOOP_NONBLOCK);
	}
	session_test_turn(t);
}

/* All that came back so far; *ret_closed: the other side hung up. */
static inline struct span session_test_read(struct session_test *t, int fd, bool *ret_closed)
{
	struct buf out;
	uint8_t piece[4096];
	buf_init(&out, &t->arena, 1 << 28);
	*ret_closed = false;
	for (;;) {
		session_test_turn(t);
		ssize_t n = recv(fd, piece, sizeof piece, 0);
		if (n <= 0) {
			*ret_closed = n == 0 || errno != EAGAIN;
			return buf_span(&out);
		}
		buf_put(&out, span_of(piece, (size_t)n));
	}
}

#endif
