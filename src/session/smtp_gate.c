/* session/smtp_gate.c - the gate is asked at each stage of a conversation by SMTP, and its answer carried out; see smtp_parts.h. */
#include "base/limits.h"
#include "session/smtp_parts.h"

#include <sys/socket.h>

static const struct session_handlers *handlers_of(const struct smtp_session *s) { return s->session.doors->handlers; }

static struct span status_of(const struct gate_reply *reply)
{
	return span_of(reply->enhanced, strnlen(reply->enhanced, sizeof reply->enhanced));
}

/* 521 says that the connection ends (RFC 7504 section 3); after 554 a server would have to wait for QUIT (RFC 5321 section 3.1). */
static uint16_t parting_code(const struct smtp_session *s)
{
	return s->stage == GATE_CONNECT && s->visit.reply.answer == GATE_REFUSE ? 521 : s->visit.reply.code;
}

static void carry_out(struct smtp_session *s)
{
	const struct gate_reply *reply = &s->visit.reply;
	if (reply->answer == GATE_PASS) {
		smtp_session_passed(s);
	} else if (reply->answer == GATE_CLOSE || s->stage == GATE_CONNECT) {
		smtp_session_say_line(s, parting_code(s), status_of(reply), reply->text);
		smtp_session_leave(s);
	} else {
		smtp_session_refuse_line(s, reply->code, status_of(reply), reply->text);
	}
}

static void on_answer(struct smtp_session *s)
{
	const struct gate_reply *reply = &s->visit.reply;
	if (reply->teaser && s->engine.state == SMTP_GREETING)
		smtp_session_say(s, SMTP_REPLY_TEASER);
	if (reply->delay_ms == 0) {
		carry_out(s);
		return;
	}
	smtp_identity_keep(&s->held, reply->text);
	s->visit.reply.text = s->held;
	s->doing = SMTP_DELAYING;
	session_pause(&s->session, reply->delay_ms);
}

void smtp_gate_delayed(struct smtp_session *s) { carry_out(s); }

static void on_done(struct gate_visit *visit)
{
	struct smtp_session *s = visit->session;
	on_answer(s);
	smtp_session_go_on(s);
}

static void fill(struct smtp_session *s)
{
	struct gate_visit *visit = &s->visit;
	const struct smtp_transfer *transfer = s->transfer;
	visit->ip = s->client.ip;
	visit->port = s->client.port;
	visit->manners = s->engine.manners;
	visit->helo = s->client.helo;
	visit->esmtp = s->engine.esmtp;
	visit->auth_user = s->client.login;
	visit->mail_from = transfer ? transfer->sender : span_none;
	visit->recipient = transfer && transfer->trying ? transfer->trying->address : span_none;
	visit->recipients = transfer ? transfer->recipients.n : 0;
	visit->done = on_done;
	visit->session = s;
}

/* False: the answer comes later, or nobody is asked. */
static bool ask(struct smtp_session *s, enum gate_stage stage)
{
	const struct session_handlers *handlers = handlers_of(s);
	s->stage = stage;
	s->doing = SMTP_ASKING;
	if (!handlers->gate || !s->client.has_ip) /* on a unix socket nobody is a stranger */
		return false;
	fill(s);
	s->visiting = true;
	s->visit.reply = (struct gate_reply){ .answer = GATE_PASS };
	s->unanswered = !handlers->gate(handlers->context, &s->visit, stage);
	return !s->unanswered;
}

void smtp_gate_welcome(struct smtp_session *s)
{
	if (!s->visiting)
		smtp_session_passed(s);
	else if (!s->unanswered)
		on_answer(s);
}

void smtp_gate_ask(struct smtp_session *s, enum gate_stage stage)
{
	session_no_deadline(&s->session);
	ask(s, stage);
	smtp_gate_welcome(s);
}

bool smtp_gate_turns_away(struct smtp_session *s, int fd)
{
	const struct gate_reply *reply = &s->visit.reply;
	struct buf line;
	if (!ask(s, GATE_CONNECT) || reply->answer == GATE_PASS || reply->delay_ms || reply->teaser)
		return false;
	struct message_memory *memory = doors_lend(s->session.doors);
	buf_init(&line, &memory->arena, LIMIT_SMTP_LINE);
	smtp_words_line(parting_code(s), status_of(reply), reply->text, &line);
	struct span says = buf_span(&line);
	send(fd, says.p, says.n, MSG_DONTWAIT | MSG_NOSIGNAL); /* the buffer of a socket that is new has room */
	doors_give_back(s->session.doors, memory);
	return true;
}

void smtp_gate_end(struct smtp_session *s)
{
	const struct session_handlers *handlers = handlers_of(s);
	if (!s->visiting)
		return;
	fill(s);
	handlers->gate(handlers->context, &s->visit, GATE_END);
	s->visiting = false;
	s->visit = (struct gate_visit){ .trusted = s->visit.trusted };
}
