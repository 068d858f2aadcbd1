/* session/smtp_next_hop.c - what the next hop is told on behalf of a client, and what the client is told in turn; see smtp_parts.h.
 *
 * What the next hop must hear before it can answer what the client asked is worked out anew each time (give_next): RSET where a transaction
 * was left open, XFORWARD, MAIL, the recipients it does not have yet. So a message of which some recipients are withheld is begun again
 * without them, by the same few lines that gave the first of them. */
#include "base/err.h"
#include "session/smtp_parts.h"

enum { AT_ONCE = 256 * 1024, PIECE = 64 * 1024 };

static struct arena *arena_of(struct smtp_session *s) { return &s->memory->arena; }

void smtp_next_hop_send(struct smtp_session *s, const struct buf *command)
{
	smtp_hop_send(s->hop, buf_span(command));
	s->doing = SMTP_SENDING;
}

/* As much of the message as may be under way at once; the rest when that is written. */
static void pump(struct smtp_session *s)
{
	struct smtp_transfer *t = s->transfer;
	while (t->writing && smtp_hop_unsent(s->hop) < AT_ONCE) {
		struct span *from = t->head.n ? &t->head : &t->body, piece;
		if (t->chunked) {
			piece = span_first(*from, PIECE);
			*from = span_skip(*from, piece.n);
			t->writing = piece.n > 0;
		} else if (!smtp_stuffing_next(&t->stuffing, &piece)) {
			t->writing = from->n > 0;
			piece = t->writing ? SPAN("") : smtp_stuffing_end(&t->stuffing);
			smtp_stuffing_add(&t->stuffing, *from);
			*from = span_none;
		}
		if (piece.n)
			smtp_hop_send(s->hop, piece);
	}
}

static void give_message(struct smtp_session *s, struct buf *out)
{
	struct smtp_transfer *t = s->transfer;
	struct smtp_client_engine *e = smtp_hop_engine(s->hop);
	t->chunked = e->offers & SMTP_CHUNKING;
	if (!t->chunked) {
		smtp_client_data(e, out);
		smtp_next_hop_send(s, out);
		return;
	}
	smtp_client_chunk(e, t->head.n + t->body.n, out);
	smtp_next_hop_send(s, out);
	t->writing = true;
	pump(s);
}

static struct smtp_recipient *next_recipient(struct smtp_transfer *t)
{
	for (uint32_t i = 0; i < t->recipients.n; i++)
		if (!t->recipients.v[i].given && !t->recipients.v[i].withheld)
			return &t->recipients.v[i];
	return t->trying;
}

/* ERR_OK: it is under way. */
static int give_next(struct smtp_session *s, struct buf *out)
{
	struct smtp_client_engine *e = smtp_hop_engine(s->hop);
	struct smtp_transfer *t = s->transfer;
	struct smtp_recipient *r = next_recipient(t);
	int err = ERR_OK;
	if (s->hop_dirty) {
		smtp_client_rset(e, out);
	} else if (!s->hop_mail && !s->hop_told && smtp_client_xforward(e, out)) {
		s->hop_told = true;
	} else if (!s->hop_mail) {
		err = smtp_client_mail(e, t->sender, &t->parameters, out);
	} else if (r) {
		err = smtp_client_rcpt(e, r->address, &r->parameters, out);
	} else {
		give_message(s, out);
		return ERR_OK;
	}
	if (err == ERR_OK)
		smtp_next_hop_send(s, out);
	return err;
}

static void on_ready(void *context)
{
	struct smtp_session *s = context;
	s->hop_ready = true;
	if (s->doing == SMTP_SENDING && s->due.kind == SMTP_HELO)
		smtp_auth_hop_is_ready(s);
	else if (s->doing == SMTP_SENDING)
		smtp_next_hop_ask(s);
	smtp_session_go_on(s);
}

void smtp_next_hop_drop(struct smtp_session *s)
{
	smtp_hop_free(s->hop);
	s->hop = NULL;
	s->hop_ready = s->hop_dirty = s->hop_told = s->hop_mail = false;
}

static void on_lost(void *context, uint16_t code, struct span why)
{
	struct smtp_session *s = context;
	session_trouble(&s->session, "the mail server behind us is gone or refuses us: %u %.*s", code, SPAN_ARG(why));
	smtp_next_hop_drop(s);
	if (s->doing == SMTP_SENDING && s->due.kind == SMTP_HELO)
		smtp_auth_hop_is_ready(s);
	else if (s->doing == SMTP_SENDING && (s->due.kind == SMTP_LOGIN || s->due.kind == SMTP_LOGIN_LINE))
		smtp_auth_put_off(s);
	else if (s->doing == SMTP_SENDING)
		smtp_transfer_fail(s, 451, SPAN("4.4.1"), SPAN("Please try again later: the mail server behind this one does not answer"));
	smtp_session_go_on(s);
}

static void on_rset(struct smtp_session *s)
{
	struct smtp_transfer *t = s->transfer;
	s->hop_dirty = s->hop_mail = s->hop_told = false;
	for (uint32_t i = 0; t && i < t->recipients.n; i++)
		t->recipients.v[i].given = false;
}

/* True: more must be said before the client can be answered. */
static bool on_rcpt(struct smtp_session *s, const struct smtp_client_event *event)
{
	struct smtp_transfer *t = s->transfer;
	struct smtp_recipient *r = next_recipient(t);
	if (event->code / 100 != 2) {
		s->visit.unknown += event->code == 550 || event->code == 551 || event->code == 553;
		smtp_transfer_fail_as(s, event->code, event->reply);
		return false;
	}
	r->given = true;
	if (r != t->trying)
		return true;
	*(struct smtp_recipient *)vec_push(arena_of(s), &t->recipients) = *r;
	t->trying = NULL;
	smtp_session_accept(s);
	return false;
}

static struct smtp_recipient *recipient_of(struct smtp_transfer *t, uint32_t n)
{
	for (uint32_t i = 0; i < t->recipients.n; i++)
		if (t->recipients.v[i].given && n-- == 0)
			return &t->recipients.v[i];
	return NULL;
}

static void on_end(struct smtp_session *s, const struct smtp_client_event *event)
{
	struct smtp_transfer *t = s->transfer;
	struct span rest = event->reply, text = SPAN("");
	struct smtp_recipient *r = recipient_of(t, event->recipient);
	smtp_reply_line(&rest, &text);
	bool whole = !t->writing && event->code != 421;
	if (r) {
		r->code = whole || event->code / 100 == 5 ? event->code : 451;
		r->says = arena_dup(arena_of(s), text);
	}
	if (!event->last)
		return;
	s->hop_mail = s->hop_told = false;
	if (event->code / 100 == 2 && whole)
		s->visit.messages++;
	struct span says = arena_dup(arena_of(s), text), status = smtp_reply_status(&says);
	if (!whole) /* in the middle of its own sentence it is of no more use */
		smtp_next_hop_drop(s);
	if (smtp_session_is_lmtp(s))
		smtp_transfer_finish_each(s);
	else if (whole || event->code / 100 == 5)
		smtp_transfer_finish(s, event->code, status, says);
	else
		smtp_transfer_put_off(s, SPAN("the mail server behind this one broke off"));
}

static void on_answered(void *context, const struct smtp_client_event *event)
{
	struct smtp_session *s = context;
	bool good = event->code / 100 == 2;
	bool more = false;
	if (event->to == SMTP_CLIENT_AT_OTHER && s->doing == SMTP_SENDING) {
		bool over = event->code == 421;
		smtp_auth_answered(s, event);
		if (over)
			smtp_next_hop_drop(s);
		smtp_session_go_on(s);
		return;
	}
	if (!s->transfer || s->doing != SMTP_SENDING) { /* the client thought better of it */
		s->hop_dirty |= event->to == SMTP_CLIENT_AT_MAIL && good;
		if (event->to == SMTP_CLIENT_AT_RSET)
			on_rset(s);
		if (event->code == 421)
			smtp_next_hop_drop(s);
		return;
	}
	switch (event->to) {
	case SMTP_CLIENT_AT_RSET:
		on_rset(s);
		more = good;
		break;
	case SMTP_CLIENT_AT_XFORWARD: more = true; break;
	case SMTP_CLIENT_AT_MAIL: more = s->hop_mail = good; break;
	case SMTP_CLIENT_AT_RCPT: more = on_rcpt(s, event); break;
	case SMTP_CLIENT_AT_DATA:
		if (event->code == 354) {
			s->transfer->writing = true;
			pump(s);
			return;
		}
		good = false;
		break;
	case SMTP_CLIENT_AT_END: on_end(s, event); break;
	default: break;
	}
	if (more && event->to == SMTP_CLIENT_AT_MAIL && s->due.kind == SMTP_MAIL) {
		smtp_session_accept(s);
		more = false;
	}
	if (more)
		smtp_next_hop_ask(s);
	else if (s->doing == SMTP_SENDING && event->to != SMTP_CLIENT_AT_END)
		smtp_transfer_fail_as(s, event->code, event->reply);
	if (event->code == 421 && s->hop)
		smtp_next_hop_drop(s);
	smtp_session_go_on(s);
}

static void on_written(void *context)
{
	struct smtp_session *s = context;
	if (s->transfer && s->transfer->writing)
		pump(s);
}

static void connect_hop(struct smtp_session *s)
{
	static const struct smtp_hop_events events = { .ready = on_ready, .answered = on_answered, .written = on_written, .lost = on_lost };
	const struct session_settings *settings = session_settings(&s->session);
	const struct smtp_client_options options = { .lmtp = smtp_session_is_lmtp(s), .hostname = settings->hostname };
	s->hop =
	    smtp_hop_new(s->session.doors, options.lmtp ? settings->smtp.next_hop_lmtp : settings->smtp.next_hop, &options, &events, s);
}

/* For whom we speak, by the time we do. */
static void fill_origin(struct smtp_session *s)
{
	const struct smtp_identity *who = s->forwarded.has_ip ? &s->forwarded : &s->client;
	*smtp_hop_origin(s->hop) = (struct smtp_origin){ .has_ip = who->has_ip,
							 .ip = who->ip,
							 .port = who->port,
							 .name = who->name,
							 .helo = who->helo,
							 .login = who->login,
							 .esmtp = who->esmtp };
}

void smtp_next_hop_open(struct smtp_session *s)
{
	if (!s->hop)
		connect_hop(s);
	fill_origin(s);
}

void smtp_next_hop_ask(struct smtp_session *s)
{
	struct message_memory *memory;
	struct buf out;
	s->doing = SMTP_SENDING;
	session_no_deadline(&s->session);
	if (s->due.kind == SMTP_MAIL)
		smtp_next_hop_open(s);
	if (!s->hop) {
		smtp_transfer_fail(s, 451, SPAN("4.4.1"), SPAN("Please try again later: the mail server behind this one is gone"));
		return;
	}
	fill_origin(s);
	if (!s->hop_ready || !smtp_hop_idle(s->hop))
		return; /* it will say when it is */
	memory = doors_lend(s->session.doors);
	buf_init(&out, &memory->arena, SIZE_MAX);
	int err = give_next(s, &out);
	if (err == ERR_UNSUPPORTED)
		smtp_transfer_fail(s, 550, SPAN("5.6.7"), SPAN("The mail server behind this one takes no addresses beyond ASCII"));
	else if (err != ERR_OK)
		smtp_transfer_fail(s, 501, SPAN("5.1.3"), SPAN("The address is malformed"));
	doors_give_back(s->session.doors, memory);
}
