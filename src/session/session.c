/* session/session.c - see session.h */
#include "session/session.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINGER_SECONDS = 5, LIBEVENT_READS = 4096, FETCH = 64 * 1024, SECOND = 1000000 };

/* libevent reads 4 kB for each time it waits. When it got so much, what else is there comes with one call more. */
static void fetch_rest(struct session *s)
{
	struct evbuffer *input = session_input(s);
	size_t have = evbuffer_get_length(input), room = have < s->kind->read_ahead ? s->kind->read_ahead - have : 0;
	struct evbuffer_iovec to;
	if (have < LIBEVENT_READS || room == 0)
		return;
	evbuffer_unfreeze(input, 0); /* a bufferevent lets nobody else write there */
	if (evbuffer_reserve_space(input, room < FETCH ? (ev_ssize_t)room : FETCH, &to, 1) == 1) {
		ssize_t n = recv(bufferevent_getfd(s->socket), to.iov_base, to.iov_len < room ? to.iov_len : room, MSG_DONTWAIT);
		to.iov_len = n > 0 ? (size_t)n : 0; /* an end or an error comes again */
		evbuffer_commit_space(input, &to, 1);
	}
	evbuffer_freeze(input, 0);
}

static void on_read(struct bufferevent *socket, void *context)
{
	struct session *s = context;
	(void)socket;
	fetch_rest(s);
	s->kind->read(s);
}

static void on_written(struct bufferevent *socket, void *context)
{
	struct session *s = context;
	(void)socket;
	s->kind->written(s);
}

static void on_event(struct bufferevent *socket, short what, void *context)
{
	struct session *s = context;
	(void)socket;
	if (what & BEV_EVENT_CONNECTED)
		s->kind->secured(s);
	else if (what & BEV_EVENT_EOF && s->kind->ended)
		s->kind->ended(s);
	else
		session_close(s);
}

static void on_late(evutil_socket_t none, short what, void *context)
{
	struct session *s = context;
	(void)none;
	(void)what;
	if (s->kind->late)
		s->kind->late(s);
	else
		session_close(s);
}

static void leave(struct session *s)
{
	if (s->kind->end)
		s->kind->end(s);
	doors_leave(s);
	doors_unseat(s);
}

static struct session *new_session(struct doors *doors, const struct session_kind *kind, bool trusted)
{
	struct session *s = doors_seat(doors, kind->bytes);
	s->kind = kind;
	s->doors = doors;
	s->trusted = trusted;
	doors_join(s);
	return s;
}

static void take_socket(struct session *s, struct bufferevent *socket)
{
	if (!socket)
		abort();
	s->socket = socket;
	event_assign(&s->timer, s->doors->base, -1, 0, on_late, s);
	bufferevent_setcb(socket, on_read, s->kind->written ? on_written : NULL, on_event, s);
	bufferevent_setwatermark(socket, EV_READ, 0, s->kind->read_ahead);
}

static void begin(struct session *s, struct bufferevent *socket)
{
	take_socket(s, socket);
	s->kind->begin(s);
}

static void put_input(struct session *s, struct span came)
{
	evbuffer_unfreeze(session_input(s), 0);
	evbuffer_add(session_input(s), came.p, came.n);
	evbuffer_freeze(session_input(s), 0);
}

/* came: bytes that were read already. */
static void enter(struct session *s, int fd, struct span came)
{
	struct bufferevent *socket = bufferevent_socket_new(s->doors->base, fd, BEV_OPT_CLOSE_ON_FREE);
	begin(s, socket);
	bufferevent_enable(socket, EV_READ | EV_WRITE);
	if (came.n == 0)
		return;
	put_input(s, came);
	s->kind->read(s);
}

static void on_knock(evutil_socket_t fd, short what, void *context);

static void knock(struct session *s, int fd)
{
	const struct timeval patience = { s->kind->knock_seconds, 0 };
	uint8_t room[SESSION_KNOCK];
	struct span came = span_none;
	switch (s->kind->knock(s, fd, room, &came)) {
	case SESSION_ENTERS: enter(s, fd, came); return;
	case SESSION_WAITS:
		event_assign(&s->timer, s->doors->base, fd, EV_READ, on_knock, s);
		event_add(&s->timer, &patience);
		return;
	case SESSION_GONE: break;
	}
	close(fd);
	leave(s);
}

static void on_knock(evutil_socket_t fd, short what, void *context)
{
	if (what & EV_READ)
		knock(context, fd);
	else
		session_close(context);
}

void session_begin(struct doors *doors, const struct session_kind *kind, int fd, bool trusted)
{
	struct session *s = new_session(doors, kind, trusted);
	if (kind->knock)
		knock(s, fd);
	else
		enter(s, fd, span_none);
}

void session_close(struct session *session)
{
	session_cancel(session);
	event_del(&session->timer);
	if (session->socket)
		bufferevent_free(session->socket); /* before the memory that it may still be sending */
	else if (event_get_fd(&session->timer) >= 0)
		close(event_get_fd(&session->timer)); /* it has not come in yet */
	leave(session);
}

void session_become(struct session *session, const struct session_kind *kind)
{
	struct bufferevent *socket = session->socket;
	struct session *next = new_session(session->doors, kind, session->trusted);
	begin(next, socket);
	session->socket = NULL; /* it lives on in the other */
	session_close(session);
	kind->read(next);
}

/* Resting. */

static struct timeval time_left(const struct session *s)
{
	uint64_t now = clock_microseconds(), left = s->until > now ? s->until - now : 0;
	return (struct timeval){ (time_t)(left / SECOND), (suseconds_t)(left % SECOND) };
}

static void wake(struct session *s)
{
	int fd = event_get_fd(&s->timer);
	const struct timeval wait = time_left(s);
	event_del(&s->timer);
	s->rests = false;
	take_socket(s, bufferevent_socket_new(s->doors->base, fd, BEV_OPT_CLOSE_ON_FREE));
	if (s->until)
		event_add(&s->timer, &wait);
	bufferevent_enable(s->socket, EV_READ | EV_WRITE);
}

static void on_call(evutil_socket_t fd, short what, void *context)
{
	struct session *s = context;
	uint8_t room[LIBEVENT_READS];
	ssize_t n = what & EV_READ ? recv(fd, room, sizeof room, MSG_DONTWAIT) : -1;
	wake(s);
	if (n > 0) {
		put_input(s, span_of(room, (size_t)n));
		s->kind->read(s);
	} else if (!(what & EV_READ)) {
		on_late(-1, EV_TIMEOUT, s);
	} else if (n == 0) {
		on_event(s->socket, BEV_EVENT_EOF, s);
	}
}

void session_rest(struct session *s)
{
	struct bufferevent *socket = s->socket;
	const struct timeval wait = time_left(s);
	int fd = bufferevent_getfd(socket);
	if (bufferevent_openssl_get_ssl(socket) || evbuffer_get_length(session_input(s)) || evbuffer_get_length(session_output(s)))
		return;
	bufferevent_setfd(socket, -1); /* which would close it */
	bufferevent_free(socket);
	event_del(&s->timer);
	s->rests = true;
	s->socket = NULL;
	event_assign(&s->timer, s->doors->base, fd, EV_READ, on_call, s);
	event_add(&s->timer, s->until ? &wait : NULL);
}

bool session_is_loopback(const struct session *session)
{
	struct sockaddr_storage peer;
	socklen_t n = sizeof peer;
	struct ip ip;
	if (getpeername(bufferevent_getfd(session->socket), (struct sockaddr *)&peer, &n) < 0)
		return false;
	if (peer.ss_family == AF_INET)
		ip = ip_from_v4(ntohl(((const struct sockaddr_in *)&peer)->sin_addr.s_addr));
	else if (peer.ss_family == AF_INET6)
		memcpy(ip.b, &((const struct sockaddr_in6 *)&peer)->sin6_addr, sizeof ip.b);
	else
		return false;
	return ip_is_loopback(&ip);
}

void session_deadline(struct session *session, uint32_t seconds)
{
	const struct timeval wait = { seconds, 0 };
	session->until = clock_microseconds() + (uint64_t)seconds * SECOND;
	event_add(&session->timer, &wait);
}

void session_pause(struct session *session, uint32_t milliseconds)
{
	const struct timeval wait = { milliseconds / 1000, milliseconds % 1000 * 1000 };
	session->until = clock_microseconds() + (uint64_t)milliseconds * 1000;
	event_add(&session->timer, &wait);
}

void session_no_deadline(struct session *session)
{
	session->until = 0;
	if (session->rests)
		event_remove_timer(&session->timer);
	else
		event_del(&session->timer);
}

struct span session_look(struct session *session, size_t most)
{
	struct evbuffer *input = session_input(session);
	size_t have = evbuffer_get_length(input);
	size_t n = most == 0 ? evbuffer_get_contiguous_space(input) : most < have ? most : have;
	return have ? span_of(evbuffer_pullup(input, (ev_ssize_t)n), n) : SPAN("");
}

void session_take(struct session *session, size_t bytes) { evbuffer_drain(session_input(session), bytes); }

void session_send(struct session *session, struct span bytes)
{
	if (session->rests)
		wake(session);
	bufferevent_write(session->socket, bytes.p, bytes.n);
}

void session_forget_input(struct session *session) { session_take(session, evbuffer_get_length(session_input(session))); }

void session_linger(struct session *session)
{
	SSL *ssl = bufferevent_openssl_get_ssl(session->socket);
	if (ssl)
		SSL_shutdown(ssl); /* what is encrypted may still be on its way below: the client is told, and hangs up itself */
	else
		shutdown(bufferevent_getfd(session->socket), SHUT_WR);
	session_deadline(session, LINGER_SECONDS);
	session_forget_input(session);
}

int session_secure(struct session *session, struct ssl_ctx_st *tls)
{
	SSL *ssl = SSL_new(tls);
	struct bufferevent *filter = ssl ? bufferevent_openssl_filter_new(session->doors->base, session->socket, ssl,
									  BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE)
					 : NULL;
	if (!filter) {
		SSL_free(ssl);
		return ERR_IO;
	}
	bufferevent_openssl_set_allow_dirty_shutdown(filter, 1); /* many clients hang up without a word, as in the clear */
	session->socket = filter;
	bufferevent_setcb(filter, on_read, session->kind->written ? on_written : NULL, on_event, session);
	bufferevent_setwatermark(filter, EV_READ, 0, session->kind->read_ahead);
	bufferevent_enable(filter, EV_READ | EV_WRITE);
	return ERR_OK;
}

struct span session_tls(struct session *session, struct arena *arena)
{
	SSL *ssl = bufferevent_openssl_get_ssl(session->socket);
	return ssl ? arena_join(arena, span_cstr(SSL_get_version(ssl)), SPAN(" "), span_cstr(SSL_get_cipher(ssl))) : span_none;
}

static void on_done(struct session_request *request)
{
	struct session *s = request->session;
	s->asked = NULL;
	s->kind->answered(s, request);
}

void session_ask(struct session *session, struct session_request *request)
{
	const struct session_handlers *handlers = session->doors->handlers;
	request->door = session->kind->door;
	request->done = on_done;
	request->session = session;
	session->asked = request;
	session_no_deadline(session);
	handlers->submit(handlers->context, request);
}

void session_cancel(struct session *session)
{
	const struct session_handlers *handlers = session->doors->handlers;
	if (session->asked)
		handlers->cancel(handlers->context, session->asked);
	session->asked = NULL;
}

void session_trouble(struct session *session, const char *format, ...)
{
	const struct session_handlers *handlers = session->doors->handlers;
	char text[256];
	va_list arguments;
	if (!handlers->trouble)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	handlers->trouble(handlers->context, session->kind->door, span_cstr(text));
}
