/* session/milter_session.c - see milter_session.h. One timer, whose meaning is the phase: what the mail server is waited for, or told. */
#include "session/milter_session.h"
#include "base/limits.h"
#include "net/spool.h"
#include "session/envelope.h"
#include "session/milter_answer.h"
#include "session/outside_mark.h"

enum { PROGRESS_SECONDS = 15, NAME_BYTES = 255, WORD_BYTES = 63 };

/* Text of the connection that lives longer than a message; what is longer is cut. */
struct long_text {
	uint8_t n, bytes[NAME_BYTES];
};
struct short_text {
	uint8_t n, bytes[WORD_BYTES];
};
#define KEEP(text, span) keep(&(text).n, (text).bytes, sizeof(text).bytes, (span))
#define KEPT(text) span_of((text).bytes, (text).n)

static void keep(uint8_t *n, uint8_t *bytes, size_t room, struct span s)
{
	s = span_first(s, room);
	*n = (uint8_t)s.n;
	if (s.n)
		memcpy(bytes, s.p, s.n);
}

struct incoming {
	struct spool *spool;
	bool too_large, lost; /* lost: there was no room for it */
	VEC(struct span) recipients;
	struct outside_marks marks;
	struct session_request request;
};

enum phase {
	PHASE_IDLE,    /* between two commands: as long as the mail server's own client may take */
	PHASE_PACKET,  /* in the middle of one */
	PHASE_MESSAGE, /* content comes: the mail server has it already */
	PHASE_JUDGING, /* tell it now and then that work goes on */
};

struct milter_session {
	struct session session; /* first */
	enum phase phase;
	struct milter_engine engine;
	struct message_memory *memory; /* of message; NULL between two */
	struct incoming *message;
	bool macros_of_mail; /* those came that belong to the MAIL that comes next */
	bool has_ip, has_helo;
	struct ip ip;
	struct long_text host, helo, user;
	struct short_text queue_id, tls_version, cipher;
};

static struct milter_session *of(struct session *session) { return (struct milter_session *)session; }
static const struct session_settings *settings_of(const struct milter_session *s) { return session_settings(&s->session); }

static void reply(struct milter_session *s, uint8_t letter)
{
	const uint8_t packet[] = { 0, 0, 0, 1, letter };
	session_send(&s->session, span_of(packet, sizeof packet));
}

static void end_message(struct milter_session *s)
{
	struct incoming *message = s->message;
	if (!message)
		return;
	session_cancel(&s->session);
	spool_drop(message->spool);
	doors_give_back(s->session.doors, s->memory);
	s->message = NULL;
	s->memory = NULL;
}

/* Answers with an outcome of our own making: what could not be judged is deferred or passed, and says why. */
static void answer_outcome(struct milter_session *s, const struct outcome *outcome)
{
	struct arena *arena = &s->memory->arena;
	struct buf out;
	buf_init(&out, arena, LIMIT_MILTER_ANSWER);
	milter_answer_outcome(&out, &s->engine, outcome, arena);
	if (out.full)
		reply(s, 't');
	else
		session_send(&s->session, buf_span(&out));
	milter_engine_answered(&s->engine);
	end_message(s);
}

static void answer_unjudged(struct milter_session *s, bool pass, struct span why)
{
	struct incoming *message = s->message;
	struct arena *arena = &s->memory->arena;
	struct outcome outcome = { .disposition = DISPOSITION_DEFER,
				   .reply_code = 451,
				   .reply_status = SPAN("4.7.1"),
				   .reply_text = arena_join(arena, SPAN("Please try again later: "), why) };
	if (pass && outside_marks_remove(&message->marks, arena, &outcome)) {
		struct header_edit *edit = vec_push(arena, &outcome.edits);
		outcome.disposition = DISPOSITION_DELIVER;
		edit->kind = HEADER_INSERT;
		edit->name = SPAN("X-Postern-Why");
		edit->value = arena_join(arena, SPAN(" not judged: "), why);
	}
	answer_outcome(s, &outcome);
}

static void ask(struct milter_session *s)
{
	struct incoming *message = s->message;
	struct session_request *r = &message->request;
	struct arena *arena = &s->memory->arena;
	r->wish = WISH_JUDGE;
	r->connection.has_ip = s->has_ip;
	r->connection.ip = s->ip;
	r->connection.rdns = envelope_host(KEPT(s->host)); /* sendmail writes an address in brackets for "none" */
	r->connection.helo = s->has_helo ? KEPT(s->helo) : span_none;
	r->connection.auth_user = s->user.n ? KEPT(s->user) : span_none;
	r->connection.recipients = message->recipients.v;
	r->connection.n_recipients = message->recipients.n;
	r->queue_id = KEPT(s->queue_id);
	r->tls = s->tls_version.n ? arena_join(arena, KEPT(s->tls_version), SPAN(" "), KEPT(s->cipher)) : span_none;
	r->message = message->spool;
	message->spool = NULL;
	session_ask(&s->session, r);
}

static void put_content(void *context, struct span bytes)
{
	struct milter_session *s = context;
	struct incoming *message = s->message;
	if (message->too_large || message->lost)
		return;
	if (!message->spool)
		message->spool = spool_new();
	message->too_large = spool_bytes(message->spool) + bytes.n > settings_of(s)->message_bytes;
	message->lost = !message->too_large && spool_add(message->spool, bytes) != ERR_OK;
	if (message->too_large || message->lost) {
		spool_drop(message->spool);
		message->spool = NULL;
	}
}

static void on_negotiate(struct milter_session *s, const struct milter_event *event)
{
	struct message_memory *memory = doors_lend(s->session.doors);
	struct buf out;
	(void)event;
	buf_init(&out, &memory->arena, LIMIT_MILTER_ANSWER);
	milter_engine_agree(&s->engine, &out);
	session_send(&s->session, buf_span(&out));
	doors_give_back(s->session.doors, memory);
}

static void on_new_client(struct milter_session *s, const struct milter_event *event)
{
	(void)event;
	end_message(s);
	s->has_ip = s->has_helo = s->macros_of_mail = false;
	s->host.n = s->helo.n = s->user.n = s->queue_id.n = s->tls_version.n = s->cipher.n = 0;
}

static void on_connect(struct milter_session *s, const struct milter_event *event)
{
	on_new_client(s, event);
	KEEP(s->host, event->text);
	s->has_ip = event->has_ip;
	s->ip = event->ip;
}

static void on_helo(struct milter_session *s, const struct milter_event *event)
{
	KEEP(s->helo, event->text);
	s->has_helo = true;
}

static void forget_macros(struct milter_session *s) { s->user.n = s->queue_id.n = s->tls_version.n = s->cipher.n = 0; }

static void on_macro(struct milter_session *s, const struct milter_event *event)
{
	struct span rest = event->text, name, value;
	if (span_eq(event->name, SPAN("M"))) {
		forget_macros(s);
		s->macros_of_mail = true;
	}
	while (milter_macro_next(&rest, &name, &value)) {
		if (span_eq(name, SPAN("i")))
			KEEP(s->queue_id, value);
		else if (span_eq(name, SPAN("auth_authen")))
			KEEP(s->user, value);
		else if (span_eq(name, SPAN("tls_version")))
			KEEP(s->tls_version, value);
		else if (span_eq(name, SPAN("cipher")))
			KEEP(s->cipher, value);
	}
}

static void on_mail(struct milter_session *s, const struct milter_event *event)
{
	end_message(s);
	if (!s->macros_of_mail)
		forget_macros(s);
	s->macros_of_mail = false;
	s->memory = doors_lend(s->session.doors);
	s->message = arena_new(&s->memory->arena, struct incoming);
	s->message->request.connection.mail_from = envelope_address(&s->memory->arena, event->text);
}

static void on_rcpt(struct milter_session *s, const struct milter_event *event)
{
	struct incoming *message = s->message;
	if (message->recipients.n < LIMIT_ENVELOPE_RECIPIENTS)
		*(struct span *)vec_push(&s->memory->arena, &message->recipients) = envelope_address(&s->memory->arena, event->text);
}

static void on_header(struct milter_session *s, const struct milter_event *event)
{
	outside_marks_note(&s->message->marks, &s->memory->arena, event->name, event->text, settings_of(s)->hostname);
	milter_engine_put_header(&s->engine, event, put_content, s);
}

static void on_end_of_header(struct milter_session *s, const struct milter_event *event)
{
	(void)event;
	put_content(s, SPAN("\r\n"));
}

static void on_body(struct milter_session *s, const struct milter_event *event) { put_content(s, event->text); }

static void on_end(struct milter_session *s, const struct milter_event *event)
{
	struct incoming *message = s->message;
	put_content(s, event->text);
	if (message->too_large)
		answer_unjudged(s, true, SPAN("the message is too large"));
	else if (message->lost || spool_seal(message->spool) != ERR_OK)
		answer_unjudged(s, settings_of(s)->accept_on_failure, SPAN("too many messages came at once"));
	else
		ask(s);
}

static void on_abort(struct milter_session *s, const struct milter_event *event)
{
	(void)event;
	end_message(s);
}

static void on_nothing(struct milter_session *s, const struct milter_event *event)
{
	(void)s;
	(void)event;
}

static void (*const handle[MILTER_EVENTS])(struct milter_session *s, const struct milter_event *event) = {
	[MILTER_NEGOTIATE] = on_negotiate, [MILTER_CONNECT] = on_connect,
	[MILTER_HELO] = on_helo,           [MILTER_MAIL] = on_mail,
	[MILTER_RCPT] = on_rcpt,           [MILTER_DATA] = on_nothing,
	[MILTER_HEADER] = on_header,       [MILTER_END_OF_HEADER] = on_end_of_header,
	[MILTER_BODY] = on_body,           [MILTER_END] = on_end,
	[MILTER_ABORT] = on_abort,         [MILTER_MACRO] = on_macro,
	[MILTER_UNKNOWN] = on_nothing,     [MILTER_NEW_CLIENT] = on_new_client,
	[MILTER_QUIT] = on_nothing,
};

static void arm(struct milter_session *s, enum phase phase)
{
	const uint32_t seconds[] = {
		[PHASE_IDLE] = LIMIT_MILTER_IDLE_SECONDS,
		[PHASE_PACKET] = settings_of(s)->read_seconds,
		[PHASE_MESSAGE] = settings_of(s)->read_seconds,
		[PHASE_JUDGING] = PROGRESS_SECONDS,
	};
	s->phase = phase;
	session_deadline(&s->session, seconds[phase]);
}

/* The time of a phase runs from its beginning, so that a byte now and then buys nothing; between commands it begins with each. */
static void see_phase(struct milter_session *s)
{
	enum milter_state state = s->engine.state;
	enum phase phase = state == MILTER_JUDGING                                ? PHASE_JUDGING
			   : state == MILTER_IN_HEADER || state == MILTER_IN_BODY ? PHASE_MESSAGE
			   : evbuffer_get_length(session_input(&s->session)) > 0  ? PHASE_PACKET
										  : PHASE_IDLE;
	if (phase != s->phase || phase == PHASE_IDLE)
		arm(s, phase);
}

static void answered(struct session *session, struct session_request *request)
{
	struct milter_session *s = of(session);
	bool accept = settings_of(s)->accept_on_failure;
	if (request->answer == ANSWERED && request->outcome)
		answer_outcome(s, request->outcome);
	else if (request->answer == ANSWERED_TOO_LARGE)
		answer_unjudged(s, true, SPAN("the message is too large"));
	else
		answer_unjudged(s, accept, request->reply.n ? request->reply : SPAN("the message could not be checked just now"));
	see_phase(s); /* who has the answer is told no more that work goes on */
}

static void on_late(struct session *session)
{
	struct milter_session *s = of(session);
	if (s->phase == PHASE_JUDGING) {
		reply(s, 'p');
		arm(s, PHASE_JUDGING);
		return;
	}
	if (s->phase != PHASE_IDLE)
		session_trouble(session, "a mail server stopped in the middle of a %s", s->phase == PHASE_PACKET ? "command" : "message");
	session_close(session);
}

/* False: the conversation is over. */
static bool take_event(struct milter_session *s, const struct milter_event *event)
{
	if (event->kind == MILTER_QUIT)
		return false;
	handle[event->kind](s, event);
	if (event->wants_reply)
		reply(s, event->kind == MILTER_BODY && s->message->too_large && s->engine.steps & MILTER_SKIPS ? 's' : 'c');
	return evbuffer_get_length(session_output(&s->session)) <= LIMIT_SESSION_OUTPUT + LIMIT_MILTER_ANSWER;
}

static void on_read(struct session *session)
{
	struct milter_session *s = of(session);
	for (size_t have; (have = evbuffer_get_length(session_input(session))) > 0;) {
		struct milter_event event;
		size_t used;
		enum milter_step step = milter_engine_step(&s->engine, session_look(session, s->engine.need), &used, &event);
		if (step == MILTER_MORE && s->engine.need <= have)
			continue;
		if (step == MILTER_MORE)
			break;
		if (step == MILTER_BAD)
			session_trouble(session, "a mail server was hung up on: %s", s->engine.why);
		if (step == MILTER_BAD || !take_event(s, &event)) {
			session_close(session);
			return;
		}
		session_take(session, used);
	}
	see_phase(s);
}

static void begin(struct session *session)
{
	struct milter_session *s = of(session);
	const struct timeval write_wait = { settings_of(s)->idle_seconds, 0 };
	milter_engine_init(&s->engine);
	bufferevent_set_timeouts(session->socket, NULL, &write_wait);
	arm(s, PHASE_PACKET);
}

static void end(struct session *session) { end_message(of(session)); }

const struct session_kind milter_session_kind = {
	.door = DOOR_MILTER,
	.bytes = sizeof(struct milter_session),
	.read_ahead = LIMIT_MILTER_PACKET + 4,
	.begin = begin,
	.read = on_read,
	.late = on_late,
	.answered = answered,
	.end = end,
};
