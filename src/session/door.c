/* session/door.c - see door.h */
#include "session/door.h"
#include "session/dns_zone_session.h"
#include "session/http_session.h"
#include "session/milter_session.h"
#include "session/policy_session.h"
#include "session/session.h"
#include "session/smtp_session.h"
#include "session/spamd_session.h"
#include "session/trap_session.h"

#include <event2/event.h>
#include <event2/listener.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	AGAIN_SECONDS = 1,
	LOOKED_AT = 64,          /* of the oldest, for one who can be given up */
	KEPT_BYTES = 256 * 1024, /* a message that needed more gives its memory back to the system */
};

struct listener {
	struct listener *next;
	struct doors *doors;
	enum session_door door;
	bool trusted;
	struct evconnlistener *socket;
};

static void let_in(struct doors *doors)
{
	bool room = !doors->shut && doors->connections < doors->settings->connections;
	for (struct listener *l = doors->listeners; l; l = l->next)
		if (room)
			evconnlistener_enable(l->socket);
		else
			evconnlistener_disable(l->socket);
}

/* accept fails when the process or the machine is out of descriptors: trying at once would only spin. */
static void on_error(struct evconnlistener *socket, void *context)
{
	(void)context;
	evconnlistener_disable(socket);
}

static void on_again(evutil_socket_t none, short what, void *context)
{
	(void)none;
	(void)what;
	let_in(context);
}

const char *session_door_name(enum session_door door)
{
	static const char *const names[DOORS] = {
		[DOOR_MILTER] = "milter", [DOOR_SPAMD] = "spamd", [DOOR_HTTP] = "http", [DOOR_POLICY] = "policy",
		[DOOR_SMTP] = "smtp",     [DOOR_LMTP] = "lmtp",   [DOOR_TRAP] = "trap", [DOOR_DNS] = "dns",
	};
	return names[door];
}

struct doors *doors_new(struct event_base *base, const struct session_handlers *handlers, const struct session_settings *settings)
{
	static const struct timeval interval = { AGAIN_SECONDS, 0 };
	struct doors *doors = calloc(1, sizeof *doors);
	if (!doors)
		abort();
	signal(SIGPIPE, SIG_IGN); /* a client that is gone is an error of one write, not the end of the process */
	*doors = (struct doors){ .base = base, .handlers = handlers, .settings = settings };
	doors->again = event_new(base, -1, EV_PERSIST, on_again, doors);
	if (!doors->again || event_add(doors->again, &interval) < 0)
		abort();
	return doors;
}

void doors_configure(struct doors *doors, const struct session_settings *settings)
{
	doors->settings = settings;
	let_in(doors);
}

uint64_t doors_given_up(const struct doors *doors) { return doors->given_up; }
uint32_t doors_connections(const struct doors *doors) { return doors->connections; }

bool doors_crowded(const struct doors *doors) { return (uint64_t)doors->connections * 8 >= (uint64_t)doors->settings->connections * 7; }

uint32_t doors_connections_of(const struct doors *doors, enum session_door door)
{
	uint32_t n = 0;
	for (const struct session *s = doors->sessions; s; s = s->next)
		n += s->kind->door == door;
	return n;
}

void doors_enter(struct doors *doors, enum session_door door, int fd, bool trusted)
{
	static const struct session_kind *const kinds[DOORS] = {
		[DOOR_MILTER] = &milter_session_kind, [DOOR_SPAMD] = &spamd_session_kind,  [DOOR_POLICY] = &policy_session_kind,
		[DOOR_HTTP] = &http_session_kind,     [DOOR_SMTP] = &smtp_session_kind,    [DOOR_LMTP] = &lmtp_session_kind,
		[DOOR_TRAP] = &trap_session_kind,     [DOOR_DNS] = &dns_zone_session_kind,
	};
	session_begin(doors, kinds[door], fd, trusted);
}

struct session *doors_seat(struct doors *doors, size_t bytes)
{
	struct session *seat = doors->seat_bytes == bytes ? doors->seat : NULL;
	if (seat) {
		doors->seat = NULL;
		return memset(seat, 0, bytes);
	}
	seat = calloc(1, bytes);
	if (!seat)
		abort();
	return seat;
}

void doors_unseat(struct session *session)
{
	struct doors *doors = session->doors;
	size_t bytes = session->kind->bytes;
	free(doors->seat);
	doors->seat = session;
	doors->seat_bytes = bytes;
}

/* The one that came next; NULL: the newest is that. */
static struct session *younger(const struct doors *doors, const struct session *s)
{
	return s->at == &doors->sessions ? NULL : (struct session *)((char *)s->at - offsetof(struct session, next));
}

static void give_up_oldest(struct doors *doors)
{
	struct session *s = doors->oldest;
	for (unsigned i = 0; i < LOOKED_AT && s; i++, s = younger(doors, s)) {
		if (!s->kind->yield || !s->kind->yield(s))
			continue;
		session_close(s);
		doors->given_up++;
		return;
	}
}

void doors_join(struct session *session)
{
	struct doors *doors = session->doors;
	session->at = &doors->sessions;
	session->next = doors->sessions;
	if (session->next)
		session->next->at = &session->next;
	else
		doors->oldest = session;
	doors->sessions = session;
	if (++doors->connections < doors->settings->connections)
		return;
	give_up_oldest(doors);
	let_in(doors);
}

void doors_leave(struct session *session)
{
	struct doors *doors = session->doors;
	if (doors->oldest == session)
		doors->oldest = younger(doors, session);
	*session->at = session->next;
	if (session->next)
		session->next->at = session->at;
	if (doors->connections-- == doors->settings->connections)
		let_in(doors);
}

static void on_accept(struct evconnlistener *socket, evutil_socket_t fd, struct sockaddr *address, int n, void *context)
{
	struct listener *l = context;
	(void)socket;
	l->doors->caller = address;
	l->doors->caller_bytes = n;
	doors_enter(l->doors, l->door, fd, l->trusted);
	l->doors->caller = NULL;
}

int doors_open(struct doors *doors, enum session_door door, int fd)
{
	struct sockaddr_storage address;
	socklen_t n = sizeof address;
	if (getsockname(fd, (struct sockaddr *)&address, &n) < 0 || evutil_make_socket_nonblocking(fd) < 0)
		return ERR_IO;
	if (door == DOOR_DNS && dns_zone_is_datagrams(fd))
		return dns_zone_listen(doors, fd);
	struct listener *l = calloc(1, sizeof *l);
	if (!l)
		abort();
	*l = (struct listener){ .doors = doors, .door = door, .trusted = address.ss_family == AF_UNIX };
	l->socket = evconnlistener_new(doors->base, on_accept, l, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, -1, fd);
	if (!l->socket) {
		free(l);
		return ERR_IO;
	}
	evconnlistener_set_error_cb(l->socket, on_error);
	l->next = doors->listeners;
	doors->listeners = l;
	let_in(doors);
	return ERR_OK;
}

void doors_unlisten(struct doors *doors)
{
	for (struct listener *l = doors->listeners, *next; l; l = next) {
		next = l->next;
		evconnlistener_free(l->socket);
		free(l);
	}
	doors->listeners = NULL;
	dns_zone_unlisten(doors);
}

void doors_shut(struct doors *doors)
{
	doors->shut = true;
	dns_zone_unlisten(doors);
	let_in(doors);
}

uint32_t doors_part(struct doors *doors, bool last)
{
	uint32_t n = 0;
	for (struct session *s = doors->sessions, *next; s; s = next) {
		next = s->next;
		n += s->kind->part && !s->kind->part(s, last);
	}
	return n;
}

void doors_free(struct doors *doors)
{
	if (!doors)
		return;
	doors_shut(doors);
	while (doors->sessions)
		session_close(doors->sessions);
	doors_unlisten(doors);
	for (struct message_memory *memory = doors->spare, *next; memory; memory = next) {
		next = memory->next;
		arena_release(&memory->arena);
		free(memory);
	}
	dns_zone_free(doors);
	event_free(doors->again);
	free(doors->seat);
	free(doors);
}

struct message_memory *doors_lend(struct doors *doors)
{
	struct message_memory *memory = doors->spare;
	if (memory) {
		doors->spare = memory->next;
		return memory;
	}
	memory = malloc(sizeof *memory);
	if (!memory)
		abort();
	arena_init(&memory->arena);
	return memory;
}

void doors_give_back(struct doors *doors, struct message_memory *memory)
{
	if (!memory)
		return;
	if (memory->arena.taken > KEPT_BYTES) {
		arena_release(&memory->arena);
		free(memory);
		return;
	}
	arena_reset(&memory->arena);
	memory->next = doors->spare;
	doors->spare = memory;
}
