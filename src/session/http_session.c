/* session/http_session.c - see http_session.h */
#include "session/http_session.h"
#include "base/limits.h"
#include "net/spool.h"
#include "session/envelope.h"
#include "session/http_answer.h"
#include "session/http_engine.h"
#include "session/spamd_engine.h"
#include "session/spamd_session.h"
#include "session/unpack.h"

#include <openssl/crypto.h>

enum http_form { FORM_RSPAMD, FORM_LEGACY, FORM_SCAN };

enum progress {
	WAITING, /* for a request */
	READING, /* one */
	JUDGING,
	ANSWERING,
	LINGERING,
};

/* What belongs to one request; lies in the memory lent for it. */
struct http_request {
	const struct route *route;
	struct span query, rest; /* of the target, behind '?'; behind the route's path */
	struct span password, packing;
	struct envelope envelope;
	struct spool *spool;
	struct unpack *unpack;
	struct session_request request;
};

struct http_session {
	struct session session; /* first */
	bool is_http;           /* known as such by its first bytes */
	enum progress progress;
	bool heard_all; /* the client has closed its half */
	bool last;      /* no further request is read */
	bool whole;     /* the request that is answered was read to its end: nothing is on its way that could undo the answer */
	struct http_engine engine;
	struct message_memory *memory; /* of now; NULL between two */
	struct http_request *now;
};

/* Who may, besides those who know the password and those at a trusted socket. */
enum guard {
	OPEN,    /* everybody */
	FIGURES, /* programs on this machine: counts are no secret, and Prometheus beside us needs no password */
	CLOSED,  /* nobody: it tells of other people's mail, or changes what is learned */
};

struct route {
	const char *path; /* a '/' at its end: something follows */
	unsigned methods; /* enum http_method */
	enum guard guard;
	bool message; /* the body is one */
	void (*handle)(struct http_session *s);
	enum session_wish wish;
	enum http_form form;
};

static struct http_session *of(struct session *session) { return (struct http_session *)session; }
static const struct session_settings *settings_of(const struct http_session *s) { return session_settings(&s->session); }
static struct arena *arena_of(struct http_session *s) { return &s->memory->arena; }

static void begin_request(struct http_session *s)
{
	if (s->memory)
		return;
	s->memory = doors_lend(s->session.doors);
	s->now = arena_new(&s->memory->arena, struct http_request);
	s->progress = READING;
	session_deadline(&s->session, settings_of(s)->read_seconds);
}

static void end_request(struct http_session *s)
{
	if (!s->memory)
		return;
	session_cancel(&s->session);
	spool_drop(s->now->spool);
	unpack_free(s->now->unpack);
	doors_give_back(s->session.doors, s->memory);
	s->memory = NULL;
	s->now = NULL;
}

static const char *status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = {
		{ 200, "OK" },
		{ 208, "Already Reported" },
		{ 400, "Bad Request" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 431, "Request Header Fields Too Large" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "Internal Server Error";
}

/* The request is over; the answer goes out, and then the next is read, if there can be one. */
static void answer(struct http_session *s, int status, const char *type, struct span body)
{
	struct evbuffer *output = session_output(&s->session);
	s->whole = s->progress != READING;
	s->last = s->last || !s->engine.keep || s->heard_all || s->progress == READING;
	evbuffer_add_printf(output,
			    "HTTP/1.1 %d %s\r\nServer: postern\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: %s\r\n\r\n",
			    status, status_text(status), type, body.n, s->last ? "close" : "keep-alive");
	if (s->engine.method != HTTP_HEAD)
		evbuffer_add(output, body.p, body.n);
	end_request(s);
	s->progress = ANSWERING;
	session_deadline(&s->session, settings_of(s)->read_seconds);
}

static void answer_error(struct http_session *s, int status, struct span why)
{
	struct buf out;
	begin_request(s);
	buf_init(&out, arena_of(s), LIMIT_SESSION_OUTPUT);
	http_answer_error(&out, why);
	answer(s, status, "application/json", buf_span(&out));
}

/* rspamc tells success from failure by the status, and shows "error". 208: "already reported", as rspamd says it. */
static void answer_reply(struct http_session *s, const struct session_request *r)
{
	static const struct {
		int status;
		const char *why;
	} failures[] = {
		[ANSWERED_NOT_FOUND] = { 404, "there is no such message here" },
		[ANSWERED_ALREADY] = { 208, "this message has been learned as that already" },
		[ANSWERED_UNAVAILABLE] = { 503, "this cannot be done just now" },
		[ANSWERED_TOO_LARGE] = { 413, "the message is too large" },
	};
	int first = span_at(r->reply, 0);
	if (r->answer != ANSWERED)
		answer_error(s, failures[r->answer].status, r->reply.n ? r->reply : span_cstr(failures[r->answer].why));
	else if (r->reply.n == 0)
		answer(s, 200, "application/json", SPAN("{\"success\":true}\n"));
	else if (r->wish == WISH_METRICS)
		answer(s, 200, "text/plain; version=0.0.4; charset=utf-8", r->reply);
	else
		answer(s, 200, first == '{' || first == '[' ? "application/json" : "text/plain; charset=utf-8", r->reply);
}

static void answer_outcome(struct http_session *s, const struct outcome *outcome)
{
	enum http_form form = s->now->route->form;
	struct buf out;
	buf_init(&out, arena_of(s), LIMIT_MILTER_ANSWER);
	if (form == FORM_SCAN)
		http_answer_scan(&out, outcome);
	else
		http_answer_rspamd(&out, outcome, form == FORM_LEGACY);
	if (out.full)
		answer_error(s, 500, SPAN("the answer is too large"));
	else
		answer(s, 200, "application/json", buf_span(&out));
}

static void answered(struct session *session, struct session_request *request)
{
	struct http_session *s = of(session);
	if (request->answer == ANSWERED && request->outcome && request->wish == WISH_JUDGE)
		answer_outcome(s, request->outcome);
	else
		answer_reply(s, request);
}

static void submit(struct http_session *s)
{
	s->now->request.wish = s->now->route->wish;
	s->progress = JUDGING;
	session_ask(&s->session, &s->now->request);
}

/* Passwords are compared in a time that tells nothing but their length. */
static bool knows_password(const struct http_session *s)
{
	struct span want = settings_of(s)->password, have = s->now->password;
	return want.n && have.n == want.n && CRYPTO_memcmp(want.p, have.p, want.n) == 0;
}

static bool may(const struct http_session *s)
{
	enum guard guard = s->now->route->guard;
	return guard == OPEN || s->session.trusted || knows_password(s) || (guard == FIGURES && session_is_loopback(&s->session));
}

static void on_message(struct http_session *s)
{
	struct http_request *now = s->now;
	envelope_finish(&now->envelope, arena_of(s));
	now->request.connection = now->envelope.connection;
	now->request.queue_id = now->envelope.queue_id;
	now->request.message = now->spool;
	now->spool = NULL;
	submit(s);
}

static void on_rest(struct http_session *s)
{
	s->now->request.text = s->now->rest;
	submit(s);
}

static void on_query(struct http_session *s)
{
	s->now->request.text = s->now->query;
	submit(s);
}

static void on_ping(struct http_session *s) { answer(s, 200, "text/plain", SPAN("pong\r\n")); }
static void on_health(struct http_session *s) { answer(s, 200, "application/json", SPAN("{\"status\":\"ok\"}\n")); }

static void on_fuzzy(struct http_session *s)
{
	answer_error(s, 404, SPAN("postern keeps no fuzzy hashes: a message is taught with /learnspam or /learnham"));
}

enum { LOOK = HTTP_GET | HTTP_HEAD };

static const struct route routes[] = {
	{ "/checkv2", HTTP_POST, OPEN, true, on_message, WISH_JUDGE, FORM_RSPAMD },
	{ "/check", HTTP_POST, OPEN, true, on_message, WISH_JUDGE, FORM_LEGACY },
	{ "/symbols", HTTP_POST, OPEN, true, on_message, WISH_JUDGE, FORM_LEGACY },
	{ "/symbols", LOOK, FIGURES, false, on_rest, WISH_SYMBOLS, 0 },
	{ "/scan", HTTP_POST, OPEN, true, on_message, WISH_JUDGE, FORM_RSPAMD },
	{ "/learnspam", HTTP_POST, CLOSED, true, on_message, WISH_LEARN_SPAM, 0 },
	{ "/learnham", HTTP_POST, CLOSED, true, on_message, WISH_LEARN_HAM, 0 },
	{ "/fuzzyadd", LOOK | HTTP_POST, OPEN, false, on_fuzzy, 0, 0 },
	{ "/fuzzydel", LOOK | HTTP_POST, OPEN, false, on_fuzzy, 0, 0 },
	{ "/ping", LOOK | HTTP_POST, OPEN, false, on_ping, 0, 0 },
	{ "/stat", LOOK | HTTP_POST, FIGURES, false, on_rest, WISH_STATUS, 0 },
	{ "/api/scan", HTTP_POST, OPEN, true, on_message, WISH_JUDGE, FORM_SCAN },
	{ "/api/why", HTTP_POST, CLOSED, true, on_message, WISH_WHY, 0 },
	{ "/api/why/", LOOK, CLOSED, false, on_rest, WISH_WHY, 0 },
	{ "/api/history", LOOK, CLOSED, false, on_query, WISH_HISTORY, 0 },
	{ "/metrics", LOOK, FIGURES, false, on_rest, WISH_METRICS, 0 },
	{ "/healthz", LOOK, OPEN, false, on_health, 0, 0 },
};

/* What the request is for; of two at one path that of the method, and where none has it the first, which says what it wants. */
static const struct route *find_route(struct span path, enum http_method method)
{
	const struct route *found = NULL;
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		struct span want = span_cstr(routes[i].path);
		bool more = want.p[want.n - 1] == '/';
		if ((more ? span_starts(path, want) && path.n > want.n : span_eq(path, want)) && (!found || routes[i].methods & method))
			found = &routes[i];
	}
	return found;
}

static void on_target(struct http_session *s, struct span target)
{
	struct http_request *now = s->now;
	struct span path;
	target = arena_dup(arena_of(s), target);
	span_split(&target, '?', &path);
	now->query = target;
	now->route = find_route(path, s->engine.method);
	if (now->route)
		now->rest = span_skip(path, strlen(now->route->path));
}

static void on_header(struct http_session *s, struct span name, struct span value)
{
	struct http_request *now = s->now;
	if (span_ieq(name, SPAN("Password")))
		now->password = arena_dup(arena_of(s), value);
	else if (span_ieq(name, SPAN("Authorization")) && span_istarts(value, SPAN("Bearer ")))
		now->password = arena_dup(arena_of(s), span_trim(span_skip(value, sizeof "Bearer" - 1)));
	else if (span_ieq(name, SPAN("Compression")) || span_ieq(name, SPAN("Content-Encoding")))
		now->packing = arena_dup(arena_of(s), value);
	else
		envelope_note(&now->envelope, arena_of(s), name, value);
}

static void on_head(struct http_session *s)
{
	static const struct span go_on = SPAN_INIT("HTTP/1.1 100 Continue\r\n\r\n");
	struct http_request *now = s->now;
	bool zstd = span_ieq(now->packing, SPAN("zstd"));
	if (!now->route)
		answer_error(s, 404, SPAN("there is nothing of that name here"));
	else if (!(now->route->methods & s->engine.method))
		answer_error(s, 405, now->route->methods & HTTP_POST ? SPAN("this wants a POST") : SPAN("this wants a GET"));
	else if (!may(s))
		answer_error(s, 403, SPAN("this needs the password of the settings, or a unix socket"));
	else if (now->packing.n && !zstd && !span_ieq(now->packing, SPAN("identity")))
		answer_error(s, 415, SPAN("of compressed messages only zstd is read"));
	else if (s->engine.length > settings_of(s)->message_bytes)
		answer_error(s, 413, SPAN("the message is too large"));
	else {
		now->spool = now->route->message ? spool_new() : NULL;
		now->unpack = now->spool && zstd ? unpack_new(UNPACK_ZSTD, settings_of(s)->message_bytes) : NULL;
		if (s->engine.expects)
			session_send(&s->session, go_on);
	}
}

static int put_content(void *context, struct span bytes)
{
	struct http_session *s = context;
	if (spool_bytes(s->now->spool) + bytes.n > settings_of(s)->message_bytes)
		return ERR_LIMIT;
	return spool_add(s->now->spool, bytes) == ERR_OK ? ERR_OK : ERR_IO;
}

static void on_body(struct http_session *s, struct span bytes)
{
	struct http_request *now = s->now;
	if (!now->spool)
		return;
	int err = now->unpack ? unpack_feed(now->unpack, bytes, put_content, s) : put_content(s, bytes);
	if (err == ERR_LIMIT)
		answer_error(s, 413, SPAN("the message is too large"));
	else if (err == ERR_SYNTAX)
		answer_error(s, 400, SPAN("the compressed message is damaged"));
	else if (err)
		answer_error(s, 503, SPAN("too many messages came at once"));
}

/* Whatever is answered from here on, the request was read to its end: another may follow. */
static void on_end(struct http_session *s)
{
	struct http_request *now = s->now;
	s->progress = JUDGING;
	if (now->unpack && !unpack_is_whole(now->unpack))
		answer_error(s, 400, SPAN("the compressed message is damaged"));
	else if (now->spool && spool_bytes(now->spool) == 0)
		answer_error(s, 400, SPAN("there is no message in the request"));
	else if (now->spool && spool_seal(now->spool) != ERR_OK)
		answer_error(s, 503, SPAN("too many messages came at once"));
	else
		now->route->handle(s);
}

static void take_event(struct http_session *s, const struct http_event *event)
{
	begin_request(s);
	switch (event->kind) {
	case HTTP_EVENT_REQUEST: on_target(s, event->text); break;
	case HTTP_EVENT_HEADER: on_header(s, event->name, event->text); break;
	case HTTP_EVENT_HEAD: on_head(s); break;
	case HTTP_EVENT_BODY: on_body(s, event->text); break;
	case HTTP_EVENT_END: on_end(s); break;
	}
}

static void read_requests(struct http_session *s)
{
	while (s->progress == WAITING || s->progress == READING) {
		struct http_event event;
		size_t used = 0;
		bool body = s->engine.state == HTTP_AT_BODY || s->engine.state == HTTP_AT_CHUNK;
		/* A line must lie in one piece, a body need not. */
		struct span in = session_look(&s->session, body ? 0 : s->engine.line_max + 1);
		if (in.n)
			begin_request(s); /* its time runs from the first byte */
		enum http_step step = http_engine_step(&s->engine, in, &used, &event);
		if (step == HTTP_EVENT)
			take_event(s, &event);
		session_take(&s->session, used);
		if (step == HTTP_BAD) {
			session_trouble(&s->session, "a client was hung up on: %s", s->engine.why);
			answer_error(s, s->engine.status, span_cstr(s->engine.why));
		}
		if (step == HTTP_MORE && used == 0)
			return;
	}
}

/* rspamd answers spamc's protocol at the port of its HTTP, so that is where Exim's variant=rspamd looks for it. */
static enum spamd_step recognise(struct http_session *s)
{
	struct span in = session_look(&s->session, LIMIT_SPAMD_BEGINNING);
	if (s->is_http)
		return SPAMD_BAD;
	begin_request(s);
	return spamd_engine_recognise(in);
}

static void on_read(struct session *session)
{
	struct http_session *s = of(session);
	enum spamd_step spamd = recognise(s);
	if (spamd == SPAMD_EVENT)
		session_become(session, &spamd_session_kind);
	if (spamd != SPAMD_BAD)
		return;
	s->is_http = true;
	read_requests(s);
	if (s->progress == LINGERING || (s->progress == ANSWERING && s->last)) /* what comes now nobody reads */
		session_forget_input(session);
}

static void on_written(struct session *session)
{
	struct http_session *s = of(session);
	if (s->progress != ANSWERING)
		return;
	if (s->heard_all || (s->last && s->whole)) {
		session_close(session);
	} else if (s->last) {
		s->progress = LINGERING;
		session_linger(session);
	} else {
		http_engine_next(&s->engine);
		s->progress = WAITING;
		session_deadline(session, settings_of(s)->idle_seconds);
		read_requests(s);
	}
}

/* Who has asked may close its half and still wait. */
static void on_ended(struct session *session)
{
	struct http_session *s = of(session);
	s->heard_all = true;
	if (s->progress != JUDGING && s->progress != ANSWERING)
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
	http_engine_init(&of(session)->engine, session_settings(session)->header_bytes);
	session_deadline(session, session_settings(session)->idle_seconds);
}

static void end(struct session *session) { end_request(of(session)); }

const struct session_kind http_session_kind = {
	.door = DOOR_HTTP,
	.bytes = sizeof(struct http_session),
	.read_ahead = LIMIT_SESSION_OUTPUT,
	.begin = begin,
	.read = on_read,
	.written = on_written,
	.ended = on_ended,
	.late = on_late,
	.answered = answered,
	.end = end,
};
