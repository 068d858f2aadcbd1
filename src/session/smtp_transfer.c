/* session/smtp_transfer.c - one message between a client and the next hop: its envelope given on as it comes, its content judged when it is
 * whole, and then given on as the judgement says; see smtp_parts.h.
 *
 * What the next hop must hear before it can answer what the client asked is worked out anew each time (give_next): RSET where a transaction
 * was left open, XFORWARD, MAIL, the recipients it does not have yet. So a message of which some recipients are withheld is begun again
 * without them, by the same few lines that gave the first of them. */
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "net/spool.h"
#include "session/envelope.h"
#include "session/outside_mark.h"
#include "session/smtp_parts.h"
#include "session/smtp_received.h"

enum { AT_ONCE = 256 * 1024, PIECE = 64 * 1024 };

static struct arena *arena_of(struct smtp_session *s) { return &s->memory->arena; }

/* The envelope. */

static struct smtp_parameters copy_parameters(struct arena *arena, const struct smtp_parameters *from)
{
	struct smtp_parameters p = *from;
	struct span *const texts[] = { &p.auth, &p.ret, &p.envid, &p.notify, &p.orcpt };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i]->p)
			*texts[i] = arena_dup(arena, *texts[i]);
	return p;
}

void smtp_transfer_begin(struct smtp_session *s, const struct smtp_event *mail)
{
	smtp_transfer_forget(s);
	s->memory = doors_lend(s->session.doors);
	s->transfer = arena_new(arena_of(s), struct smtp_transfer);
	s->transfer->sender = envelope_address(arena_of(s), mail->path.address);
	s->transfer->parameters = copy_parameters(arena_of(s), &mail->parameters);
}

void smtp_transfer_add(struct smtp_session *s, const struct smtp_event *rcpt)
{
	struct smtp_recipient *recipient = arena_new(arena_of(s), struct smtp_recipient);
	recipient->address = envelope_address(arena_of(s), rcpt->path.address);
	recipient->parameters = copy_parameters(arena_of(s), &rcpt->parameters);
	s->transfer->trying = recipient;
}

void smtp_transfer_take(struct smtp_session *s, struct span content)
{
	struct smtp_transfer *t = s->transfer;
	if (t->lost)
		return;
	if (!t->spool)
		t->spool = spool_new();
	t->lost = spool_add(t->spool, content) != ERR_OK;
	if (t->lost) {
		spool_drop(t->spool);
		t->spool = NULL;
	}
}

void smtp_transfer_forget(struct smtp_session *s)
{
	if (!s->transfer)
		return;
	session_cancel(&s->session);
	spool_drop(s->transfer->spool);
	s->hop_dirty |= s->hop_mail;
	smtp_session_forget_forwarded(s);
	doors_give_back(s->session.doors, s->memory);
	s->transfer = NULL;
	s->memory = NULL;
}

/* The final reply. */

static void over(struct smtp_session *s)
{
	smtp_server_answered(&s->engine, SMTP_ACCEPTED);
	smtp_transfer_forget(s);
	s->doing = SMTP_HEARING;
}

void smtp_transfer_finish(struct smtp_session *s, uint16_t code, struct span status, struct span text)
{
	for (uint32_t n = smtp_session_is_lmtp(s) ? s->engine.recipients : 1; n > 0; n--)
		smtp_session_say_line(s, code, status, text);
	over(s);
}

static void put_off(struct smtp_session *s, struct span why)
{
	struct span text = arena_join(arena_of(s), SPAN("Please try again later: "), why);
	smtp_transfer_finish(s, 451, SPAN("4.3.0"), text);
}

/* LMTP: each as its own turned out; who has no reply was withheld, and it is kept for him. */
static void finish_each(struct smtp_session *s)
{
	struct smtp_transfer *t = s->transfer;
	for (uint32_t i = 0; i < t->recipients.n; i++) {
		struct smtp_recipient *r = &t->recipients.v[i];
		struct span text = r->says, status = smtp_reply_status(&text);
		if (r->withheld)
			smtp_session_say_line(s, 250, SPAN("2.0.0"), SPAN("Accepted"));
		else if (r->code)
			smtp_session_say_line(s, r->code, status, text);
		else
			smtp_session_say_line(s, 451, SPAN("4.3.0"), SPAN("Please try again later"));
	}
	over(s);
}

/* Where the next hop did not do as it should: the command at hand, or the message, is put off. */
static void fail(struct smtp_session *s, uint16_t code, struct span status, struct span text)
{
	if (s->engine.state == SMTP_JUDGING)
		smtp_transfer_finish(s, code, status, text);
	else
		smtp_session_refuse_line(s, code, status, text);
}

/* What the next hop said, in our line. 421 is about its connection to us, not about the client's to us. */
static void fail_as(struct smtp_session *s, uint16_t code, struct span reply)
{
	struct span text = SPAN(""), status;
	smtp_reply_line(&reply, &text);
	status = smtp_reply_status(&text);
	if (code < 400 || code == 421)
		fail(s, 451, SPAN("4.3.0"), SPAN("Please try again later"));
	else
		fail(s, code, status, text);
}

/* The message on its way. */

/* The fields that only this server may write, where the message is not judged. False: too many. */
static bool remove_marks(struct smtp_session *s, struct span header, struct outcome *outcome)
{
	struct outside_marks marks = { .too_many = false };
	struct arena *arena = arena_of(s);
	size_t from = 0;
	while (from < header.n) {
		size_t to = from, colon;
		do {
			size_t end = span_find_byte(header, '\n', to);
			to = end == SPAN_NPOS ? header.n : end + 1;
		} while (span_at(header, to) == ' ' || span_at(header, to) == '\t');
		struct span field = span_slice(header, from, to), name;
		uint32_t before = marks.list.n;
		colon = span_find_byte(field, ':', 0);
		name = span_trim(span_first(field, colon == SPAN_NPOS ? 0 : colon));
		outside_marks_note(&marks, arena, name, span_skip(field, colon == SPAN_NPOS ? 0 : colon + 1),
				   session_settings(&s->session)->hostname);
		if (marks.list.n > before) {
			marks.list.v[before].from = (uint32_t)from;
			marks.list.v[before].to = (uint32_t)to;
		}
		from = to;
	}
	return outside_marks_remove(&marks, arena, outcome);
}

static size_t header_end(struct span raw)
{
	if (span_starts(raw, SPAN("\r\n")))
		return 0;
	size_t end = span_find(raw, SPAN("\r\n\r\n"), 0);
	return end == SPAN_NPOS ? raw.n : end + 2;
}

/* Where the next hop did not hear from us who the client is, the message says it. */
static void put_received(struct smtp_session *s, struct buf *out)
{
	const struct smtp_origin *o = smtp_hop_origin(s->hop);
	const struct smtp_received received = { .helo = o->helo,
						.has_ip = o->has_ip,
						.ip = o->ip,
						.host = session_settings(&s->session)->hostname,
						.lmtp = smtp_session_is_lmtp(s),
						.esmtp = o->esmtp,
						.tls = s->engine.tls,
						.time = clock_now() };
	if (!smtp_hop_engine(s->hop)->presented)
		smtp_received_put(&received, out);
}

/* The header with its edits, and the body as it is in the spool. */
static void prepare(struct smtp_session *s, const struct outcome *outcome)
{
	struct smtp_transfer *t = s->transfer;
	struct span raw = spool_span(t->spool);
	size_t end = header_end(raw);
	struct buf out;
	buf_init(&out, arena_of(s), SIZE_MAX);
	put_received(s, &out);
	outcome_edit(outcome, span_first(raw, end), SPAN("\r\n"), &out);
	t->head = buf_span(&out);
	t->body = span_skip(raw, end);
}

static void withhold(struct smtp_session *s, const struct outcome *outcome)
{
	struct smtp_transfer *t = s->transfer;
	for (uint32_t i = 0; i < outcome->withhold.n; i++)
		for (uint32_t j = 0; j < t->recipients.n; j++)
			t->recipients.v[j].withheld |= span_eq(t->recipients.v[j].address, outcome->withhold.v[i]);
	s->hop_dirty = outcome->withhold.n > 0; /* it has those recipients: begun again without them */
}

static void send_on(struct smtp_session *s, const struct outcome *outcome)
{
	struct smtp_transfer *t = s->transfer;
	bool anybody = false;
	if (!s->hop) {
		put_off(s, SPAN("the mail server behind this one is gone"));
		return;
	}
	withhold(s, outcome);
	for (uint32_t i = 0; i < t->recipients.n; i++)
		anybody |= !t->recipients.v[i].withheld;
	if (!anybody) {
		smtp_transfer_finish(s, 250, SPAN("2.0.0"), arena_join(arena_of(s), SPAN("Accepted "), outcome->id));
		return;
	}
	prepare(s, outcome);
	t->going = true;
	smtp_transfer_ask_hop(s);
}

/* Judged. */

static void unjudged(struct smtp_session *s, struct span why)
{
	struct arena *arena = arena_of(s);
	struct outcome outcome = { .disposition = DISPOSITION_DELIVER };
	struct span raw = spool_span(s->transfer->spool);
	if (!session_settings(&s->session)->accept_on_failure || !remove_marks(s, span_first(raw, header_end(raw)), &outcome)) {
		put_off(s, why);
		return;
	}
	*(struct header_edit *)vec_push(arena, &outcome.edits) = (struct header_edit){
		.kind = HEADER_INSERT, .name = SPAN("X-Postern-Why"), .value = arena_join(arena, SPAN(" not judged: "), why)
	};
	send_on(s, &outcome);
}

static void carry_out(struct smtp_session *s, const struct outcome *o)
{
	switch (o->disposition) {
	case DISPOSITION_REJECT:
	case DISPOSITION_DEFER:
		smtp_transfer_finish(s, (uint16_t)o->reply_code, arena_dup(arena_of(s), o->reply_status),
				     arena_dup(arena_of(s), o->reply_text));
		break;
	case DISPOSITION_STORE: smtp_transfer_finish(s, 250, SPAN("2.0.0"), arena_join(arena_of(s), SPAN("Accepted "), o->id)); break;
	default: send_on(s, o); break;
	}
}

void smtp_transfer_answered(struct session *session, struct session_request *request)
{
	struct smtp_session *s = smtp_session_of(session);
	s->doing = SMTP_HEARING;
	if (request->answer == ANSWERED && request->outcome)
		carry_out(s, request->outcome);
	else
		unjudged(s, request->reply.n ? arena_dup(arena_of(s), request->reply) : SPAN("the message could not be checked just now"));
	smtp_session_go_on(s);
}

void smtp_transfer_judge(struct smtp_session *s)
{
	struct smtp_transfer *t = s->transfer;
	struct session_request *r = &t->request;
	const struct smtp_identity *who = s->forwarded.has_ip ? &s->forwarded : &s->client;
	if (!t->spool)
		t->spool = spool_new();
	if (spool_seal(t->spool) != ERR_OK || (spool_bytes(t->spool) && !spool_span(t->spool).p)) {
		put_off(s, SPAN("too many messages came at once"));
		return;
	}
	t->addresses = arena_alloc(arena_of(s), (t->recipients.n + 1) * sizeof *t->addresses);
	for (uint32_t i = 0; i < t->recipients.n; i++)
		t->addresses[i] = t->recipients.v[i].address;
	*r = (struct session_request){ .wish = WISH_JUDGE, .message = spool_hold(t->spool) };
	r->connection = (struct connection){ .has_ip = who->has_ip,
					     .ip = who->ip,
					     .rdns = envelope_host(who->name),
					     .helo = who->helo,
					     .auth_user = who->login,
					     .mail_from = t->sender,
					     .recipients = t->addresses,
					     .n_recipients = t->recipients.n };
	r->tls = s->engine.tls ? session_tls(&s->session, arena_of(s)) : span_none;
	s->doing = SMTP_WEIGHING;
	s->visit.judged++;
	session_ask(&s->session, r);
}

/* The next hop. */

static void to_hop(struct smtp_session *s, const struct buf *out)
{
	smtp_hop_send(s->hop, buf_span(out));
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
		to_hop(s, out);
		return;
	}
	smtp_client_chunk(e, t->head.n + t->body.n, out);
	to_hop(s, out);
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
		to_hop(s, out);
	return err;
}

static void on_ready(void *context)
{
	struct smtp_session *s = context;
	s->hop_ready = true;
	if (s->doing == SMTP_SENDING)
		smtp_transfer_ask_hop(s);
	smtp_session_go_on(s);
}

void smtp_transfer_drop_hop(struct smtp_session *s)
{
	smtp_hop_free(s->hop);
	s->hop = NULL;
	s->hop_ready = s->hop_dirty = s->hop_told = s->hop_mail = false;
}

static void on_lost(void *context, uint16_t code, struct span why)
{
	struct smtp_session *s = context;
	session_trouble(&s->session, "the mail server behind us is gone or refuses us: %u %.*s", code, SPAN_ARG(why));
	smtp_transfer_drop_hop(s);
	if (s->doing == SMTP_SENDING)
		fail(s, 451, SPAN("4.4.1"), SPAN("Please try again later: the mail server behind this one does not answer"));
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
		fail_as(s, event->code, event->reply);
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
		smtp_transfer_drop_hop(s);
	if (smtp_session_is_lmtp(s))
		finish_each(s);
	else if (whole || event->code / 100 == 5)
		smtp_transfer_finish(s, event->code, status, says);
	else
		put_off(s, SPAN("the mail server behind this one broke off"));
}

static void on_answered(void *context, const struct smtp_client_event *event)
{
	struct smtp_session *s = context;
	bool good = event->code / 100 == 2;
	bool more = false;
	if (!s->transfer || s->doing != SMTP_SENDING) { /* the client thought better of it */
		s->hop_dirty |= event->to == SMTP_CLIENT_AT_MAIL && good;
		if (event->to == SMTP_CLIENT_AT_RSET)
			on_rset(s);
		if (event->code == 421)
			smtp_transfer_drop_hop(s);
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
		smtp_transfer_ask_hop(s);
	else if (s->doing == SMTP_SENDING && event->to != SMTP_CLIENT_AT_END)
		fail_as(s, event->code, event->reply);
	if (event->code == 421 && s->hop)
		smtp_transfer_drop_hop(s);
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
	const struct smtp_client_options options = { .lmtp = smtp_session_is_lmtp(s),
						     .hostname = settings->hostname };
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

void smtp_transfer_ask_hop(struct smtp_session *s)
{
	struct message_memory *memory;
	struct buf out;
	s->doing = SMTP_SENDING;
	session_no_deadline(&s->session);
	if (!s->hop && s->due.kind == SMTP_MAIL)
		connect_hop(s);
	if (!s->hop) {
		fail(s, 451, SPAN("4.4.1"), SPAN("Please try again later: the mail server behind this one is gone"));
		return;
	}
	fill_origin(s);
	if (!s->hop_ready || !smtp_hop_idle(s->hop))
		return; /* it will say when it is */
	memory = doors_lend(s->session.doors);
	buf_init(&out, &memory->arena, SIZE_MAX);
	int err = give_next(s, &out);
	if (err == ERR_UNSUPPORTED)
		fail(s, 550, SPAN("5.6.7"), SPAN("The mail server behind this one takes no addresses beyond ASCII"));
	else if (err != ERR_OK)
		fail(s, 501, SPAN("5.1.3"), SPAN("The address is malformed"));
	doors_give_back(s->session.doors, memory);
}
