/* session/policy_session.c - see policy_session.h */
#include "session/policy_session.h"
#include "session/policy_engine.h"

struct policy_session {
	struct session session; /* first */
	struct gate_visit visit;
	struct ip own;
	enum gate_stage stage, last; /* the one that is asked now, and the one this question comes to */
	size_t question;             /* bytes of it, which stay in the input until it is answered; 0: none is under way */
};

static struct policy_session *of(struct session *session) { return (struct policy_session *)session; }

static bool ask_gate(struct policy_session *s, enum gate_stage stage)
{
	const struct session_handlers *handlers = s->session.doors->handlers;
	return handlers->gate ? handlers->gate(handlers->context, &s->visit, stage) : true;
}

static void leave(struct policy_session *s)
{
	if (s->question)
		ask_gate(s, GATE_END);
	s->question = 0;
}

static void answer(struct policy_session *s)
{
	struct message_memory *memory = doors_lend(s->session.doors);
	struct buf out;
	size_t bytes = s->question;
	buf_init(&out, &memory->arena, POLICY_BYTES);
	policy_answer(&s->visit.reply, &out);
	session_send(&s->session, buf_span(&out));
	doors_give_back(s->session.doors, memory);
	leave(s);
	session_take(&s->session, bytes);
	session_deadline(&s->session, session_settings(&s->session)->idle_seconds);
}

/* Stage after stage; false: an answer is to come. */
static bool go_on(struct policy_session *s)
{
	for (; s->stage <= s->last; s->stage++) {
		if (s->visit.reply.answer != GATE_PASS)
			break;
		if (!ask_gate(s, s->stage))
			return false;
	}
	answer(s);
	return true;
}

static void read_questions(struct session *session);

static void gate_done(struct gate_visit *visit)
{
	struct policy_session *s = visit->session;
	s->stage++;
	if (go_on(s))
		read_questions(&s->session);
}

/* False: it asks what has no answer here. */
static bool visit_of(struct policy_session *s, const struct policy_question *q)
{
	static const enum gate_stage stages[] = { [POLICY_CONNECT] = GATE_CONNECT,
						  [POLICY_HELO] = GATE_HELO,
						  [POLICY_MAIL] = GATE_MAIL,
						  [POLICY_RCPT] = GATE_RCPT,
						  [POLICY_DATA] = GATE_DATA };
	uint64_t port = 0;
	s->visit = (struct gate_visit){ .inner = true, .done = gate_done, .session = s };
	if (q->state == POLICY_OTHER || !ip_parse(q->address, &s->visit.ip))
		return false;
	if (q->own.n && ip_parse(q->own, &s->own))
		s->visit.own = &s->own;
	span_to_uint(q->port, UINT16_MAX, &port);
	s->visit.port = (uint16_t)port;
	s->visit.esmtp = span_eq(q->protocol, SPAN("ESMTP"));
	s->visit.auth_user = q->user;
	s->visit.tls = q->tls_protocol.n ? q->tls_protocol : span_none;
	s->last = stages[q->state];
	s->visit.helo = s->last >= GATE_HELO ? q->helo : span_none;
	s->visit.mail_from = s->last >= GATE_MAIL ? q->sender : span_none;
	s->visit.recipient = s->last == GATE_RCPT ? q->recipient : span_none;
	return true;
}

static void read_questions(struct session *session)
{
	struct policy_session *s = of(session);
	while (!s->question) {
		struct policy_question q;
		int n = policy_question_read(session_look(session, POLICY_BYTES + 1), &q);
		if (n < 0) {
			session_trouble(session, "what was sent is no question of Postfix's policy protocol");
			session_close(session);
			return;
		}
		if (n == 0)
			return;
		s->question = (size_t)n;
		s->stage = GATE_CONNECT;
		if (!visit_of(s, &q)) {
			s->visit.reply.answer = GATE_PASS;
			s->last = GATE_CONNECT;
			s->stage = GATE_HELO; /* nothing to ask */
		}
		session_no_deadline(session);
		if (!go_on(s))
			return;
	}
}

static void begin(struct session *session) { session_deadline(session, session_settings(session)->idle_seconds); }

static void end(struct session *session) { leave(of(session)); }

const struct session_kind policy_session_kind = {
	.door = DOOR_POLICY,
	.bytes = sizeof(struct policy_session),
	.read_ahead = POLICY_BYTES + 1,
	.begin = begin,
	.read = read_questions,
	.end = end,
};
