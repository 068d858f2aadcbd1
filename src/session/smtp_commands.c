/* session/smtp_commands.c - the commands of SMTP and LMTP: a row each, where it may stand, what is said elsewhere, who reads it. */
#include "base/ascii.h"
#include "base/limits.h"
#include "session/smtp_server_parts.h"

enum {
	BEFORE_HELO = SMTP_AT(SMTP_START),
	IDLE = SMTP_AT(SMTP_READY),
	TRANSACTION = SMTP_AT(SMTP_IN_MAIL) | SMTP_AT(SMTP_IN_RCPT) | SMTP_AT(SMTP_BETWEEN_CHUNKS),
	ANYWHERE = BEFORE_HELO | IDLE | TRANSACTION,
	ONLY_SMTP = 1,
	ONLY_LMTP = 2,
};

struct smtp_command {
	struct span name;
	uint32_t states;
	uint32_t offer;              /* it is known only where this is offered */
	uint8_t protocol;            /* ONLY_SMTP, ONLY_LMTP; 0: both */
	bool ends_group;             /* nothing may be sent behind it before its reply (RFC 2920 3.1) */
	enum smtp_server_state next; /* where it is accepted; SMTP_SERVER_STATES: where it was */
	enum smtp_step (*read)(struct smtp_server_engine *e, struct span argument, struct smtp_event *event);
};

static enum smtp_step on_hello(struct smtp_server_engine *e, struct span argument, struct smtp_event *event, bool esmtp)
{
	if (argument.n == 0 && !e->options.behaviour.nameless_helo)
		return smtp_server_wrong(e, event, SMTP_REPLY_HELO_SYNTAX);
	smtp_server_forget_message(e);
	e->state = e->state == SMTP_START ? SMTP_START : SMTP_READY;
	e->esmtp = esmtp;
	event->text = argument;
	return smtp_server_ask(event, SMTP_HELO, esmtp ? SMTP_REPLY_EHLO : SMTP_REPLY_HELO);
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
		return smtp_server_wrong(e, event, SMTP_REPLY_MAIL_SYNTAX);
	argument = span_skip(argument, 5);
	if (!smtp_path_take(&argument, path) || (path->bare && b->needs_brackets))
		return smtp_server_wrong(e, event, SMTP_REPLY_MAIL_SYNTAX);
	if (path->odd || (path->address.n && path->domain.n == 0))
		return smtp_server_wrong(e, event, SMTP_REPLY_BAD_SENDER);
	enum smtp_reply reply = smtp_parameters_parse(argument, false, e->options.offers, &event->parameters);
	if (reply)
		return smtp_server_wrong(e, event, reply);
	if (path->utf8 && !event->parameters.utf8)
		return smtp_server_wrong(e, event, SMTP_REPLY_UTF8_SENDER);
	if (e->options.message_bytes && event->parameters.has_size && event->parameters.size > e->options.message_bytes)
		return smtp_server_say(event, SMTP_REPLY_TOO_LARGE); /* RFC 1870 6.1: an honest question, no error */
	return smtp_server_ask(event, SMTP_MAIL, SMTP_REPLY_SENDER);
}

static enum smtp_step on_rcpt(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	const struct smtp_behaviour *b = &e->options.behaviour;
	struct smtp_path *path = &event->path;
	if (!span_istarts(argument, SPAN("TO:")))
		return smtp_server_wrong(e, event, SMTP_REPLY_RCPT_SYNTAX);
	argument = span_skip(argument, 3);
	if (!smtp_path_take(&argument, path) || (path->bare && b->needs_brackets))
		return smtp_server_wrong(e, event, SMTP_REPLY_RCPT_SYNTAX);
	bool postmaster = span_ieq(path->address, SPAN("postmaster"));
	if (path->address.n == 0 || path->odd || (path->domain.n == 0 && !postmaster))
		return smtp_server_wrong(e, event, SMTP_REPLY_BAD_RECIPIENT);
	enum smtp_reply reply = smtp_parameters_parse(argument, true, e->options.offers, &event->parameters);
	if (reply)
		return smtp_server_wrong(e, event, reply);
	if (path->utf8 && !(e->options.offers & SMTP_UTF8))
		return smtp_server_wrong(e, event, SMTP_REPLY_UTF8_RECIPIENT);
	if (e->recipients >= e->options.recipients)
		return smtp_server_say(event, SMTP_REPLY_TOO_MANY_RECIPIENTS);
	return smtp_server_ask(event, SMTP_RCPT, SMTP_REPLY_RECIPIENT);
}

static enum smtp_step on_data(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	if (argument.n)
		return smtp_server_wrong(e, event, SMTP_REPLY_NO_ARGUMENT);
	return smtp_server_ask(event, SMTP_DATA, SMTP_REPLY_GO_AHEAD);
}

static void begin_chunk(struct smtp_server_engine *e)
{
	e->chunked = true;
	e->state = SMTP_IN_CHUNK;
	if (e->options.message_bytes && (e->left > e->options.message_bytes || e->bytes + e->left > e->options.message_bytes))
		e->too_large = true;
}

static enum smtp_step take_chunk(struct smtp_server_engine *e, struct smtp_event *event)
{
	if (e->state != SMTP_BETWEEN_CHUNKS)
		return smtp_server_ask(event, SMTP_DATA, SMTP_REPLY_NONE);
	begin_chunk(e);
	return SMTP_MORE;
}

/* "BDAT 1000 LAST". Whatever is said about it, its bytes follow and must not be read as commands (RFC 3030 section 2). */
static enum smtp_step on_bdat(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	struct span number, rest = argument;
	bool sized = span_split(&rest, ' ', &number) && number.n <= 18 && span_to_uint(number, INT64_MAX, &e->left);
	rest = span_trim(rest);
	if (!sized || (rest.n && !span_ieq(rest, SPAN("LAST"))))
		return smtp_server_bad(e, SMTP_REPLY_CHUNK_SYNTAX, "a chunk of no size");
	enum smtp_reply reply = e->failed                             ? SMTP_REPLY_CHUNK_FAILED
				: !smtp_server_within(e, TRANSACTION) ? SMTP_REPLY_NEED_MAIL
				: e->recipients == 0                  ? SMTP_REPLY_NEED_RCPT
								      : SMTP_REPLY_NONE;
	e->last = rest.n > 0;
	e->chunk = e->left;
	if (reply) {
		e->manners |= GATE_OUT_OF_ORDER;
		e->discards = e->left > 0;
		return smtp_server_wrong(e, event, reply);
	}
	return take_chunk(e, event);
}

static enum smtp_step on_rset(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	if (argument.n)
		return smtp_server_wrong(e, event, SMTP_REPLY_NO_ARGUMENT);
	smtp_server_forget_message(e);
	if (e->state != SMTP_START)
		e->state = SMTP_READY;
	smtp_server_say(event, SMTP_REPLY_RESET);
	event->kind = SMTP_RESET;
	return SMTP_EVENT;
}

static enum smtp_step on_noop(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	(void)e;
	(void)argument;
	return smtp_server_say(event, SMTP_REPLY_NOTHING);
}

static enum smtp_step on_vrfy(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	return argument.n ? smtp_server_say(event, SMTP_REPLY_CANNOT_VERIFY) : smtp_server_wrong(e, event, SMTP_REPLY_PARAMETER_SYNTAX);
}

static enum smtp_step on_expn(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	(void)argument;
	return smtp_server_wrong(e, event, SMTP_REPLY_NOT_OFFERED);
}

static enum smtp_step on_help(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	(void)e;
	(void)argument;
	return smtp_server_say(event, SMTP_REPLY_HELP);
}

static enum smtp_step on_quit(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	(void)argument;
	smtp_server_say(event, SMTP_REPLY_BYE);
	event->kind = SMTP_QUIT;
	e->state = SMTP_CLOSED;
	return SMTP_EVENT;
}

static enum smtp_step on_starttls(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	if (argument.n)
		return smtp_server_wrong(e, event, SMTP_REPLY_NO_ARGUMENT);
	if (e->tls)
		return smtp_server_wrong(e, event, SMTP_REPLY_TLS_ALREADY);
	return smtp_server_ask(event, SMTP_TLS, SMTP_REPLY_TLS_READY);
}

static enum smtp_step on_auth(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	if (e->authenticated)
		return smtp_server_wrong(e, event, SMTP_REPLY_AUTH_ALREADY);
	if (argument.n == 0)
		return smtp_server_wrong(e, event, SMTP_REPLY_AUTH_SYNTAX);
	event->text = argument;
	return smtp_server_ask(event, SMTP_LOGIN, SMTP_REPLY_AUTHENTICATED);
}

static enum smtp_step on_attributes(struct smtp_server_engine *e, struct span argument, struct smtp_event *event, enum smtp_event_kind kind,
				    enum smtp_reply reply)
{
	struct span rest = argument, name, value;
	bool wrong_one = argument.n == 0;
	while (smtp_attribute_next(&rest, &name, &value, &wrong_one))
		;
	if (wrong_one || argument.n == 0)
		return smtp_server_wrong(e, event, SMTP_REPLY_ATTRIBUTE_SYNTAX);
	event->text = argument;
	return smtp_server_ask(event, kind, reply);
}

static enum smtp_step on_xclient(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	return on_attributes(e, argument, event, SMTP_CLIENT, SMTP_REPLY_GREETING);
}

static enum smtp_step on_xforward(struct smtp_server_engine *e, struct span argument, struct smtp_event *event)
{
	return on_attributes(e, argument, event, SMTP_FORWARD, SMTP_REPLY_XFORWARD);
}

static const struct smtp_command commands[] = {
	{ SPAN_INIT("HELO"), ANYWHERE, 0, ONLY_SMTP, true, SMTP_READY, on_helo },
	{ SPAN_INIT("EHLO"), ANYWHERE, 0, ONLY_SMTP, true, SMTP_READY, on_ehlo },
	{ SPAN_INIT("LHLO"), ANYWHERE, 0, ONLY_LMTP, true, SMTP_READY, on_ehlo },
	{ SPAN_INIT("MAIL"), IDLE, 0, 0, false, SMTP_IN_MAIL, on_mail },
	{ SPAN_INIT("RCPT"), SMTP_AT(SMTP_IN_MAIL) | SMTP_AT(SMTP_IN_RCPT), 0, 0, false, SMTP_IN_RCPT, on_rcpt },
	{ SPAN_INIT("DATA"), SMTP_AT(SMTP_IN_RCPT), 0, 0, true, SMTP_IN_DATA, on_data },
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
		return smtp_server_wrong(e, event, SMTP_REPLY_UNKNOWN_COMMAND);
	e->manners |= GATE_FOREIGN_COMMAND;
	if (e->options.behaviour.ends_on_foreign)
		return smtp_server_bad(e, SMTP_REPLY_FOREIGN, "a client spoke another protocol");
	return smtp_server_wrong(e, event, SMTP_REPLY_FOREIGN);
}

static bool needs_helo(const struct smtp_server_engine *e) { return e->options.behaviour.helo_required || e->options.lmtp; }

static enum smtp_step on_misplaced(struct smtp_server_engine *e, const struct smtp_command *c, struct smtp_event *event)
{
	bool mail = span_eq(c->name, SPAN("MAIL"));
	e->manners |= GATE_OUT_OF_ORDER;
	bool anew = e->state == SMTP_START && (needs_helo(e) || !(c->states & TRANSACTION));
	enum smtp_reply reply = anew                                                             ? SMTP_REPLY_NEED_HELO
				: mail                                                           ? SMTP_REPLY_NESTED_MAIL
				: !smtp_server_within(e, TRANSACTION)                            ? SMTP_REPLY_NEED_MAIL
				: e->state == SMTP_IN_MAIL && c->states == SMTP_AT(SMTP_IN_RCPT) ? SMTP_REPLY_NEED_RCPT
												 : SMTP_REPLY_IN_TRANSACTION;
	return smtp_server_wrong(e, event, reply);
}

static const struct smtp_command *find_command(const struct smtp_server_engine *e, struct span verb)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (span_ieq(verb, commands[i].name))
			return commands[i].protocol == (e->options.lmtp ? ONLY_SMTP : ONLY_LMTP) ? NULL : &commands[i];
	return NULL;
}

static bool may_stand(const struct smtp_server_engine *e, const struct smtp_command *c)
{
	return smtp_server_within(e, c->states) || (e->state == SMTP_START && c->read == on_mail && !needs_helo(e));
}

/* Whether a client that sends more behind this command is too early (RFC 2920 section 3.1). A chunk's bytes belong to it. */
static bool must_wait(const struct smtp_server_engine *e, const struct smtp_command *c)
{
	bool pipelines = e->esmtp && e->options.offers & SMTP_PIPELINING;
	return c->read != on_bdat && (c->ends_group || !pipelines);
}

static enum smtp_step wait_for(struct smtp_server_engine *e, const struct smtp_command *c, enum smtp_step step,
			       const struct smtp_event *event)
{
	if (step == SMTP_EVENT && event->waits) {
		e->pending = (uint8_t)(c - commands + 1);
		e->waits = true;
	}
	return step;
}

static const struct smtp_command *command_named(struct span name)
{
	const struct smtp_command *c = commands;
	while (!span_eq(c->name, name))
		c++;
	return c;
}

enum smtp_step smtp_command_ask(struct smtp_server_engine *e, struct span name, struct smtp_event *event, enum smtp_event_kind kind,
				enum smtp_reply reply)
{
	return wait_for(e, command_named(name), smtp_server_ask(event, kind, reply), event);
}

enum smtp_step smtp_command_chunk(struct smtp_server_engine *e, struct smtp_event *event)
{
	return wait_for(e, command_named(SPAN("BDAT")), take_chunk(e, event), event);
}

enum smtp_step smtp_command_read(struct smtp_server_engine *e, struct span line, bool more, struct smtp_event *event)
{
	struct span rest = span_trim(line), verb;
	if (!span_split(&rest, ' ', &verb))
		verb = rest;
	const struct smtp_command *c = find_command(e, verb);
	if (!c)
		return on_unknown(e, verb, event);
	if (more && must_wait(e, c))
		e->manners |= GATE_EARLY_PIPELINING;
	if (c->offer && !(e->options.offers & c->offer))
		return smtp_server_wrong(e, event, c->offer == SMTP_STARTTLS && e->tls ? SMTP_REPLY_TLS_ALREADY : SMTP_REPLY_NOT_OFFERED);
	if (!may_stand(e, c))
		return on_misplaced(e, c, event);
	return wait_for(e, c, c->read(e, span_trim(rest), event), event);
}

static void accepted_command(struct smtp_server_engine *e, const struct smtp_command *c)
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

bool smtp_command_must_wait(const struct smtp_server_engine *e) { return e->pending && must_wait(e, &commands[e->pending - 1]); }

void smtp_command_answered(struct smtp_server_engine *e, bool accepted)
{
	const struct smtp_command *c = &commands[e->pending - 1];
	if (accepted)
		accepted_command(e, c);
	else if (c->read == on_bdat)
		e->discards = e->left > 0;
	else if (c->read == on_auth)
		e->errors++; /* a guess */
}
