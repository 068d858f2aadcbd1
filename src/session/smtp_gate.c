/* session/smtp_gate.c - the gate is asked at each stage of a conversation by SMTP, and its answer carried out; see smtp_parts.h. */
#include "session/smtp_parts.h"

#include <event2/event.h>

static const struct session_handlers *handlers_of(const struct smtp_session *s) { return s->session.doors->handlers; }

static struct span status_of(const struct gate_reply *reply)
{
	return span_of(reply->enhanced, strnlen(reply->enhanced, sizeof reply->enhanced));
}

static struct span text_of(const struct gate_reply *reply) { return span_of(reply->text, strnlen(reply->text, sizeof reply->text)); }

/* A client that is refused at connection is greeted with that, and hears it again after every command (RFC 5321 section 3.1). */
static void refuse_connection(struct smtp_session *s)
{
	const struct gate_reply *reply = &s->visit.reply;
	s->turned_away = true;
	s->away_code = reply->code;
	smtp_session_say_line(s, reply->code, status_of(reply), text_of(reply));
	if (s->engine.state == SMTP_GREETING)
		smtp_server_greeted(&s->engine);
	else
		smtp_server_answered(&s->engine, SMTP_ACCEPTED);
	s->doing = SMTP_HEARING;
}

static void carry_out(struct smtp_session *s)
{
	const struct gate_reply *reply = &s->visit.reply;
	if (reply->answer == GATE_PASS) {
		smtp_session_passed(s);
	} else if (reply->answer == GATE_CLOSE || (s->stage == GATE_CONNECT && reply->answer == GATE_DEFER)) {
		smtp_session_say_line(s, reply->code, status_of(reply), text_of(reply));
		smtp_session_leave(s);
	} else if (s->stage == GATE_CONNECT) {
		refuse_connection(s);
	} else {
		smtp_session_refuse_line(s, reply->code, status_of(reply), text_of(reply));
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
	const struct timeval wait = { reply->delay_ms / 1000, reply->delay_ms % 1000 * 1000 };
	s->doing = SMTP_DELAYING;
	event_add(&s->session.timer, &wait);
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

void smtp_gate_ask(struct smtp_session *s, enum gate_stage stage)
{
	const struct session_handlers *handlers = handlers_of(s);
	s->stage = stage;
	s->doing = SMTP_ASKING;
	session_no_deadline(&s->session);
	if (!handlers->gate || !s->client.has_ip) { /* on a unix socket nobody is a stranger */
		smtp_session_passed(s);
		return;
	}
	fill(s);
	s->visiting = true;
	s->visit.reply = (struct gate_reply){ .answer = GATE_PASS };
	if (handlers->gate(handlers->context, &s->visit, stage))
		on_answer(s);
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
