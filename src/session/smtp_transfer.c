/* session/smtp_transfer.c - one message of a client: its envelope, its content judged when it is whole, what is done with it then, and the
 * last reply; see smtp_parts.h. Giving it to the next hop is smtp_next_hop.c's. */
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "net/spool.h"
#include "session/envelope.h"
#include "session/outside_mark.h"
#include "session/smtp_parts.h"
#include "session/smtp_received.h"

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
	smtp_identity_forget_forwarded(s);
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

void smtp_transfer_put_off(struct smtp_session *s, struct span why)
{
	struct span text = arena_join(arena_of(s), SPAN("Please try again later: "), why);
	smtp_transfer_finish(s, 451, SPAN("4.3.0"), text);
}

/* LMTP: each as its own turned out; who has no reply was withheld, and it is kept for him. */
void smtp_transfer_finish_each(struct smtp_session *s)
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
void smtp_transfer_fail(struct smtp_session *s, uint16_t code, struct span status, struct span text)
{
	if (s->engine.state == SMTP_JUDGING)
		smtp_transfer_finish(s, code, status, text);
	else
		smtp_session_refuse_line(s, code, status, text);
}

/* What the next hop said, in our line. 421 is about its connection to us, not about the client's to us. */
void smtp_transfer_fail_as(struct smtp_session *s, uint16_t code, struct span reply)
{
	struct span text = SPAN(""), status;
	smtp_reply_line(&reply, &text);
	status = smtp_reply_status(&text);
	if (code < 400 || code == 421)
		smtp_transfer_fail(s, 451, SPAN("4.3.0"), SPAN("Please try again later"));
	else
		smtp_transfer_fail(s, code, status, text);
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
						.authenticated = s->engine.authenticated,
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
		smtp_transfer_put_off(s, SPAN("the mail server behind this one is gone"));
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
	smtp_next_hop_ask(s);
}

/* Judged. */

static void unjudged(struct smtp_session *s, struct span why)
{
	struct arena *arena = arena_of(s);
	struct outcome outcome = { .disposition = DISPOSITION_DELIVER };
	struct span raw = spool_span(s->transfer->spool);
	if (!session_settings(&s->session)->accept_on_failure || !remove_marks(s, span_first(raw, header_end(raw)), &outcome)) {
		smtp_transfer_put_off(s, why);
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
		smtp_transfer_put_off(s, SPAN("too many messages came at once"));
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
