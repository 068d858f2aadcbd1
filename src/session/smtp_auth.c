/* session/smtp_auth.c - logins: offered where the next hop offers them, and passed on to it as they are; see smtp_parts.h.
 *
 * The next hop decides. What it says goes to the client byte for byte, what the client says goes to it line by line; of both nothing is
 * kept but the name of who logged in. The connection to the next hop is then that user's: when it is lost the client's ends, too. */
#include "session/smtp_parts.h"

#include <stdlib.h>

bool smtp_auth_is_possible(const struct smtp_session *s)
{
	enum next_hop_auth use = session_settings(&s->session)->smtp.auth;
	return !smtp_session_is_lmtp(s) && s->engine.esmtp && !s->engine.authenticated &&
	       (use == NEXT_HOP_AUTH_ANY || (use == NEXT_HOP_AUTH_TLS && s->engine.tls));
}

bool smtp_auth_is_void(const struct smtp_session *s) { return s->engine.authenticated && !s->hop; }

void smtp_auth_forget(struct smtp_session *s)
{
	free(s->login);
	s->login = NULL;
}

void smtp_auth_hop_is_ready(struct smtp_session *s)
{
	uint32_t offers = s->engine.options.offers;
	if (s->hop && smtp_mechanisms_text(&smtp_hop_engine(s->hop)->mechanisms).n)
		smtp_server_offer(&s->engine, offers | SMTP_AUTH);
	smtp_session_accept(s);
}

void smtp_auth_offer(struct smtp_session *s)
{
	s->doing = SMTP_SENDING;
	smtp_next_hop_open(s);
	if (s->hop_ready)
		smtp_auth_hop_is_ready(s);
}

void smtp_auth_put_off(struct smtp_session *s)
{
	smtp_auth_forget(s);
	smtp_session_refuse_line(s, 454, SPAN("4.7.0"), SPAN("Temporary authentication failure"));
}

/* "AUTH PLAIN AGFu", or a line of an exchange. */
static void pass_on(struct smtp_session *s, struct span before, struct span text)
{
	struct message_memory *memory = doors_lend(s->session.doors);
	struct buf out;
	buf_init(&out, &memory->arena, SIZE_MAX);
	int err = smtp_client_other(smtp_hop_engine(s->hop), arena_join(&memory->arena, before, text), &out);
	if (err == ERR_OK)
		smtp_next_hop_send(s, &out);
	else
		smtp_session_refuse(s, SMTP_REPLY_AUTH_SYNTAX);
	explicit_bzero(out.p, out.n);
	doors_give_back(s->session.doors, memory);
}

void smtp_auth_begin(struct smtp_session *s, const struct smtp_event *event)
{
	session_no_deadline(&s->session);
	if (!s->hop || !s->hop_ready || !smtp_hop_idle(s->hop)) {
		smtp_auth_put_off(s);
		return;
	}
	if (!smtp_mechanisms_have(&smtp_hop_engine(s->hop)->mechanisms, event->text)) {
		smtp_session_refuse_line(s, 504, SPAN("5.5.4"), SPAN("This mechanism is not offered"));
		return;
	}
	smtp_auth_forget(s);
	s->login = malloc(sizeof *s->login);
	if (!s->login)
		abort();
	smtp_login_begin(s->login, event->text);
	pass_on(s, SPAN("AUTH "), event->text);
}

void smtp_auth_line(struct smtp_session *s, const struct smtp_event *event)
{
	session_no_deadline(&s->session);
	if (!s->hop || !smtp_hop_idle(s->hop)) {
		smtp_auth_put_off(s);
		return;
	}
	smtp_login_line(s->login, event->text);
	pass_on(s, SPAN(""), event->text);
}

void smtp_auth_answered(struct smtp_session *s, const struct smtp_client_event *event)
{
	enum smtp_answer answer = event->code == 334 ? SMTP_CONTINUES : event->code / 100 == 2 ? SMTP_ACCEPTED : SMTP_REFUSED;
	session_send(&s->session, event->reply);
	if (event->code == 421) { /* it has heard enough guesses: so have we */
		smtp_session_leave(s);
		return;
	}
	if (answer == SMTP_ACCEPTED)
		smtp_identity_keep(&s->client.login, smtp_login_user(s->login));
	if (answer != SMTP_CONTINUES)
		smtp_auth_forget(s);
	smtp_server_answered(&s->engine, answer);
	s->doing = SMTP_HEARING;
}
