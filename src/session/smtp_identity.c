/* session/smtp_identity.c - who the client is, by the word of others: XCLIENT, XFORWARD, a login; see smtp_parts.h. */
#include "base/limits.h"
#include "session/smtp_parts.h"

#include <stdlib.h>

void smtp_identity_keep(struct span *text, struct span s)
{
	uint8_t *copy = s.p ? malloc(s.n + 1) : NULL;
	if (s.p && !copy)
		abort();
	if (copy)
		memcpy(copy, s.p, s.n);
	free((void *)(uintptr_t)text->p);
	*text = copy ? span_of(copy, s.n) : span_none;
}

void smtp_identity_forget(struct smtp_identity *who)
{
	smtp_identity_keep(&who->name, span_none);
	smtp_identity_keep(&who->helo, span_none);
	smtp_identity_keep(&who->login, span_none);
	*who = (struct smtp_identity){ .has_ip = false };
}

void smtp_identity_forget_forwarded(struct smtp_session *s) { smtp_identity_forget(&s->forwarded); }

/* Somebody else may be there now; the next hop must not take him for the one before. */
void smtp_identity_log_out(struct smtp_session *s)
{
	if (!s->engine.authenticated)
		return;
	smtp_next_hop_drop(s);
	smtp_identity_keep(&s->client.login, span_none);
}

/* XCLIENT and XFORWARD as Postfix documents them (XCLIENT_README, XFORWARD_README). */

static void name_address(struct smtp_identity *who, struct span value)
{
	if (span_istarts(value, SPAN("IPV6:")))
		value = span_skip(value, 5);
	who->has_ip = ip_parse(value, &who->ip);
}

static void name_port(struct smtp_identity *who, struct span value)
{
	uint64_t port;
	if (span_to_uint(value, UINT16_MAX, &port))
		who->port = (uint16_t)port;
}

static void name_name(struct smtp_identity *who, struct span value) { smtp_identity_keep(&who->name, value); }
static void name_helo(struct smtp_identity *who, struct span value) { smtp_identity_keep(&who->helo, value); }
static void name_login(struct smtp_identity *who, struct span value) { smtp_identity_keep(&who->login, value); }
static void name_protocol(struct smtp_identity *who, struct span value) { who->esmtp = span_istarts(value, SPAN("ESMTP")); }

static const struct {
	struct span name;
	void (*tell)(struct smtp_identity *who, struct span value);
} attributes[] = {
	{ SPAN_INIT("ADDR"), name_address }, { SPAN_INIT("PORT"), name_port },   { SPAN_INIT("NAME"), name_name },
	{ SPAN_INIT("HELO"), name_helo },    { SPAN_INIT("LOGIN"), name_login }, { SPAN_INIT("PROTO"), name_protocol },
};

/* "[UNAVAILABLE]" and "[TEMPUNAVAIL]" stand for nothing. */
static void identify(struct smtp_session *s, struct smtp_identity *who, struct span text)
{
	struct message_memory *memory = doors_lend(s->session.doors);
	struct span name, value;
	bool wrong;
	while (smtp_attribute_next(&text, &name, &value, &wrong)) {
		struct buf out;
		buf_init(&out, &memory->arena, LIMIT_SMTP_LINE);
		bool known = smtp_xtext_decode(value, &out) && !span_starts(value, SPAN("["));
		for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
			if (span_ieq(name, attributes[i].name))
				attributes[i].tell(who, known ? buf_span(&out) : span_none);
	}
	doors_give_back(s->session.doors, memory);
}

/* Another client, from the beginning. */
void smtp_identity_tell(struct smtp_session *s, const struct smtp_event *event)
{
	smtp_gate_end(s);
	smtp_identity_log_out(s);
	smtp_identity_keep(&s->client.helo, span_none);
	identify(s, &s->client, event->text);
	smtp_next_hop_drop(s); /* it was told of another */
	s->visit.trusted = false;
	smtp_gate_ask(s, GATE_CONNECT);
}

void smtp_identity_forward(struct smtp_session *s, const struct smtp_event *event)
{
	identify(s, &s->forwarded, event->text);
	smtp_session_accept(s);
}
