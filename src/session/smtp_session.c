/* session/smtp_session.c - see smtp_session.h; smtp_parts.h says which file does what. One deadline, whose meaning is what is waited for.
 */
#include "session/smtp_session.h"
#include "base/limits.h"
#include "net/socket_address.h"
#include "net/spool.h"
#include "session/proxy_protocol.h"
#include "session/smtp_parts.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	COMMAND_SECONDS = 300, /* RFC 5321 4.5.3.2.7 */
	CROWDED_SECONDS = 10,  /* who says nothing then keeps others out; Postfix gives as much under stress */
	PROXIED_SECONDS = 30,
	SECURING_SECONDS = 60,
	GOODBYE_SECONDS = 30,
	READ_AHEAD = 128 * 1024,
};

static const struct session_smtp *options_of(const struct smtp_session *s) { return &session_settings(&s->session)->smtp; }

/* Replies. */

static void fill(const struct smtp_session *s, char address[IP_TEXT_MAX], struct smtp_fill *ret)
{
	*ret = (struct smtp_fill){
		.host = session_settings(&s->session)->hostname,
		.helo = s->client.helo,
		.address = span_of(address, s->client.has_ip ? ip_format(&s->client.ip, address) : 0),
		.n = s->engine.chunk,
		.mechanisms = s->hop ? smtp_mechanisms_text(&smtp_hop_engine(s->hop)->mechanisms) : span_none,
		.offers = s->engine.options.offers,
		.largest = s->engine.options.message_bytes,
	};
}

void smtp_session_say(struct smtp_session *s, enum smtp_reply reply)
{
	struct message_memory *memory = doors_lend(s->session.doors);
	char address[IP_TEXT_MAX];
	struct smtp_fill words;
	struct buf out;
	fill(s, address, &words);
	buf_init(&out, &memory->arena, LIMIT_SMTP_LINE * 4);
	smtp_words_put(smtp_personality_postern(), reply, &words, &out);
	session_send(&s->session, buf_span(&out));
	doors_give_back(s->session.doors, memory);
}

void smtp_session_say_line(struct smtp_session *s, uint16_t code, struct span status, struct span text)
{
	struct message_memory *memory = doors_lend(s->session.doors);
	struct buf out;
	buf_init(&out, &memory->arena, LIMIT_SMTP_LINE);
	smtp_words_line(code, status, text, &out);
	session_send(&s->session, buf_span(&out));
	doors_give_back(s->session.doors, memory);
}

void smtp_session_accept(struct smtp_session *s)
{
	if (s->due.reply)
		smtp_session_say(s, s->due.reply);
	smtp_server_answered(&s->engine, SMTP_ACCEPTED);
	s->doing = SMTP_HEARING;
}

static void refused(struct smtp_session *s)
{
	smtp_server_answered(&s->engine, SMTP_REFUSED);
	if (s->due.kind == SMTP_RCPT)
		s->transfer->trying = NULL;
	if (s->due.kind == SMTP_MAIL)
		smtp_transfer_forget(s);
	s->doing = SMTP_HEARING;
}

void smtp_session_refuse(struct smtp_session *s, enum smtp_reply reply)
{
	smtp_session_say(s, reply);
	refused(s);
}

void smtp_session_refuse_line(struct smtp_session *s, uint16_t code, struct span status, struct span text)
{
	smtp_session_say_line(s, code, status, text);
	refused(s);
}

void smtp_session_leave(struct smtp_session *s)
{
	s->doing = SMTP_LEAVING;
	session_deadline(&s->session, GOODBYE_SECONDS);
	session_forget_input(&s->session);
}

/* The offers of a conversation: what the settings allow, to whom they allow it. */
static uint32_t offers_of(const struct smtp_session *s)
{
	const struct session_smtp *options = options_of(s);
	uint32_t offers = SMTP_PIPELINING | SMTP_SIZE | SMTP_8BITMIME | SMTP_UTF8 | SMTP_CHUNKING | SMTP_DSN | SMTP_STATUS_CODES;
	if (s->introduces)
		offers |= SMTP_XCLIENT | SMTP_XFORWARD;
	if (options->tls && !s->engine.tls)
		offers |= SMTP_STARTTLS;
	return offers;
}

/* The gate let the client pass. */

void smtp_session_passed(struct smtp_session *s)
{
	if (s->stage == GATE_CONNECT && s->engine.state == SMTP_GREETING) {
		if (evbuffer_get_length(session_input(&s->session))) /* it came with a PROXY header, before anybody had looked */
			s->engine.manners |= GATE_EARLY_TALKER;
		smtp_session_say(s, SMTP_REPLY_GREETING);
		smtp_server_greeted(&s->engine);
		s->doing = SMTP_HEARING;
	} else if (s->stage == GATE_HELO && smtp_auth_is_possible(s)) {
		smtp_auth_offer(s);
	} else if (s->stage == GATE_MAIL || s->stage == GATE_RCPT) {
		smtp_next_hop_ask(s);
	} else {
		smtp_session_accept(s);
	}
}

/* Events. */

static void on_said(struct smtp_session *s, const struct smtp_event *event) { smtp_session_say(s, event->reply); }

static void on_helo(struct smtp_session *s, const struct smtp_event *event)
{
	smtp_transfer_forget(s);
	smtp_identity_keep(&s->client.helo, event->text);
	s->client.esmtp = s->engine.esmtp;
	smtp_server_offer(&s->engine, offers_of(s));
	s->engine.options.message_bytes = session_settings(&s->session)->message_bytes;
	smtp_gate_ask(s, GATE_HELO);
}

static void on_mail(struct smtp_session *s, const struct smtp_event *event)
{
	smtp_transfer_begin(s, event);
	smtp_gate_ask(s, GATE_MAIL);
}

static void on_rcpt(struct smtp_session *s, const struct smtp_event *event)
{
	smtp_transfer_add(s, event);
	smtp_gate_ask(s, GATE_RCPT);
}

static void on_data(struct smtp_session *s, const struct smtp_event *event)
{
	(void)event;
	smtp_gate_ask(s, GATE_DATA);
}

static void on_content(struct smtp_session *s, const struct smtp_event *event) { smtp_transfer_take(s, event->text); }

static void on_chunk_end(struct smtp_session *s, const struct smtp_event *event)
{
	(void)event;
	if (s->transfer->lost)
		smtp_session_refuse(s, SMTP_REPLY_TRY_LATER);
	else
		smtp_session_accept(s);
}

static void on_end(struct smtp_session *s, const struct smtp_event *event)
{
	if (event->reply == SMTP_REPLY_BARE_NEWLINE)
		session_trouble(&s->session, "a message was refused: it holds a CR or LF alone, where another server could see its end");
	if (event->reply == SMTP_REPLY_MESSAGE && !s->transfer->lost) {
		smtp_transfer_judge(s);
		return;
	}
	/* One reply, or one for each recipient: the words are a line. */
	enum smtp_reply reply = event->reply == SMTP_REPLY_MESSAGE ? SMTP_REPLY_TRY_LATER : event->reply;
	for (uint32_t n = smtp_session_is_lmtp(s) ? s->engine.recipients : 1; n > 0; n--)
		smtp_session_say(s, reply);
	smtp_server_answered(&s->engine, SMTP_REFUSED);
	smtp_transfer_forget(s);
}

static void on_reset(struct smtp_session *s, const struct smtp_event *event)
{
	smtp_transfer_forget(s);
	smtp_session_say(s, event->reply);
}

static void on_quit(struct smtp_session *s, const struct smtp_event *event)
{
	smtp_session_say(s, event->reply);
	smtp_session_leave(s);
}

/* RFC 3207 section 4: what was sent in the clear behind the command is nobody's. */
static void on_tls(struct smtp_session *s, const struct smtp_event *event)
{
	session_take(&s->session, evbuffer_get_length(session_input(&s->session)));
	smtp_session_say(s, event->reply);
	smtp_server_answered(&s->engine, SMTP_ACCEPTED);
	smtp_transfer_forget(s);
	smtp_identity_log_out(s);
	if (session_secure(&s->session, options_of(s)->tls) != ERR_OK) {
		smtp_session_leave(s);
		return;
	}
	s->doing = SMTP_SECURING;
	session_deadline(&s->session, SECURING_SECONDS);
}

static void secured(struct session *session)
{
	struct smtp_session *s = smtp_session_of(session);
	smtp_server_secured(&s->engine);
	smtp_identity_keep(&s->client.helo, span_none);
	s->doing = SMTP_HEARING;
	session_deadline(session, COMMAND_SECONDS);
	smtp_session_go_on(s); /* a command may have come with the end of the handshake */
}

static void (*const handle[SMTP_EVENTS])(struct smtp_session *s, const struct smtp_event *event) = {
	[SMTP_SAID] = on_said,
	[SMTP_HELO] = on_helo,
	[SMTP_MAIL] = on_mail,
	[SMTP_RCPT] = on_rcpt,
	[SMTP_DATA] = on_data,
	[SMTP_CONTENT] = on_content,
	[SMTP_CHUNK_END] = on_chunk_end,
	[SMTP_END] = on_end,
	[SMTP_RESET] = on_reset,
	[SMTP_TLS] = on_tls,
	[SMTP_LOGIN] = smtp_auth_begin,
	[SMTP_LOGIN_LINE] = smtp_auth_line,
	[SMTP_CLIENT] = smtp_identity_tell,
	[SMTP_FORWARD] = smtp_identity_forward,
	[SMTP_QUIT] = on_quit,
};

static void take_event(struct smtp_session *s, const struct smtp_event *event)
{
	s->due = (struct smtp_due){ event->kind, event->reply };
	handle[event->kind](s, event);
}

static void on_bad(struct smtp_session *s)
{
	session_trouble(&s->session, "a client was hung up on: %s", s->engine.why);
	if (s->engine.reply)
		smtp_session_say(s, s->engine.reply);
	smtp_session_leave(s);
}

/* The input. */

static void introduce(struct smtp_session *s, const struct proxy_protocol *client)
{
	if (client->has_ip) {
		s->client.has_ip = true;
		s->client.ip = client->ip;
		s->client.port = client->port;
	}
}

static void read_proxy_header(struct smtp_session *s)
{
	struct proxy_protocol client;
	size_t used;
	switch (proxy_protocol_read(session_look(&s->session, PROXY_PROTOCOL_MAX), &used, &client)) {
	case PROXY_PROTOCOL_MORE: return;
	case PROXY_PROTOCOL_BAD:
		session_trouble(&s->session, "a client that should speak the PROXY protocol did not");
		smtp_session_leave(s);
		return;
	case PROXY_PROTOCOL_READ: break;
	}
	session_take(&s->session, used);
	introduce(s, &client);
	smtp_gate_ask(s, GATE_CONNECT);
}

static bool in_content(const struct smtp_session *s)
{
	return s->engine.state == SMTP_IN_DATA || s->engine.state == SMTP_IN_CHUNK || s->engine.state == SMTP_BETWEEN_CHUNKS;
}

/* One step of the engine. False: it needs more than is there. */
static bool step_on(struct smtp_session *s)
{
	struct smtp_event event;
	size_t used, need = smtp_server_need(&s->engine);
	struct span in = session_look(&s->session, 0);
	enum smtp_step step = smtp_server_step(&s->engine, in, &used, &event);
	if (step == SMTP_MORE && used == 0 && evbuffer_get_length(session_input(&s->session)) > in.n && in.n < need) {
		in = session_look(&s->session, need);
		step = smtp_server_step(&s->engine, in, &used, &event);
	}
	if (step == SMTP_EVENT && event.kind == SMTP_TLS)
		session_take(&s->session, used), used = 0; /* nothing is left to be taken when it is handled */
	if (step == SMTP_BAD)
		on_bad(s);
	else if (step == SMTP_EVENT)
		take_event(s, &event);
	if (s->doing != SMTP_LEAVING)
		session_take(&s->session, used);
	return step == SMTP_EVENT || used > 0;
}

static uint32_t command_seconds(const struct smtp_session *s)
{
	return doors_crowded(s->session.doors) ? CROWDED_SECONDS : COMMAND_SECONDS;
}

/* For a command from the last one on; for a message from its beginning. */
static void set_deadline(struct smtp_session *s, bool heard)
{
	if (in_content(s) ? !event_pending(&s->session.timer, EV_TIMEOUT, NULL)
			  : heard || !event_pending(&s->session.timer, EV_TIMEOUT, NULL))
		session_deadline(&s->session, in_content(s) ? session_settings(&s->session)->read_seconds : command_seconds(s));
}

void smtp_session_go_on(struct smtp_session *s)
{
	bool heard = false;
	if (s->doing == SMTP_HEARING && smtp_auth_is_void(s)) {
		smtp_session_say(s, SMTP_REPLY_SHUTTING_DOWN);
		smtp_session_leave(s);
	}
	if (session_rests(&s->session)) /* the next hop has news, and there is nothing to read */
		return;
	if (s->doing == SMTP_PROXIED)
		read_proxy_header(s);
	while (s->doing == SMTP_HEARING && step_on(s)) {
		heard = true;
		if (evbuffer_get_length(session_output(&s->session)) > LIMIT_SESSION_OUTPUT) {
			session_trouble(&s->session, "a client was hung up on: it does not read its replies");
			session_close(&s->session);
			return;
		}
	}
	if (s->doing == SMTP_HEARING)
		set_deadline(s, heard);
	if (s->doing == SMTP_LEAVING && !s->goodbye && evbuffer_get_length(session_output(&s->session)) == 0) {
		s->goodbye = true;
		session_linger(&s->session);
	}
}

static void read(struct session *session)
{
	struct smtp_session *s = smtp_session_of(session);
	struct smtp_event event;
	size_t used;
	if (s->doing == SMTP_LEAVING)
		session_forget_input(session);
	else if (s->doing == SMTP_HEARING || s->doing == SMTP_PROXIED)
		smtp_session_go_on(s);
	else /* it sees that somebody does not wait; nothing is used */
		smtp_server_step(&s->engine, session_look(session, 1), &used, &event);
}

static void written(struct session *session)
{
	struct smtp_session *s = smtp_session_of(session);
	if (s->doing == SMTP_LEAVING)
		smtp_session_go_on(s);
	else if (s->doing == SMTP_HEARING && !in_content(s))
		session_rest(session);
}

static void late(struct session *session)
{
	struct smtp_session *s = smtp_session_of(session);
	if (s->doing == SMTP_DELAYING) {
		smtp_gate_delayed(s);
		smtp_session_go_on(s);
		return;
	}
	if (s->doing != SMTP_HEARING) {
		session_close(session);
		return;
	}
	if (in_content(s))
		session_trouble(session, "a client stopped in the middle of a message");
	smtp_session_say(s, SMTP_REPLY_TOO_SLOW);
	smtp_session_leave(s);
	smtp_session_go_on(s);
}

/* The connection. */

static void know(struct smtp_session *s, int fd)
{
	const struct session *session = &s->session;
	const struct session_settings *settings = session_settings(session);
	const struct session_smtp *options = &settings->smtp;
	struct sockaddr_storage address;
	socklen_t n = sizeof address;
	struct smtp_server_options engine = {
		.behaviour = smtp_personality_postern()->behaviour,
		.lmtp = session->kind->door == DOOR_LMTP,
		.message_bytes = settings->message_bytes,
		.recipients = LIMIT_SMTP_RECIPIENTS,
	};
	bool known = session->doors->caller != NULL;
	if (known)
		memcpy(&address, session->doors->caller, (size_t)session->doors->caller_bytes);
	else
		known = getpeername(fd, (struct sockaddr *)&address, &n) == 0;
	smtp_server_init(&s->engine, &engine);
	s->client.has_ip = known && socket_address_ip(&address, &s->client.ip, &s->client.port);
	s->introduces = s->visit.trusted =
	    s->client.has_ip ? ip_nets_have(options->introduced_by, options->n_introduced_by, &s->client.ip) : session->trusted;
	if (s->client.has_ip && ip_nets_have(options->proxy_from, options->n_proxy_from, &s->client.ip))
		s->doing = SMTP_PROXIED;
	s->knocked = true;
}

static enum session_entry knock(struct session *session, int fd, uint8_t room[SESSION_KNOCK], struct span *ret_came)
{
	struct smtp_session *s = smtp_session_of(session);
	struct proxy_protocol client;
	size_t used;
	if (!s->knocked)
		know(s, fd);
	if (s->doing == SMTP_PROXIED) {
		ssize_t n = recv(fd, room, SESSION_KNOCK, MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return SESSION_WAITS;
		if (n <= 0)
			return SESSION_GONE;
		*ret_came = span_of(room, (size_t)n);
		if (proxy_protocol_read(*ret_came, &used, &client) != PROXY_PROTOCOL_READ || used < ret_came->n)
			return SESSION_ENTERS; /* a part of the header, or more than it */
		*ret_came = span_none;
		introduce(s, &client);
	}
	return smtp_gate_turns_away(s, fd) ? SESSION_GONE : SESSION_ENTERS;
}

static void begin(struct session *session)
{
	struct smtp_session *s = smtp_session_of(session);
	smtp_server_offer(&s->engine, offers_of(s));
	if (s->doing == SMTP_PROXIED)
		session_deadline(session, PROXIED_SECONDS);
	else
		smtp_gate_welcome(s);
	if (s->doing == SMTP_HEARING)
		session_deadline(session, command_seconds(s));
}

/* RFC 5321 section 3.8: 421 may answer any command, the one that has not come yet, too. */
static bool part(struct session *session, bool last)
{
	struct smtp_session *s = smtp_session_of(session);
	bool idle = s->doing == SMTP_HEARING && !in_content(s);
	if (!session->socket && !session_rests(session))
		return true; /* it is not in yet */
	if (idle && (last || !s->transfer)) {
		smtp_session_say(s, SMTP_REPLY_SHUTTING_DOWN);
		smtp_session_leave(s);
		smtp_session_go_on(s);
		return false;
	}
	return !s->transfer;
}

/* Nothing waits to be sent to who rests: his socket takes a line at once. */
static bool yield(struct session *session)
{
	struct smtp_session *s = smtp_session_of(session);
	bool outside = !session->socket && !session_rests(session) && s->doing == SMTP_PROXIED;
	if (!session_rests(session) || s->transfer)
		return outside;
	struct message_memory *memory = doors_lend(session->doors);
	char address[IP_TEXT_MAX];
	struct smtp_fill words;
	struct buf out;
	fill(s, address, &words);
	buf_init(&out, &memory->arena, LIMIT_SMTP_LINE);
	smtp_words_put(smtp_personality_postern(), SMTP_REPLY_TOO_BUSY, &words, &out);
	send(event_get_fd(&session->timer), out.p, out.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	doors_give_back(session->doors, memory);
	return true;
}

static void end(struct session *session)
{
	struct smtp_session *s = smtp_session_of(session);
	smtp_gate_end(s);
	smtp_transfer_forget(s);
	smtp_next_hop_drop(s);
	smtp_identity_forget(&s->client);
	smtp_identity_forget(&s->forwarded);
	smtp_identity_keep(&s->held, span_none);
	smtp_auth_forget(s);
}

const struct session_kind smtp_session_kind = {
	.door = DOOR_SMTP,
	.bytes = sizeof(struct smtp_session),
	.read_ahead = READ_AHEAD,
	.knock = knock,
	.knock_seconds = PROXIED_SECONDS,
	.begin = begin,
	.read = read,
	.written = written,
	.late = late,
	.secured = secured,
	.answered = smtp_transfer_answered,
	.part = part,
	.yield = yield,
	.end = end,
};

const struct session_kind lmtp_session_kind = {
	.door = DOOR_LMTP,
	.bytes = sizeof(struct smtp_session),
	.read_ahead = READ_AHEAD,
	.knock = knock,
	.knock_seconds = PROXIED_SECONDS,
	.begin = begin,
	.read = read,
	.written = written,
	.late = late,
	.secured = secured,
	.answered = smtp_transfer_answered,
	.part = part,
	.yield = yield,
	.end = end,
};
