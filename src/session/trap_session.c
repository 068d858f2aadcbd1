/* session/trap_session.c - see trap_session.h. The one timer is the pause before a reply, or else the client's time for its next command.
 */
#include "session/trap_session.h"

#include "base/clock.h"
#include "base/limits.h"
#include "net/socket_address.h"
#include "session/proxy_protocol.h"
#include "session/smtp_received.h"
#include "session/trap_dialogue.h"

#include <sys/random.h>

enum {
	COMMAND_SECONDS = 300, /* RFC 5321 4.5.3.2.7, and Postfix's smtpd_timeout */
	SECURING_SECONDS = 60,
	KEPT_BYTES = 256 * 1024, /* of a message; scanners send some hundred bytes, spam some thousand */
	READ_AHEAD = 64 * 1024,
	REPLY_BYTES = 4096,
	DATE_BYTES = 40,
};

enum trap_doing { TRAP_PROXIED, TRAP_HEARING, TRAP_PAUSING, TRAP_SECURING, TRAP_LEAVING };

struct trap_session {
	struct session session;
	struct trap_dialogue dialogue;
	struct arena arena, words; /* of one transaction; of replies that wait */
	struct buf reply;
	struct ip ip, own;
	uint16_t own_port;
	char client[IP_TEXT_MAX], host[256], date[DATE_BYTES]; /* a reload must not change our name under way */
	enum trap_doing doing;
	bool hit;     /* somebody was told of this client */
	bool pending; /* recipients were named, and what becomes of them was not told */
	bool last;    /* the reply that waits is the last one */
	bool secures; /* behind the reply that waits TLS begins */
	bool ended;   /* the client sends no more */
};

static struct trap_session *of(struct session *session) { return (struct trap_session *)session; }

static void tell(struct trap_session *s, bool over)
{
	const struct session_handlers *handlers = s->session.doors->handlers;
	struct trap_catch *caught = &s->dialogue.caught;
	caught->time = clock_now();
	caught->ip = s->ip;
	caught->own = s->own;
	caught->own_port = s->own_port;
	if (handlers->caught)
		handlers->caught(handlers->context, caught, over);
}

static void note(struct trap_session *s, enum trap_step step)
{
	if (step == TRAP_RECIPIENT) {
		s->pending = true;
		if (!s->hit)
			tell(s, false);
		s->hit = true;
	} else if (step == TRAP_MESSAGE) {
		tell(s, true);
		s->pending = false;
	}
}

static void forget_reply(struct trap_session *s)
{
	arena_reset(&s->words);
	buf_init(&s->reply, &s->words, REPLY_BYTES);
}

static void leave(struct trap_session *s)
{
	s->doing = TRAP_LEAVING;
	session_linger(&s->session);
}

/* The reply that waits goes out, and what it leads to begins. False: nothing is to be heard any more, or not now. */
static bool answer(struct trap_session *s)
{
	bool silent = s->reply.n == 0;
	if (s->secures) /* RFC 3207 section 4: what was sent in the clear behind the command is nobody's */
		session_take(&s->session, evbuffer_get_length(session_input(&s->session)));
	session_send(&s->session, buf_span(&s->reply));
	forget_reply(s);
	session_deadline(&s->session, COMMAND_SECONDS);
	s->doing = TRAP_HEARING;
	if (s->last && (s->ended || silent)) {
		session_close(&s->session);
		return false;
	}
	if (s->last)
		s->doing = TRAP_PAUSING; /* until it is written */
	if (!s->secures)
		return !s->last;
	s->secures = false;
	s->doing = TRAP_SECURING;
	if (session_secure(&s->session, session_settings(&s->session)->smtp.tls) == ERR_OK)
		session_deadline(&s->session, SECURING_SECONDS);
	else
		leave(s);
	return false;
}

/* Until the client must be waited for, or a reply. */
static void go_on(struct trap_session *s)
{
	while (s->doing == TRAP_HEARING) {
		size_t used = 0;
		s->dialogue.now = clock_microseconds();
		enum trap_step step = trap_dialogue_step(&s->dialogue, session_look(&s->session, READ_AHEAD), &used, &s->reply);
		session_take(&s->session, used);
		note(s, step);
		s->last = step == TRAP_OVER;
		s->secures = step == TRAP_SECURE;
		if ((s->reply.n || s->last) && s->dialogue.delay_ms) {
			s->doing = TRAP_PAUSING;
			session_pause(&s->session, s->dialogue.delay_ms);
		} else if (s->reply.n || s->last) {
			if (!answer(s))
				return;
		} else if (step == TRAP_MORE && used == 0) {
			break;
		}
	}
	if (s->doing == TRAP_HEARING && s->ended)
		session_close(&s->session);
}

static struct span today(struct trap_session *s)
{
	struct buf date;
	buf_init(&date, &s->words, DATE_BYTES);
	smtp_received_date(clock_now(), &date);
	memcpy(s->date, date.p, date.n);
	return span_of(s->date, date.n);
}

static void greet(struct trap_session *s)
{
	const struct session_handlers *handlers = s->session.doors->handlers;
	const struct session_settings *settings = session_settings(&s->session);
	struct span host = span_first(settings->trap_hostname, sizeof s->host);
	memcpy(s->host, host.p, host.n);
	struct trap_dialogue_options options = {
		.personality = smtp_personality_find(settings->trap_personality),
		.host = span_of(s->host, host.n),
		.date = today(s),
		.tls = settings->smtp.tls != NULL,
		.kept_bytes = KEPT_BYTES,
	};
	if (getrandom(&options.chance, sizeof options.chance, 0) != sizeof options.chance)
		options.chance = clock_microseconds();
	if (handlers->came)
		handlers->came(handlers->context);
	trap_dialogue_init(&s->dialogue, &options, span_of(s->client, ip_format(&s->ip, s->client)), &s->arena);
	forget_reply(s);
	trap_dialogue_greet(&s->dialogue, &s->reply);
	s->doing = TRAP_PAUSING;
	session_pause(&s->session, s->dialogue.delay_ms);
}

static void begin(struct session *session)
{
	struct trap_session *s = of(session);
	const struct session_smtp *options = &session_settings(session)->smtp;
	struct sockaddr_storage address;
	socklen_t n = sizeof address;
	uint16_t port;
	int fd = bufferevent_getfd(session->socket);
	arena_init(&s->arena);
	arena_init(&s->words);
	forget_reply(s);
	if (getpeername(fd, (struct sockaddr *)&address, &n) == 0)
		socket_address_ip(&address, &s->ip, &port);
	n = sizeof address;
	if (getsockname(fd, (struct sockaddr *)&address, &n) == 0)
		socket_address_ip(&address, &s->own, &s->own_port);
	if (ip_nets_have(options->proxy_from, options->n_proxy_from, &s->ip)) {
		s->doing = TRAP_PROXIED;
		session_deadline(session, COMMAND_SECONDS);
		return;
	}
	greet(s);
}

static void read_proxy_header(struct trap_session *s)
{
	struct proxy_protocol client;
	size_t used;
	enum proxy_protocol_step step = proxy_protocol_read(session_look(&s->session, PROXY_PROTOCOL_MAX), &used, &client);
	if (step == PROXY_PROTOCOL_BAD) {
		session_trouble(&s->session, "a client that should speak the PROXY protocol did not");
		leave(s);
	} else if (step == PROXY_PROTOCOL_READ) {
		session_take(&s->session, used);
		if (client.has_ip)
			s->ip = client.ip;
		greet(s);
	}
}

static void read_input(struct session *session)
{
	struct trap_session *s = of(session);
	if (s->doing == TRAP_PROXIED)
		read_proxy_header(s);
	if (s->doing == TRAP_LEAVING)
		session_forget_input(session);
	go_on(s);
}

static void late(struct session *session)
{
	struct trap_session *s = of(session);
	if (s->doing == TRAP_PAUSING && !(s->last && s->reply.n == 0)) {
		if (answer(s))
			go_on(s);
	} else if (s->doing == TRAP_HEARING) {
		trap_dialogue_late(&s->dialogue, &s->reply);
		s->last = true;
		answer(s);
	} else {
		session_close(session);
	}
}

/* RFC 3207 section 4.2: the client begins anew. */
static void secured(struct session *session)
{
	struct trap_session *s = of(session);
	trap_dialogue_secured(&s->dialogue);
	s->doing = TRAP_HEARING;
	session_deadline(session, COMMAND_SECONDS);
	go_on(s); /* a command may have come with the end of the handshake */
}

/* The last reply is out. */
static void written(struct session *session)
{
	struct trap_session *s = of(session);
	if (s->last && s->doing == TRAP_PAUSING && s->reply.n == 0)
		leave(s);
}

static void ended(struct session *session)
{
	struct trap_session *s = of(session);
	s->ended = true;
	if (s->doing != TRAP_PAUSING || s->last)
		session_close(session);
}

static void end(struct session *session)
{
	struct trap_session *s = of(session);
	if (s->pending && s->dialogue.caught.n_recipients)
		tell(s, true);
	arena_release(&s->arena);
	arena_release(&s->words);
}

const struct session_kind trap_session_kind = {
	.door = DOOR_TRAP,
	.bytes = sizeof(struct trap_session),
	.read_ahead = READ_AHEAD,
	.begin = begin,
	.read = read_input,
	.written = written,
	.ended = ended,
	.late = late,
	.secured = secured,
	.end = end,
};
