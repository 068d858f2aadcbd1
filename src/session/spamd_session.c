/* session/spamd_session.c - see spamd_session.h. A client that has sent all usually closes its half of the connection: it still waits. */
#include "session/spamd_session.h"
#include "base/limits.h"
#include "net/spool.h"
#include "session/envelope.h"
#include "session/spamd_answer.h"
#include "session/unpack.h"

enum progress {
	READING,
	JUDGING,
	ANSWERING, /* until all of it is sent */
	LINGERING,
};

struct spamd_session {
	struct session session; /* first */
	enum progress progress;
	bool heard_all; /* the client has closed its half */
	struct spamd_engine engine;
	struct message_memory *memory; /* from the first header line on */
	struct envelope envelope;
	struct spool *spool;
	struct unpack *unpack; /* of a packed body */
	struct session_request request;
};

static struct spamd_session *of(struct session *session) { return (struct spamd_session *)session; }

static void end(struct session *session)
{
	struct spamd_session *s = of(session);
	spool_drop(s->spool);
	unpack_free(s->unpack);
	doors_give_back(session->doors, s->memory);
}

static struct arena *arena_of(struct spamd_session *s)
{
	if (!s->memory)
		s->memory = doors_lend(s->session.doors);
	return &s->memory->arena;
}

static void linger(struct spamd_session *s)
{
	s->progress = LINGERING;
	session_linger(&s->session);
}

static void send_answer(struct spamd_session *s, const struct buf *out)
{
	if (out->n == 0) {
		linger(s);
		return;
	}
	s->progress = ANSWERING;
	session_deadline(&s->session, session_settings(&s->session)->read_seconds);
	evbuffer_add_reference(session_output(&s->session), out->p, out->n, NULL, NULL); /* the memory is ours until the end */
}

static void fail(struct spamd_session *s, enum spamd_status status, struct span why)
{
	struct buf out;
	buf_init(&out, arena_of(s), LIMIT_SESSION_OUTPUT);
	spamd_answer_failure(&out, status, why);
	send_answer(s, &out);
}

static void answered(struct session *session, struct session_request *request)
{
	struct spamd_session *s = of(session);
	struct buf out;
	if (request->answer == ANSWERED_UNAVAILABLE || request->answer == ANSWERED_TOO_LARGE) {
		bool large = request->answer == ANSWERED_TOO_LARGE;
		fail(s, large ? SPAMD_TOO_LARGE : SPAMD_TEMPORARY, request->reply.n ? request->reply : SPAN("not judged"));
		return;
	}
	struct span raw = s->spool ? spool_span(s->spool) : span_none;
	buf_init(&out, arena_of(s), raw.n + 2 * LIMIT_MILTER_ANSWER);
	if (request->outcome)
		spamd_answer_outcome(&out, &s->engine, request->outcome, raw);
	else
		spamd_answer_told(&out, &s->engine, request->answer == ANSWERED);
	if (out.full)
		fail(s, SPAMD_TOO_LARGE, SPAN("the answer is too large"));
	else
		send_answer(s, &out);
}

static int put_content(void *context, struct span bytes)
{
	struct spamd_session *s = context;
	if (spool_bytes(s->spool) + bytes.n > session_settings(&s->session)->message_bytes)
		return ERR_LIMIT;
	return spool_add(s->spool, bytes) == ERR_OK ? ERR_OK : ERR_IO;
}

static void on_body(struct spamd_session *s, struct span bytes)
{
	int err = s->unpack ? unpack_feed(s->unpack, bytes, put_content, s) : put_content(s, bytes);
	if (err == ERR_LIMIT)
		fail(s, SPAMD_TOO_LARGE, SPAN("the message is too large"));
	else if (err == ERR_SYNTAX)
		fail(s, SPAMD_PROTOCOL, SPAN("the compressed message is damaged"));
	else if (err)
		fail(s, SPAMD_TEMPORARY, SPAN("too many messages came at once"));
}

static void on_head(struct spamd_session *s)
{
	const struct spamd_engine *e = &s->engine;
	uint32_t max = session_settings(&s->session)->message_bytes;
	if (e->command == SPAMD_TELL && !s->session.trusted)
		fail(s, SPAMD_UNAVAILABLE, SPAN("TELL is heard on a unix socket only"));
	else if (e->has_length && e->length > max)
		fail(s, SPAMD_TOO_LARGE, SPAN("the message is too large"));
	else {
		s->spool = spool_new();
		s->unpack = e->zlib ? unpack_new(UNPACK_ZLIB, max) : NULL;
	}
}

static void ask(struct spamd_session *s)
{
	const struct spamd_engine *e = &s->engine;
	struct session_request *r = &s->request;
	envelope_finish(&s->envelope, arena_of(s));
	r->wish = e->command != SPAMD_TELL ? WISH_JUDGE
		  : e->remove_local        ? WISH_FORGET
		  : e->class == SPAMD_SPAM ? WISH_LEARN_SPAM
					   : WISH_LEARN_HAM;
	r->connection = s->envelope.connection;
	r->queue_id = s->envelope.queue_id;
	r->message = spool_hold(s->spool);
	s->progress = JUDGING;
	session_ask(&s->session, r);
}

static void on_end(struct spamd_session *s)
{
	const struct spamd_engine *e = &s->engine;
	struct buf out;
	buf_init(&out, arena_of(s), LIMIT_SESSION_OUTPUT);
	if (e->command == SPAMD_PING) {
		buf_cstr(&out, e->rspamc ? "RSPAMD/1.3 0 PONG\r\n" : "SPAMD/1.5 0 PONG\r\n");
		send_answer(s, &out);
	} else if (e->command == SPAMD_SKIP) {
		send_answer(s, &out);
	} else if (e->command == SPAMD_TELL && !e->set_local && !e->remove_local) {
		spamd_answer_told(&out, e, false); /* only of networks that we do not report to */
		send_answer(s, &out);
	} else if (s->unpack && !unpack_is_whole(s->unpack)) {
		fail(s, SPAMD_PROTOCOL, SPAN("the compressed message is damaged"));
	} else if (spool_seal(s->spool) != ERR_OK) {
		fail(s, SPAMD_TEMPORARY, SPAN("too many messages came at once"));
	} else {
		ask(s);
	}
}

static void on_header(struct spamd_session *s, const struct spamd_event *event)
{
	/* To spamc the user is who receives the message, to rspamd's clients who sent it. */
	bool receives = !s->engine.rspamc && span_ieq(event->name, SPAN("User"));
	if (receives && span_find_byte(event->text, '@', 0) != SPAN_NPOS)
		envelope_note(&s->envelope, arena_of(s), SPAN("Rcpt"), event->text);
	else if (s->engine.rspamc)
		envelope_note(&s->envelope, arena_of(s), event->name, event->text);
}

static void take_event(struct spamd_session *s, const struct spamd_event *event)
{
	switch (event->kind) {
	case SPAMD_HEADER: on_header(s, event); break;
	case SPAMD_HEAD: on_head(s); break;
	case SPAMD_BODY: on_body(s, event->text); break;
	case SPAMD_END: on_end(s); break;
	}
}

static void read_request(struct spamd_session *s)
{
	while (s->progress == READING) {
		struct spamd_event event;
		size_t used = 0;
		/* A line must lie in one piece, a body need not. */
		struct span in = session_look(&s->session, s->engine.state == SPAMD_AT_BODY ? 0 : s->engine.line_max + 1);
		bool all = s->heard_all && in.n == evbuffer_get_length(session_input(&s->session));
		enum spamd_step step = spamd_engine_step(&s->engine, in, all, &used, &event);
		if (step == SPAMD_EVENT)
			take_event(s, &event);
		session_take(&s->session, used);
		if (step == SPAMD_BAD) {
			session_trouble(&s->session, "a client was hung up on: %s", s->engine.why);
			fail(s, SPAMD_PROTOCOL, span_cstr(s->engine.why));
		}
		if (step == SPAMD_MORE && used == 0)
			return;
	}
}

static void on_read(struct session *session)
{
	struct spamd_session *s = of(session);
	read_request(s);
	if (s->progress != READING)
		session_forget_input(session);
}

static void on_written(struct session *session)
{
	struct spamd_session *s = of(session);
	if (s->progress != ANSWERING)
		return;
	if (s->heard_all)
		session_close(session);
	else
		linger(s);
}

static void on_ended(struct session *session)
{
	struct spamd_session *s = of(session);
	s->heard_all = true;
	read_request(s);
	if (s->progress == LINGERING)
		session_close(session);
}

static void on_late(struct session *session)
{
	if (of(session)->progress == READING)
		session_trouble(session, "a client took too long to send its request");
	session_close(session);
}

static void begin(struct session *session)
{
	spamd_engine_init(&of(session)->engine, session_settings(session)->header_bytes);
	session_deadline(session, session_settings(session)->read_seconds);
}

const struct session_kind spamd_session_kind = {
	.door = DOOR_SPAMD,
	.bytes = sizeof(struct spamd_session),
	.read_ahead = LIMIT_SESSION_OUTPUT,
	.begin = begin,
	.read = on_read,
	.written = on_written,
	.ended = on_ended,
	.late = on_late,
	.answered = answered,
	.end = end,
};
