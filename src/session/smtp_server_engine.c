/* session/smtp_server_engine.c - see smtp_server_engine.h. A command is a row: where it may stand, what is said elsewhere, who reads it. */
#include "session/smtp_server_engine.h"
#include "base/ascii.h"
#include "base/limits.h"

#define AT(state) (1u << (state))

enum {
	BEFORE_HELO = AT(SMTP_START),
	IDLE = AT(SMTP_READY),
	TRANSACTION = AT(SMTP_IN_MAIL) | AT(SMTP_IN_RCPT) | AT(SMTP_BETWEEN_CHUNKS),
	ANYWHERE = BEFORE_HELO | IDLE | TRANSACTION,
	ONLY_SMTP = 1,
	ONLY_LMTP = 2,
	MANY_ERRORS = 5,
};

struct command {
	struct span name;
	uint32_t states;
	uint32_t offer;              /* it is known only where this is offered */
	uint8_t protocol;            /* ONLY_SMTP, ONLY_LMTP; 0: both */
	bool ends_group;             /* nothing may be sent behind it before its reply (RFC 2920 3.1) */
	enum smtp_server_state next; /* where it is accepted; SMTP_SERVER_STATES: where it was */
	enum smtp_step (*read)(struct smtp_server_engine *e, struct span argument, struct smtp_event *event);
};

static enum smtp_step bad(struct smtp_server_engine *e, enum smtp_reply reply, const char *why)
{
	e->state = SMTP_CLOSED;
	e->reply = reply;
	e->why = why;
	return SMTP_BAD;
}

static enum smtp_step say(struct smtp_event *event, enum smtp_reply reply)
{
	event->kind = SMTP_SAID;
	event->reply = reply;
	event->waits = false;
	return SMTP_EVENT;
}

static enum smtp_step wrong(struct smtp_server_engine *e, struct smtp_event *event, enum smtp_reply reply)
{
	if (++e->errors >= MANY_ERRORS)
		e->manners |= GATE_MANY_ERRORS;
	return say(event, reply);
}

static enum smtp_step ask(struct smtp_event *event, enum smtp_event_kind kind, enum smtp_reply reply)
{
	event->kind = kind;
	event->reply = reply;
	event->waits = true;
	return SMTP_EVENT;
}

static void forget_message(struct smtp_server_engine *e)
{
	e->recipients = 0;
	e->bytes = 0;
	e->chunked = e->too_large = e->failed = e->discards = e->last = false;
	e->faults = 0;
	e->left = e->chunk = 0;
	smtp_content_init(&e->content);
}

static bool within(const struct smtp_server_engine *e, uint32_t states) { return AT(e->state) & states; }

/* Commands. */

static enum smtp_step on_hello(struct smtp_server_engine *e, struct span argument, struct smtp_event *event, bool esmtp)
{
	if (argument.n == 0)
		return wrong(e, event, SMTP_REPLY_HELO_SYNTAX);
	forget_message(e);
	e->state = e->state == SMTP_START ? SMTP_START : SMTP_READY;
	e->esmtp = esmtp;
	event->text = argument;
	return ask(event, SMTP_HELO, esmtp ? SMTP_REPLY_EHLO : SMTP_REPLY_HELO);
}

static enum smtp_step on_helo(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	return on_hello(e, argument, event, false);
}

static enum smtp_step on_ehlo(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	return on_hello(e, argument, event, true);
}

static enum smtp_step on_mail(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	const struct smtp_behaviour *b = &e->options.behaviour;
	struct smtp_path *path = &event->path;
	if (!span_istarts(argument, SPAN("FROM:")))
		return wrong(e, event, SMTP_REPLY_MAIL_SYNTAX);
	argument = span_skip(argument, 5);
	if (!smtp_path_take(&argument, path) || (path->bare && b->needs_brackets))
		return wrong(e, event, SMTP_REPLY_MAIL_SYNTAX);
	if ((path->odd && !b->odd_paths) || (path->address.n && path->domain.n == 0 && !b->local_names))
		return wrong(e, event, SMTP_REPLY_BAD_SENDER);
	enum smtp_reply reply = smtp_parameters_parse(argument, false, e->options.offers, &event->parameters);
	if (reply)
		return wrong(e, event, reply);
	if (path->utf8 && !event->parameters.utf8)
		return wrong(e, event, SMTP_REPLY_UTF8_SENDER);
	if (e->options.message_bytes && event->parameters.has_size && event->parameters.size > e->options.message_bytes)
		return say(event, SMTP_REPLY_TOO_LARGE); /* RFC 1870 6.1: an honest question, no error */
	return ask(event, SMTP_MAIL, SMTP_REPLY_SENDER);
}

static enum smtp_step on_rcpt(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	const struct smtp_behaviour *b = &e->options.behaviour;
	struct smtp_path *path = &event->path;
	if (!span_istarts(argument, SPAN("TO:")))
		return wrong(e, event, SMTP_REPLY_RCPT_SYNTAX);
	argument = span_skip(argument, 3);
	if (!smtp_path_take(&argument, path) || (path->bare && b->needs_brackets))
		return wrong(e, event, SMTP_REPLY_RCPT_SYNTAX);
	bool postmaster = span_ieq(path->address, SPAN("postmaster"));
	if (path->address.n == 0 || (path->odd && !b->odd_paths) || (path->domain.n == 0 && !b->local_names && !postmaster))
		return wrong(e, event, SMTP_REPLY_BAD_RECIPIENT);
	enum smtp_reply reply = smtp_parameters_parse(argument, true, e->options.offers, &event->parameters);
	if (reply)
		return wrong(e, event, reply);
	if (path->utf8 && !(e->options.offers & SMTP_UTF8))
		return wrong(e, event, SMTP_REPLY_UTF8_RECIPIENT);
	if (e->recipients >= e->options.recipients)
		return say(event, SMTP_REPLY_TOO_MANY_RECIPIENTS);
	return ask(event, SMTP_RCPT, SMTP_REPLY_RECIPIENT);
}

static enum smtp_step on_data(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	if (argument.n)
		return wrong(e, event, SMTP_REPLY_NO_ARGUMENT);
	return ask(event, SMTP_DATA, SMTP_REPLY_GO_AHEAD);
}

static void begin_chunk(struct smtp_server_engine *e)
{
	e->chunked = true;
	e->state = SMTP_IN_CHUNK;
	if (e->options.message_bytes && (e->left > e->options.message_bytes || e->bytes + e->left > e->options.message_bytes))
		e->too_large = true;
}

/* "BDAT 1000 LAST". Whatever is said about it, its bytes follow and must not be read as commands (RFC 3030 section 2). */
static enum smtp_step on_bdat(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	struct span number, rest = argument;
	bool sized = span_split(&rest, ' ', &number) && number.n <= 18 && span_to_uint(number, INT64_MAX, &e->left);
	rest = span_trim(rest);
	if (!sized || (rest.n && !span_ieq(rest, SPAN("LAST"))))
		return bad(e, SMTP_REPLY_CHUNK_SYNTAX, "a chunk of no size");
	enum smtp_reply reply = e->failed                 ? SMTP_REPLY_CHUNK_FAILED
				: !within(e, TRANSACTION) ? SMTP_REPLY_NEED_MAIL
				: e->recipients == 0      ? SMTP_REPLY_NEED_RCPT
							  : SMTP_REPLY_NONE;
	e->last = rest.n > 0;
	e->chunk = e->left;
	if (reply) {
		e->manners |= GATE_OUT_OF_ORDER;
		e->discards = e->left > 0;
		return wrong(e, event, reply);
	}
	if (e->state != SMTP_BETWEEN_CHUNKS)
		return ask(event, SMTP_DATA, SMTP_REPLY_NONE);
	begin_chunk(e);
	return SMTP_MORE;
}

static enum smtp_step on_rset(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	if (argument.n)
		return wrong(e, event, SMTP_REPLY_NO_ARGUMENT);
	forget_message(e);
	if (e->state != SMTP_START)
		e->state = SMTP_READY;
	say(event, SMTP_REPLY_RESET);
	event->kind = SMTP_RESET;
	return SMTP_EVENT;
}

static enum smtp_step on_noop(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	(void)e;
	(void)argument;
	return say(event, SMTP_REPLY_NOTHING);
}

static enum smtp_step on_vrfy(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	return argument.n ? say(event, SMTP_REPLY_CANNOT_VERIFY) : wrong(e, event, SMTP_REPLY_PARAMETER_SYNTAX);
}

static enum smtp_step on_expn(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	(void)argument;
	return wrong(e, event, SMTP_REPLY_NOT_OFFERED);
}

static enum smtp_step on_help(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	(void)e;
	(void)argument;
	return say(event, SMTP_REPLY_HELP);
}

static enum smtp_step on_quit(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	(void)argument;
	say(event, SMTP_REPLY_BYE);
	event->kind = SMTP_QUIT;
	e->state = SMTP_CLOSED;
	return SMTP_EVENT;
}

static enum smtp_step on_starttls(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	if (argument.n)
		return wrong(e, event, SMTP_REPLY_NO_ARGUMENT);
	if (e->tls)
		return wrong(e, event, SMTP_REPLY_TLS_ALREADY);
	return ask(event, SMTP_TLS, SMTP_REPLY_TLS_READY);
}

static enum smtp_step on_auth(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	if (e->authenticated)
		return wrong(e, event, SMTP_REPLY_AUTH_ALREADY);
	if (argument.n == 0)
		return wrong(e, event, SMTP_REPLY_AUTH_SYNTAX);
	event->text = argument;
	return ask(event, SMTP_LOGIN, SMTP_REPLY_AUTHENTICATED);
}

static enum smtp_step on_attributes(struct smtp_server_engine *e, struct span argument, struct smtp_event *event, enum smtp_event_kind kind,
				    enum smtp_reply reply)
{
	struct span rest = argument, name, value;
	bool wrong_one = argument.n == 0;
	while (smtp_attribute_next(&rest, &name, &value, &wrong_one))
		;
	if (wrong_one || argument.n == 0)
		return wrong(e, event, SMTP_REPLY_ATTRIBUTE_SYNTAX);
	event->text = argument;
	return ask(event, kind, reply);
}

static enum smtp_step on_xclient(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	return on_attributes(e, argument, event, SMTP_CLIENT, SMTP_REPLY_GREETING);
}

static enum smtp_step on_xforward(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	return on_attributes(e, argument, event, SMTP_FORWARD, SMTP_REPLY_XFORWARD);
}

static const struct command commands[] = {
	{ SPAN_INIT("HELO"), ANYWHERE, 0, ONLY_SMTP, true, SMTP_READY, on_helo },
	{ SPAN_INIT("EHLO"), ANYWHERE, 0, ONLY_SMTP, true, SMTP_READY, on_ehlo },
	{ SPAN_INIT("LHLO"), ANYWHERE, 0, ONLY_LMTP, true, SMTP_READY, on_ehlo },
	{ SPAN_INIT("MAIL"), IDLE, 0, 0, false, SMTP_IN_MAIL, on_mail },
	{ SPAN_INIT("RCPT"), AT(SMTP_IN_MAIL) | AT(SMTP_IN_RCPT), 0, 0, false, SMTP_IN_RCPT, on_rcpt },
	{ SPAN_INIT("DATA"), AT(SMTP_IN_RCPT), 0, 0, true, SMTP_IN_DATA, on_data },
	{ SPAN_INIT("BDAT"), ANYWHERE, SMTP_CHUNKING, 0, false, SMTP_IN_CHUNK, on_bdat },
	{ SPAN_INIT("RSET"), ANYWHERE, 0, 0, false, SMTP_READY, on_rset },
	{ SPAN_INIT("NOOP"), ANYWHERE, 0, 0, true, SMTP_SERVER_STATES, on_noop },
	{ SPAN_INIT("VRFY"), ANYWHERE, 0, 0, true, SMTP_SERVER_STATES, on_vrfy },
	{ SPAN_INIT("EXPN"), ANYWHERE, 0, 0, true, SMTP_SERVER_STATES, on_expn },
	{ SPAN_INIT("HELP"), ANYWHERE, 0, 0, false, SMTP_SERVER_STATES, on_help },
	{ SPAN_INIT("QUIT"), ANYWHERE, 0, 0, true, SMTP_CLOSED, on_quit },
	{ SPAN_INIT("STARTTLS"), BEFORE_HELO | IDLE, SMTP_STARTTLS, 0, true, SMTP_IN_TLS, on_starttls },
	{ SPAN_INIT("AUTH"), IDLE, SMTP_AUTH, 0, true, SMTP_READY, on_auth },
	{ SPAN_INIT("XCLIENT"), BEFORE_HELO | IDLE, SMTP_XCLIENT, 0, true, SMTP_START, on_xclient },
	{ SPAN_INIT("XFORWARD"), IDLE, SMTP_XFORWARD, 0, false, SMTP_READY, on_xforward },
};

enum { COMMANDS = sizeof commands / sizeof *commands };

/* Lines. */

/* What an open proxy of somebody else is told to say, and what is read aloud when a browser posts here. */
static bool is_foreign(struct span verb)
{
	static const struct span verbs[] = {
		SPAN_INIT("GET"), SPAN_INIT("POST"),   SPAN_INIT("CONNECT"), SPAN_INIT("HEAD"),
		SPAN_INIT("PUT"), SPAN_INIT("DELETE"), SPAN_INIT("OPTIONS"), SPAN_INIT("PROPFIND"),
		SPAN_INIT("PRI"), SPAN_INIT("USER"),   SPAN_INIT("INVITE"),  SPAN_INIT("NICK"),
	};
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (span_ieq(verb, verbs[i]))
			return true;
	return span_starts(verb, SPAN("SSH-")) || (verb.n > 1 && verb.p[verb.n - 1] == ':');
}

static enum smtp_step on_unknown(struct smtp_server_engine *e, struct span verb, struct smtp_event *event)
{
	if (!is_foreign(verb))
		return wrong(e, event, SMTP_REPLY_UNKNOWN_COMMAND);
	e->manners |= GATE_FOREIGN_COMMAND;
	if (e->options.behaviour.ends_on_foreign)
		return bad(e, SMTP_REPLY_FOREIGN, "a client spoke another protocol");
	return wrong(e, event, SMTP_REPLY_FOREIGN);
}

static bool needs_helo(const struct smtp_server_engine *e) { return e->options.behaviour.helo_required || e->options.lmtp; }

static enum smtp_step on_misplaced(struct smtp_server_engine *e, const struct command *c, struct smtp_event *event)
{
	bool mail = span_eq(c->name, SPAN("MAIL"));
	e->manners |= GATE_OUT_OF_ORDER;
	bool anew = e->state == SMTP_START && (needs_helo(e) || !(c->states & TRANSACTION));
	enum smtp_reply reply = anew                                                        ? SMTP_REPLY_NEED_HELO
				: mail                                                      ? SMTP_REPLY_NESTED_MAIL
				: !within(e, TRANSACTION)                                   ? SMTP_REPLY_NEED_MAIL
				: e->state == SMTP_IN_MAIL && c->states == AT(SMTP_IN_RCPT) ? SMTP_REPLY_NEED_RCPT
											    : SMTP_REPLY_IN_TRANSACTION;
	return wrong(e, event, reply);
}

static const struct command *find_command(const struct smtp_server_engine *e, struct span verb)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (span_ieq(verb, commands[i].name))
			return commands[i].protocol == (e->options.lmtp ? ONLY_SMTP : ONLY_LMTP) ? NULL : &commands[i];
	return NULL;
}

static bool may_stand(const struct smtp_server_engine *e, const struct command *c)
{
	return within(e, c->states) || (e->state == SMTP_START && c->read == on_mail && !needs_helo(e));
}

/* Whether a client that sends more behind this command is too early (RFC 2920 section 3.1). A chunk's bytes belong to it. */
static bool must_wait(const struct smtp_server_engine *e, const struct command *c)
{
	bool pipelines = e->esmtp && e->options.offers & SMTP_PIPELINING;
	return c->read != on_bdat && (c->ends_group || !pipelines);
}

static enum smtp_step on_command(struct smtp_server_engine *e, struct span line, bool more, struct smtp_event *event)
{
	struct span rest = span_trim(line), verb;
	if (!span_split(&rest, ' ', &verb))
		verb = rest;
	const struct command *c = find_command(e, verb);
	if (!c)
		return on_unknown(e, verb, event);
	if (more && must_wait(e, c))
		e->manners |= GATE_EARLY_PIPELINING;
	if (c->offer && !(e->options.offers & c->offer))
		return wrong(e, event, c->offer == SMTP_STARTTLS && e->tls ? SMTP_REPLY_TLS_ALREADY : SMTP_REPLY_NOT_OFFERED);
	if (!may_stand(e, c))
		return on_misplaced(e, c, event);
	enum smtp_step step = c->read(e, span_trim(rest), event);
	if (step == SMTP_EVENT && event->waits) {
		e->pending = (uint8_t)(c - commands + 1);
		e->waits = true;
	}
	return step;
}

static enum smtp_step on_login_line(struct smtp_server_engine *e, struct span line, struct smtp_event *event)
{
	event->text = line;
	e->waits = true;
	e->pending = 0;
	return ask(event, SMTP_LOGIN_LINE, SMTP_REPLY_AUTHENTICATED);
}

static size_t line_most(const struct smtp_server_engine *e)
{
	return e->options.offers & SMTP_AUTH ? LIMIT_SMTP_LOGIN_LINE : LIMIT_SMTP_LINE;
}

size_t smtp_server_need(const struct smtp_server_engine *e) { return 2 + line_most(e); }

/* A first byte that no command has: a TLS handshake record, SOCKS 4 and 5. */
static bool foreign_byte(uint8_t c) { return c == 0x16 || c == 0x04 || c == 0x05; }

static enum smtp_step skip_line(struct smtp_server_engine *e, struct span in, size_t end, size_t *ret_used, struct smtp_event *event)
{
	*ret_used = end == SPAN_NPOS ? in.n : end + 1;
	e->skipped += *ret_used;
	if (e->skipped > LIMIT_SMTP_SKIPPED)
		return bad(e, SMTP_REPLY_LINE_TOO_LONG, "a line without an end");
	e->skips = end == SPAN_NPOS;
	e->seen = 0;
	if (e->skips)
		return SMTP_MORE;
	e->skipped = 0;
	return wrong(e, event, SMTP_REPLY_LINE_TOO_LONG);
}

static enum smtp_step on_line(struct smtp_server_engine *e, struct span in, size_t *ret_used, struct smtp_event *event)
{
	if (in.n == 0)
		return SMTP_MORE;
	if (!e->skips && e->state != SMTP_IN_AUTH && foreign_byte(in.p[0])) {
		e->manners |= GATE_FOREIGN_BYTES;
		return bad(e, SMTP_REPLY_NONE, "a client spoke TLS or SOCKS where a command belongs");
	}
	size_t end = span_find_byte(in, '\n', e->seen), most = line_most(e);
	if (e->skips || (end == SPAN_NPOS ? in.n : end) > most)
		return skip_line(e, in, end, ret_used, event);
	e->seen = in.n;
	if (end == SPAN_NPOS)
		return SMTP_MORE;
	e->seen = 0;
	*ret_used = end + 1;
	struct span line = span_first(in, end);
	if (span_ends(line, SPAN("\r")))
		line = span_first(line, line.n - 1);
	else
		e->manners |= GATE_BARE_NEWLINE;
	bool cr = span_find_byte(line, '\r', 0) != SPAN_NPOS;
	if (cr)
		e->manners |= GATE_BARE_NEWLINE;
	event->line = line;
	if (cr || span_find_byte(line, 0, 0) != SPAN_NPOS)
		return wrong(e, event, SMTP_REPLY_BAD_LINE);
	return e->state == SMTP_IN_AUTH ? on_login_line(e, line, event) : on_command(e, line, in.n > end + 1, event);
}

/* Content. */

static enum smtp_step end_message(struct smtp_server_engine *e, struct smtp_event *event)
{
	e->faults = e->content.faults;
	if (e->faults)
		e->manners |= GATE_BARE_NEWLINE;
	e->state = SMTP_JUDGING;
	e->waits = true;
	e->pending = 0;
	return ask(event, SMTP_END, e->faults ? SMTP_REPLY_BARE_NEWLINE : e->too_large ? SMTP_REPLY_TOO_LARGE : SMTP_REPLY_MESSAGE);
}

/* Of a message that will be refused nothing is told any more. */
static enum smtp_step give(struct smtp_server_engine *e, struct span text, struct smtp_event *event)
{
	e->bytes += text.n;
	if (e->options.message_bytes && e->bytes > e->options.message_bytes)
		e->too_large = true;
	if (e->too_large || text.n == 0)
		return SMTP_MORE;
	event->kind = SMTP_CONTENT;
	event->text = text;
	return SMTP_EVENT;
}

static enum smtp_step on_content(struct smtp_server_engine *e, struct span in, size_t *ret_used, struct smtp_event *event)
{
	struct span text;
	switch (smtp_content_step(&e->content, in, ret_used, &text)) {
	case SMTP_CONTENT_TEXT: return give(e, text, event);
	case SMTP_CONTENT_END: return end_message(e, event);
	default: return SMTP_MORE;
	}
}

static enum smtp_step end_chunk(struct smtp_server_engine *e, struct smtp_event *event)
{
	if (e->last) {
		smtp_content_chunks_end(&e->content);
		return end_message(e, event);
	}
	if (e->too_large) {
		e->failed = true;
		e->state = SMTP_BETWEEN_CHUNKS;
		return say(event, SMTP_REPLY_TOO_LARGE);
	}
	e->waits = true;
	e->pending = 0;
	return ask(event, SMTP_CHUNK_END, SMTP_REPLY_CHUNK);
}

static enum smtp_step on_chunk(struct smtp_server_engine *e, struct span in, size_t *ret_used, struct smtp_event *event)
{
	struct span piece = span_first(in, e->left < in.n ? (size_t)e->left : in.n);
	if (e->left == 0)
		return end_chunk(e, event);
	e->left -= piece.n;
	*ret_used = piece.n;
	smtp_content_chunk(&e->content, piece);
	return give(e, piece, event);
}

static enum smtp_step discard(struct smtp_server_engine *e, struct span in, size_t *ret_used)
{
	*ret_used = e->left < in.n ? (size_t)e->left : in.n;
	e->left -= *ret_used;
	e->discards = e->left > 0;
	return SMTP_MORE;
}

static enum smtp_step one_step(struct smtp_server_engine *e, struct span in, size_t *ret_used, struct smtp_event *event)
{
	if (e->discards)
		return discard(e, in, ret_used);
	if (e->state == SMTP_IN_DATA)
		return on_content(e, in, ret_used, event);
	if (e->state == SMTP_IN_CHUNK)
		return on_chunk(e, in, ret_used, event);
	if (e->errors >= e->options.behaviour.errors_ended && e->options.behaviour.errors_ended)
		return bad(e, SMTP_REPLY_TOO_MANY_ERRORS, "too many commands that could not be read or were out of turn");
	return on_line(e, in, ret_used, event);
}

enum smtp_step smtp_server_step(struct smtp_server_engine *e, struct span in, size_t *ret_used, struct smtp_event *ret_event)
{
	size_t used = 0;
	*ret_used = 0;
	if (e->state == SMTP_GREETING && in.n)
		e->manners |= GATE_EARLY_TALKER;
	if (e->waits && in.n && e->pending && must_wait(e, &commands[e->pending - 1]))
		e->manners |= GATE_EARLY_PIPELINING;
	if (e->state == SMTP_CLOSED && e->why)
		return SMTP_BAD;
	if (e->waits || e->state == SMTP_GREETING || e->state == SMTP_IN_TLS || e->state == SMTP_CLOSED)
		return SMTP_MORE;
	for (;;) {
		enum smtp_server_state was = e->state;
		*ret_event = (struct smtp_event){ .kind = SMTP_SAID };
		enum smtp_step step = one_step(e, span_skip(in, used), ret_used, ret_event);
		used += *ret_used;
		if (step != SMTP_MORE || (*ret_used == 0 && e->state == was)) {
			*ret_used = used;
			return step;
		}
		*ret_used = 0;
	}
}

/* Answers. */

void smtp_server_init(struct smtp_server_engine *e, const struct smtp_server_options *options)
{
	*e = (struct smtp_server_engine){ .options = *options, .state = SMTP_GREETING };
	smtp_content_init(&e->content);
}

void smtp_server_greeted(struct smtp_server_engine *e)
{
	if (e->state == SMTP_GREETING)
		e->state = SMTP_START;
}

void smtp_server_secured(struct smtp_server_engine *e)
{
	forget_message(e);
	e->tls = true;
	e->esmtp = e->authenticated = false;
	e->options.offers &= ~(uint32_t)SMTP_STARTTLS;
	e->state = SMTP_START;
}

void smtp_server_offer(struct smtp_server_engine *e, uint32_t offers) { e->options.offers = offers; }

static void command_accepted(struct smtp_server_engine *e, const struct command *c)
{
	if (c->next != SMTP_SERVER_STATES)
		e->state = c->next;
	if (c->read == on_rcpt)
		e->recipients++;
	else if (c->read == on_auth)
		e->authenticated = true;
	else if (c->read == on_bdat)
		begin_chunk(e);
	else if (c->read == on_xclient)
		e->esmtp = e->authenticated = false;
}

static void command_refused(struct smtp_server_engine *e, const struct command *c)
{
	if (c->read == on_bdat)
		e->discards = e->left > 0;
}

/* The message, a chunk of it, or a line of AUTH. */
static void other_answered(struct smtp_server_engine *e, enum smtp_answer answer)
{
	if (e->state == SMTP_IN_CHUNK) {
		e->state = SMTP_BETWEEN_CHUNKS;
		e->failed = answer == SMTP_REFUSED;
	} else if (e->state == SMTP_JUDGING) {
		forget_message(e);
		e->state = SMTP_READY;
	} else if (e->state == SMTP_IN_AUTH && answer != SMTP_CONTINUES) {
		e->authenticated = answer == SMTP_ACCEPTED;
		e->state = SMTP_READY;
	}
}

void smtp_server_answered(struct smtp_server_engine *e, enum smtp_answer answer)
{
	const struct command *c = e->pending ? &commands[e->pending - 1] : NULL;
	if (!e->waits)
		return;
	e->waits = false;
	e->pending = 0;
	if (!c)
		other_answered(e, answer);
	else if (answer == SMTP_REFUSED)
		command_refused(e, c);
	else if (answer == SMTP_CONTINUES)
		e->state = SMTP_IN_AUTH;
	else
		command_accepted(e, c);
}
