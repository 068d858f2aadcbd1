/* session/smtp_exim_commands.c - how Exim reads commands: what it looks for first, what it counts, when it hangs up.
 *
 * Observed of Exim 4.96 as Debian builds it, with all settings as they are by default but one: everybody may relay. What it counts:
 * four errors end a conversation, and so do eleven commands that bring no message on, of which one RSET, HELO and STARTTLS a message is
 * free. Until the first DATA a client may send ahead (its PIPECONNECT), after that it must keep to RFC 2920. */
#include "base/ascii.h"
#include "base/ip.h"
#include "base/limits.h"
#include "session/smtp_exim_address.h"
#include "session/smtp_personalities.h"
#include "session/smtp_server_parts.h"

enum { ERRORS = 3, UNKNOWN = 3, IDLE = 10 };
enum { TRANSACTION = SMTP_AT(SMTP_IN_MAIL) | SMTP_AT(SMTP_IN_RCPT) };
/* As idle; behind another of its kind since the last message. */
enum counted { NEVER, ALWAYS, AFTER_RSET, AFTER_HELO, AFTER_TLS, AFTER_AUTH };
/* May something stand behind it already? */
enum company { ALONE, ALONE_UNLESS_PIPELINED, ANY };

struct exim_command {
	struct span name;
	bool argument; /* it may have one */
	enum counted counted;
	enum company company;
	enum smtp_step (*read)(struct smtp_server_engine *e, struct span argument, bool more, struct smtp_event *event);
};

static uint16_t bit(enum counted counted) { return (uint16_t)(1u << counted); }
static bool pipelines(const struct smtp_server_engine *e) { return e->esmtp && e->state != SMTP_START; }

/* The steps that a command can end in. */

static enum smtp_step say(struct smtp_event *event, enum smtp_reply reply, const char *words)
{
	event->words = words;
	return smtp_server_say(event, reply);
}

static enum smtp_step hang_up(struct smtp_server_engine *e, struct smtp_event *event, const char *words)
{
	e->state = SMTP_CLOSED;
	event->ends = true;
	return say(event, SMTP_REPLY_TOO_MANY_ERRORS, words);
}

static enum smtp_step wrong(struct smtp_server_engine *e, struct smtp_event *event, enum smtp_reply reply, const char *words)
{
	event->words = words;
	enum smtp_step step = smtp_server_wrong(e, event, reply);
	event->ends = event->too_many = e->errors > ERRORS;
	if (event->ends)
		e->state = SMTP_CLOSED;
	return step;
}

static enum smtp_step out_of_turn(struct smtp_server_engine *e, struct smtp_event *event, enum smtp_reply reply, const char *words)
{
	e->manners |= GATE_OUT_OF_ORDER;
	return wrong(e, event, reply, words);
}

/* One that is not said to have been too many. */
static enum smtp_step wrong_in_silence(struct smtp_server_engine *e, struct smtp_event *event, enum smtp_reply reply, const char *words)
{
	wrong(e, event, reply, words);
	event->too_many = false;
	return SMTP_EVENT;
}

static enum smtp_step too_early(struct smtp_server_engine *e, struct smtp_event *event)
{
	e->manners |= GATE_EARLY_PIPELINING;
	return hang_up(e, event, "554 SMTP synchronization error");
}

/* HELO and EHLO. */

static bool helo_valid(struct span name)
{
	struct ip ip;
	if (span_starts(name, SPAN("[")))
		return span_ends(name, SPAN("]")) &&
		       ip_parse(span_slice(name, span_istarts(name, SPAN("[IPv6:")) ? 6 : 1, name.n - 1), &ip);
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_is_alnum(name.p[i]) && name.p[i] != '.' && name.p[i] != '-')
			return false;
	return name.n > 0;
}

static enum smtp_step on_hello(struct smtp_server_engine *e, struct span name, struct smtp_event *event, bool esmtp)
{
	e->tally.used |= bit(AFTER_HELO);
	if (!helo_valid(name))
		return wrong_in_silence(e, event, SMTP_REPLY_HELO_SYNTAX,
					esmtp ? "501 Syntactically invalid EHLO argument(s)"
					      : "501 Syntactically invalid HELO argument(s)");
	smtp_server_forget_message(e);
	e->state = e->state == SMTP_START ? SMTP_START : SMTP_READY;
	e->esmtp = esmtp;
	event->text = name;
	return smtp_command_ask(e, esmtp ? SPAN("EHLO") : SPAN("HELO"), event, SMTP_HELO, esmtp ? SMTP_REPLY_EHLO : SMTP_REPLY_HELO);
}

static enum smtp_step on_helo(struct smtp_server_engine *e, struct span name, bool more, struct smtp_event *event)
{
	(void)more;
	return on_hello(e, name, event, false);
}

static enum smtp_step on_ehlo(struct smtp_server_engine *e, struct span name, bool more, struct smtp_event *event)
{
	(void)more;
	return on_hello(e, name, event, true);
}

/* MAIL and RCPT. */

/* Takes the last word off the end where it looks like a parameter: "NAME=value", or one that has no "=". */
static bool take_parameter(struct span *text, struct span *ret_name, struct span *ret_value)
{
	struct span s = span_trim(*text);
	size_t at = s.n;
	bool quoted = false;
	while (at > 0 && (quoted || (s.p[at - 1] != '=' && !ascii_is_space(s.p[at - 1]))))
		quoted ^= s.p[--at] == '"';
	if (at == 0)
		return false;
	size_t name = at, value = at;
	if (s.p[at - 1] == '=') {
		name = at - 1;
		while (name > 0 && ascii_is_alpha(s.p[name - 1]))
			name--;
		if (name == 0 || !ascii_is_space(s.p[name - 1]))
			return false;
		*ret_name = span_slice(s, name, at - 1);
	} else {
		*ret_name = span_skip(s, at);
	}
	*ret_value = s.p[at - 1] == '=' ? span_skip(s, value) : span_none;
	*text = span_first(s, name - 1);
	return true;
}

static bool is_body(struct span value) { return span_ieq(value, SPAN("8BITMIME")) || span_ieq(value, SPAN("7BIT")); }

/* From the end on, until one is none: that one is part of the address then, where it is wrong. False: what BODY says is. */
static bool take_parameters(struct span *text, struct smtp_parameters *p)
{
	static const struct span with_value[] = { SPAN_INIT("SIZE"), SPAN_INIT("BODY"), SPAN_INIT("AUTH"), SPAN_INIT("RET"),
						  SPAN_INIT("ENVID") };
	struct span rest = *text, name, value;
	while (take_parameter(&rest, &name, &value)) {
		bool takes = false;
		for (size_t i = 0; i < sizeof with_value / sizeof *with_value; i++)
			takes |= span_ieq(name, with_value[i]);
		p->utf8 |= span_ieq(name, SPAN("SMTPUTF8")) && !value.p;
		if (!takes && (value.p || (!span_ieq(name, SPAN("SMTPUTF8")) && !span_ieq(name, SPAN("PRDR")))))
			return true;
		*text = rest;
		if (takes && value.n == 0)
			return true;
		if (span_ieq(name, SPAN("BODY")) && !is_body(value))
			return false;
		if (span_ieq(name, SPAN("SIZE")) && !span_to_uint(value, UINT64_MAX / 16, &p->size))
			return true;
		p->has_size |= span_ieq(name, SPAN("SIZE"));
	}
	return true;
}

/* False: the fault is told by *event. */
static bool take_address(struct span text, const struct smtp_exim_reading *how, struct smtp_event *event)
{
	struct smtp_exim_address a;
	event->details[0] = text;
	if (!smtp_exim_address_read(text, how, &a)) {
		event->fault = a.fault;
		event->details[1] = a.details[0];
		event->details[2] = a.details[1];
		return false;
	}
	event->path = (struct smtp_path){ .whole = text, .route = a.route, .address = a.address, .local = a.local, .domain = a.domain };
	return true;
}

static enum smtp_step on_mail(struct smtp_server_engine *e, struct span text, bool more, struct smtp_event *event)
{
	(void)more;
	e->tally.mail_failed = true;
	if (e->state == SMTP_START)
		return say(event, SMTP_REPLY_NEED_HELO, NULL);
	if (smtp_server_within(e, TRANSACTION))
		return out_of_turn(e, event, SMTP_REPLY_NESTED_MAIL, NULL);
	if (text.n == 0)
		return wrong(e, event, SMTP_REPLY_MAIL_SYNTAX, NULL);
	event->anew = true;
	if (e->esmtp && !take_parameters(&text, &event->parameters))
		return wrong(e, event, SMTP_REPLY_PARAMETER_SYNTAX, "501 invalid data for BODY");
	if (!take_address(text, &(struct smtp_exim_reading){ .empty = true, .utf8 = event->parameters.utf8, .equals = SPAN_NPOS }, event))
		return wrong(e, event, SMTP_REPLY_BAD_SENDER, NULL);
	e->tally.utf8 = event->parameters.utf8;
	if (e->options.message_bytes && event->parameters.has_size && event->parameters.size > e->options.message_bytes)
		return say(event, SMTP_REPLY_TOO_LARGE, NULL);
	if (event->path.address.n && event->path.domain.n == 0)
		return say(event, SMTP_REPLY_BAD_SENDER, "501 %1: sender address must contain a domain");
	e->tally.mail_failed = false;
	return smtp_command_ask(e, SPAN("MAIL"), event, SMTP_MAIL, SMTP_REPLY_SENDER);
}

static enum smtp_step on_rcpt_alone(struct smtp_server_engine *e, bool after_mail, struct smtp_event *event)
{
	if (!pipelines(e) || !after_mail)
		return out_of_turn(e, event, SMTP_REPLY_NEED_MAIL, NULL);
	/* the client sent it before it knew that MAIL failed */
	e->tally.mail_failed = e->tally.rcpt_last = true;
	return say(event, SMTP_REPLY_NEED_MAIL, NULL);
}

static bool is_postmaster(const struct smtp_path *path) { return !path->route.p && span_ieq(path->address, SPAN("postmaster")); }

/* It takes a last word that has no "=" for a parameter, finds that it knows none, and puts the word back with "=" instead of the blank. */
static size_t put_back(struct span text)
{
	struct span name, value = span_none, rest = text;
	return take_parameter(&rest, &name, &value) && !value.p ? (size_t)(name.p - text.p) - 1 : SPAN_NPOS;
}

static enum smtp_step on_rcpt(struct smtp_server_engine *e, struct span text, bool more, struct smtp_event *event)
{
	e->tally.rcpt_last = true;
	if (text.n == 0)
		return wrong(e, event, SMTP_REPLY_RCPT_SYNTAX, NULL);
	if (!take_address(text, &(struct smtp_exim_reading){ .utf8 = e->tally.utf8, .equals = e->esmtp ? put_back(text) : SPAN_NPOS },
			  event))
		return wrong(e, event, SMTP_REPLY_BAD_RECIPIENT, NULL);
	if (event->path.domain.n == 0 && !is_postmaster(&event->path))
		return say(event, SMTP_REPLY_BAD_RECIPIENT, "501 %1: recipient address must contain a domain");
	if (e->recipients >= e->options.recipients)
		return say(event, SMTP_REPLY_TOO_MANY_RECIPIENTS, NULL);
	if (more && !pipelines(e))
		return too_early(e, event);
	return smtp_command_ask(e, SPAN("RCPT"), event, SMTP_RCPT, SMTP_REPLY_RECIPIENT);
}

/* The message. */

/* after_rcpt: the client sent it before it knew that RCPT failed. */
static enum smtp_step no_recipients(struct smtp_server_engine *e, bool after_rcpt, struct smtp_event *event, const char *patient,
				    const char * not )
{
	if (pipelines(e) && after_rcpt)
		return say(event, SMTP_REPLY_NEED_RCPT, patient);
	return out_of_turn(e, event, SMTP_REPLY_NEED_RCPT, not );
}

static void settle(struct smtp_server_engine *e)
{
	e->tally.settled = true;
	e->options.offers &= ~(uint32_t)SMTP_PIPECONNECT;
}

static enum smtp_step on_data(struct smtp_server_engine *e, bool after_rcpt, struct smtp_event *event)
{
	settle(e);
	if (e->recipients == 0)
		return no_recipients(e, after_rcpt, event, "503 Valid RCPT command must precede DATA",
				     "503 valid RCPT command must precede DATA");
	return smtp_command_ask(e, SPAN("DATA"), event, SMTP_DATA, SMTP_REPLY_GO_AHEAD);
}

static enum smtp_step on_bdat(struct smtp_server_engine *e, struct span text, bool after_rcpt, struct smtp_event *event)
{
	struct span number;
	if (!pipelines(e))
		return wrong(e, event, SMTP_REPLY_NOT_OFFERED, "503 BDAT command used when CHUNKING not advertised");
	if (!span_split(&text, ' ', &number) || !span_to_uint(number, INT32_MAX, &e->left)) {
		e->left = 0;
		return wrong(e, event, SMTP_REPLY_CHUNK_SYNTAX, NULL);
	}
	settle(e);
	e->last = span_ieq(span_trim(text), SPAN("LAST"));
	e->chunk = e->left;
	if (e->recipients == 0) {
		e->discards = e->left > 0;
		return no_recipients(e, after_rcpt, event, "503 Valid RCPT command must precede BDAT",
				     "503 valid RCPT command must precede BDAT");
	}
	return smtp_command_chunk(e, event);
}

/* The others. */

static enum smtp_step on_rset(struct smtp_server_engine *e, struct span text, bool more, struct smtp_event *event)
{
	(void)text;
	(void)more;
	e->tally.used |= bit(AFTER_RSET);
	smtp_server_forget_message(e);
	if (e->state != SMTP_START)
		e->state = SMTP_READY;
	smtp_server_say(event, SMTP_REPLY_RESET);
	event->kind = SMTP_RESET;
	return SMTP_EVENT;
}

static enum smtp_step on_quit(struct smtp_server_engine *e, struct span text, bool more, struct smtp_event *event)
{
	(void)text;
	(void)more;
	smtp_server_say(event, SMTP_REPLY_BYE);
	event->kind = SMTP_QUIT;
	e->state = SMTP_CLOSED;
	return SMTP_EVENT;
}

static enum smtp_step on_noop(struct smtp_server_engine *e, struct span text, bool more, struct smtp_event *event)
{
	(void)e;
	(void)text;
	(void)more;
	return say(event, SMTP_REPLY_NOTHING, NULL);
}

static enum smtp_step on_vrfy(struct smtp_server_engine *e, struct span text, bool more, struct smtp_event *event)
{
	(void)e;
	(void)more;
	if (!take_address(text, &(struct smtp_exim_reading){ .equals = SPAN_NPOS }, event))
		return say(event, SMTP_REPLY_BAD_RECIPIENT, "501 %w");
	if (event->path.domain.n == 0 && !is_postmaster(&event->path))
		return say(event, SMTP_REPLY_BAD_RECIPIENT, "501 %1: recipient address must contain a domain");
	return say(event, SMTP_REPLY_CANNOT_VERIFY, NULL);
}

static enum smtp_step on_expn(struct smtp_server_engine *e, struct span text, bool more, struct smtp_event *event)
{
	(void)e;
	(void)text;
	(void)more;
	return say(event, SMTP_REPLY_NOT_OFFERED, "550 Administrative prohibition");
}

static enum smtp_step on_etrn(struct smtp_server_engine *e, struct span text, bool more, struct smtp_event *event)
{
	(void)text;
	(void)more;
	if (smtp_server_within(e, TRANSACTION))
		return out_of_turn(e, event, SMTP_REPLY_IN_TRANSACTION, "503 ETRN is not permitted inside a transaction");
	return say(event, SMTP_REPLY_NOT_OFFERED, "458 Administrative prohibition");
}

static enum smtp_step on_help(struct smtp_server_engine *e, struct span text, bool more, struct smtp_event *event)
{
	(void)text;
	(void)more;
	return say(event, SMTP_REPLY_HELP,
		   e->options.offers & SMTP_STARTTLS ? NULL
						     : "214 Commands supported:\nAUTH HELO EHLO MAIL RCPT DATA BDAT NOOP QUIT RSET HELP");
}

static enum smtp_step on_auth(struct smtp_server_engine *e, struct span text, bool more, struct smtp_event *event)
{
	(void)text;
	(void)more;
	e->tally.used |= bit(AFTER_AUTH);
	return wrong(e, event, SMTP_REPLY_NOT_OFFERED, "503 AUTH command used when not advertised");
}

static enum smtp_step on_starttls(struct smtp_server_engine *e, struct span text, bool more, struct smtp_event *event)
{
	(void)text;
	(void)more;
	if (!pipelines(e) || !(e->options.offers & SMTP_STARTTLS))
		return wrong(e, event, SMTP_REPLY_NOT_OFFERED, "503 STARTTLS command used when not advertised");
	e->tally.used |= bit(AFTER_TLS);
	smtp_server_forget_message(e);
	return smtp_command_ask(e, SPAN("STARTTLS"), event, SMTP_TLS, SMTP_REPLY_TLS_READY);
}

static const struct exim_command commands[] = {
	{ SPAN_INIT("RSET"), false, AFTER_RSET, ALONE_UNLESS_PIPELINED, on_rset },
	{ SPAN_INIT("HELO"), true, AFTER_HELO, ALONE, on_helo },
	{ SPAN_INIT("EHLO"), true, AFTER_HELO, ALONE, on_ehlo },
	{ SPAN_INIT("AUTH"), true, AFTER_AUTH, ANY, on_auth },
	{ SPAN_INIT("STARTTLS"), false, AFTER_TLS, ALONE, on_starttls },
	{ SPAN_INIT("MAIL FROM:"), true, NEVER, ALONE_UNLESS_PIPELINED, on_mail },
	{ SPAN_INIT("RCPT TO:"), true, NEVER, ALONE_UNLESS_PIPELINED, NULL },
	{ SPAN_INIT("DATA"), false, NEVER, ALONE, NULL },
	{ SPAN_INIT("BDAT"), true, NEVER, ANY, NULL },
	{ SPAN_INIT("QUIT"), false, NEVER, ANY, on_quit },
	{ SPAN_INIT("NOOP"), true, ALWAYS, ALONE, on_noop },
	{ SPAN_INIT("ETRN"), true, ALWAYS, ALONE, on_etrn },
	{ SPAN_INIT("VRFY"), true, ALWAYS, ALONE, on_vrfy },
	{ SPAN_INIT("EXPN"), true, ALWAYS, ALONE, on_expn },
	{ SPAN_INIT("HELP"), true, ALWAYS, ANY, on_help },
};

static const struct exim_command *find_command(struct span line)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		struct span name = commands[i].name;
		int behind = span_at(line, name.n);
		if (span_istarts(line, name) && (behind < 0 || behind == ' ' || span_ends(name, SPAN(":"))))
			return &commands[i];
	}
	return NULL;
}

/* These three look at what came before them. */
static enum smtp_step carry_out(struct smtp_server_engine *e, const struct exim_command *c, struct span text, bool more,
				struct smtp_event *event)
{
	bool after_mail = e->tally.mail_failed, after_rcpt = e->tally.rcpt_last;
	e->tally.mail_failed = e->tally.rcpt_last = false;
	if (span_eq(c->name, SPAN("RCPT TO:")))
		return smtp_server_within(e, TRANSACTION) ? on_rcpt(e, text, more, event) : on_rcpt_alone(e, after_mail, event);
	if (span_eq(c->name, SPAN("DATA")))
		return on_data(e, after_rcpt, event);
	if (span_eq(c->name, SPAN("BDAT")))
		return on_bdat(e, text, after_rcpt, event);
	return c->read(e, text, more, event);
}

/* Between two chunks nearly nothing may stand, and after that nothing but RSET. */
static bool fits_between_chunks(const struct smtp_server_engine *e, const struct exim_command *c)
{
	return c && (c->read == on_rset || c->read == on_quit || (!e->failed && (c->read == on_noop || span_eq(c->name, SPAN("BDAT")))));
}

static enum smtp_step between_chunks(struct smtp_server_engine *e, struct smtp_event *event)
{
	const char *words = e->failed ? "503 only RSET accepted now" : "503 only BDAT permissible after non-LAST BDAT";
	e->failed = true;
	return out_of_turn(e, event, SMTP_REPLY_CHUNK_FAILED, words);
}

static enum smtp_step on_unknown(struct smtp_server_engine *e, struct smtp_event *event)
{
	e->tally.mail_failed = e->tally.rcpt_last = false;
	if (e->tally.unknown++ >= UNKNOWN)
		return hang_up(e, event, "500 Too many unrecognized commands");
	return wrong(e, event, SMTP_REPLY_UNKNOWN_COMMAND, NULL);
}

static bool must_be_alone(const struct smtp_server_engine *e, const struct exim_command *c)
{
	return !c || c->company == ALONE || (c->company == ALONE_UNLESS_PIPELINED && !pipelines(e));
}

static bool is_idle(struct smtp_server_engine *e, const struct exim_command *c)
{
	return c->counted == ALWAYS || (c->counted != NEVER && e->tally.used & bit(c->counted));
}

static enum smtp_step read_line(struct smtp_server_engine *e, struct span line, bool more, struct smtp_event *event)
{
	while (line.n && ascii_is_space(line.p[line.n - 1]))
		line.n--;
	if (span_find_byte(line, 0, 0) != SPAN_NPOS)
		return wrong_in_silence(e, event, SMTP_REPLY_BAD_LINE, NULL);
	const struct exim_command *c = find_command(line);
	if (more && e->tally.settled && must_be_alone(e, c))
		return too_early(e, event);
	if (c && is_idle(e, c) && ++e->tally.idle > IDLE)
		return hang_up(e, event, "554 Too many nonmail commands");
	if (e->state == SMTP_BETWEEN_CHUNKS && !fits_between_chunks(e, c))
		return between_chunks(e, event);
	if (!c)
		return on_unknown(e, event);
	struct span text = span_skip(line, c->name.n);
	while (text.n && ascii_is_space(text.p[0]))
		text = span_skip(text, 1);
	if (text.n && !c->argument)
		return wrong(e, event, SMTP_REPLY_NO_ARGUMENT, NULL);
	return carry_out(e, c, text, more, event);
}

const struct smtp_grammar smtp_exim_grammar = { .line_bytes = LIMIT_SMTP_LINE_EXIM, .read = read_line };
