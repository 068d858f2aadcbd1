/* session/smtp_postfix_commands.c - how Postfix reads commands: in words, and what it looks for first.
 *
 * Observed of Postfix 3.7 with its settings as they are by default but one: everybody on the network may relay. It ends a conversation
 * after twenty errors, and when a command begins like another protocol's. */
#include "base/ascii.h"
#include "base/ip.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "session/smtp_personalities.h"
#include "session/smtp_server_parts.h"

enum { WORDS = 32, TRANSACTION = SMTP_AT(SMTP_IN_MAIL) | SMTP_AT(SMTP_IN_RCPT) | SMTP_AT(SMTP_BETWEEN_CHUNKS) };

/* A line in words: blanks part them, but not in quotes, nor in angle brackets. */
struct postfix_line {
	struct span words[WORDS];
	size_t n;
};

struct postfix_command {
	struct span name;
	enum smtp_step (*read)(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event);
};

static bool is_blank(int c) { return c == ' ' || c == '\t' || c == '\r'; }

static size_t skip_quoted(struct span s, size_t at)
{
	for (at++; at < s.n && s.p[at] != '"'; at++)
		at += s.p[at] == '\\';
	return at + 1;
}

static struct span take_word(struct span *rest)
{
	size_t at = 0, depth = 0;
	while (at < rest->n && (depth || !is_blank(rest->p[at]))) {
		if (rest->p[at] == '"') {
			at = skip_quoted(*rest, at);
			continue;
		}
		at += rest->p[at] == '\\';
		depth += span_at(*rest, at) == '<';
		depth -= depth && span_at(*rest, at) == '>';
		at++;
	}
	struct span word = span_first(*rest, at);
	*rest = span_skip(*rest, at);
	return word;
}

static void read_words(struct span text, struct postfix_line *line)
{
	line->n = 0;
	for (;;) {
		while (is_blank(span_at(text, 0)))
			text = span_skip(text, 1);
		if (text.n == 0)
			return;
		struct span word = take_word(&text);
		if (line->n < WORDS)
			line->words[line->n++] = word;
	}
}

static enum smtp_step say(struct smtp_event *event, enum smtp_reply reply, const char *words)
{
	event->words = words;
	return smtp_server_say(event, reply);
}

static enum smtp_step wrong(struct smtp_server_engine *e, struct smtp_event *event, enum smtp_reply reply, const char *words)
{
	event->words = words;
	return smtp_server_wrong(e, event, reply);
}

static enum smtp_step out_of_turn(struct smtp_server_engine *e, struct smtp_event *event, enum smtp_reply reply, const char *words)
{
	e->manners |= GATE_OUT_OF_ORDER;
	return wrong(e, event, reply, words);
}

/* HELO and EHLO. */

static enum smtp_step on_helo(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event)
{
	bool esmtp = span_ieq(line->words[0], SPAN("EHLO"));
	if (line->n < 2)
		return wrong(e, event, SMTP_REPLY_HELO_SYNTAX, esmtp ? "501 Syntax: EHLO hostname" : "501 Syntax: HELO hostname");
	smtp_server_forget_message(e);
	e->state = e->state == SMTP_START ? SMTP_START : SMTP_READY;
	e->esmtp = esmtp;
	event->text = line->words[1];
	return smtp_command_ask(e, esmtp ? SPAN("EHLO") : SPAN("HELO"), event, SMTP_HELO, esmtp ? SMTP_REPLY_EHLO : SMTP_REPLY_HELO);
}

/* MAIL and RCPT. */

/* "FROM:<a@b>" or "FROM:" "<a@b>". SPAN_NPOS: it is neither; else the word behind the address, which is in *ret. */
static size_t take_address(const struct postfix_line *line, struct span keyword, struct span *ret)
{
	if (line->n < 2 || !span_istarts(line->words[1], keyword))
		return SPAN_NPOS;
	*ret = span_skip(line->words[1], keyword.n);
	if (ret->n)
		return 2;
	*ret = line->n > 2 ? line->words[2] : span_none;
	return line->n > 2 ? 3 : SPAN_NPOS;
}

static bool literal_is_good(struct span domain)
{
	struct ip ip;
	struct span inside = span_slice(domain, 1, domain.n - 1);
	bool six = span_istarts(inside, SPAN("IPv6:"));
	return span_ends(domain, SPAN("]")) && ip_parse(six ? span_skip(inside, 5) : inside, &ip) &&
	       six == (span_find_byte(inside, ':', 0) != SPAN_NPOS);
}

static bool domain_is_good(struct span domain)
{
	if (span_starts(domain, SPAN("[")))
		return literal_is_good(domain);
	if (span_ends(domain, SPAN(".")))
		domain.n--;
	return smtp_domain_valid(domain);
}

/* What it reads as one local part: words and quoted strings with dots between them; comments stand anywhere. */
static bool local_is_good(struct span local)
{
	for (size_t at = 0; at < local.n; at++) {
		uint8_t c = local.p[at];
		bool edge = at == 0 || local.p[at - 1] == '.';
		if (c == '"') {
			at = skip_quoted(local, at);
			if (!edge || at > local.n || (at < local.n && local.p[at] != '.' && local.p[at] != '@'))
				return false;
			at--;
		} else if (c == '\\') {
			at++;
		} else if (c <= ' ' || c == 0x7f || c == ';' || c == ',' || c == '<' || c == '>' || c == '[' || c == ']') {
			return false;
		}
	}
	return true;
}

/* The last @ that is neither quoted nor escaped. */
static size_t find_at(struct span address)
{
	size_t found = SPAN_NPOS;
	for (size_t at = 0; at < address.n; at++) {
		if (address.p[at] == '"')
			at = skip_quoted(address, at) - 1;
		else if (address.p[at] == '\\')
			at++;
		else if (address.p[at] == '@')
			found = at;
	}
	return found;
}

static struct span without_brackets(struct span word)
{
	bool left = span_starts(word, SPAN("<"));
	while (span_starts(word, SPAN("<")))
		word = span_skip(word, 1);
	size_t end = 0;
	while (left && end < word.n && word.p[end] != '>')
		end = word.p[end] == '"' ? skip_quoted(word, end) : end + 1 + (word.p[end] == '\\');
	/* what stands behind an empty address is not read, and more brackets may close than were opened */
	if (left && end < word.n && (end == 0 || span_trim(span_skip(word, end)).n == 1 || span_eq(span_skip(word, end), SPAN(">>"))))
		word = span_first(word, end);
	return span_trim(word);
}

/* False: it has no form that Postfix knows. */
static bool read_path(struct span word, struct smtp_path *path)
{
	size_t at = 0;
	if (span_starts(word, SPAN("("))) /* a comment */
		word = span_skip(word, span_find_byte(word, ')', 0) + 1);
	struct span inside = without_brackets(word);
	*path = (struct smtp_path){ .whole = word };
	if (span_starts(word, SPAN("<")) && !span_has(word, SPAN(">")))
		return false;
	if (span_starts(inside, SPAN("@")) && (at = span_find_byte(inside, ':', 0)) != SPAN_NPOS) {
		path->route = span_first(inside, at);
		inside = span_skip(inside, at + 1);
	}
	path->address = inside;
	at = find_at(inside);
	path->local = span_first(inside, at);
	path->domain = at == SPAN_NPOS ? span_skip(inside, inside.n) : span_skip(inside, at + 1);
	return local_is_good(path->local) && (at == SPAN_NPOS || domain_is_good(path->domain));
}

static bool is_xtext(struct span value)
{
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] == '+' && (ascii_hex(span_at(value, i + 1)) < 0 || ascii_hex(span_at(value, i + 2)) < 0))
			return false;
	return value.n > 0;
}

/* Of one parameter: the text of what is wrong with it, or NULL. seen: a bit for each that may come once. */
static const char *read_mail_parameter(struct span word, unsigned *seen, struct smtp_parameters *p)
{
	static const char bad_ret[] = "501 5.5.4 Bad RET parameter syntax", bad_envid[] = "501 5.5.4 Bad ENVID parameter syntax";
	static const char unknown[] = "555 5.5.4 Unsupported option: %1";
	size_t equals = span_find_byte(word, '=', 0);
	struct span name = span_first(word, equals), value = equals == SPAN_NPOS ? span_none : span_skip(word, equals + 1);
	unsigned before = *seen;
	if (span_ieq(word, SPAN("SMTPUTF8")))
		p->utf8 = true;
	else if (span_ieq(word, SPAN("BODY=7BIT")) || span_ieq(word, SPAN("BODY=8BITMIME")))
		p->body = SMTP_BODY_8BITMIME;
	else if (!value.p)
		return unknown;
	else if (span_ieq(name, SPAN("SIZE"))) {
		p->has_size = span_to_uint(value, UINT64_MAX / 16, &p->size);
		return p->has_size ? NULL : "501 5.5.4 Bad message size syntax";
	} else if (span_ieq(name, SPAN("AUTH")))
		p->auth = value;
	else if (span_ieq(name, SPAN("RET"))) {
		*seen |= 1;
		return before & 1 || (!span_ieq(value, SPAN("FULL")) && !span_ieq(value, SPAN("HDRS"))) ? bad_ret : NULL;
	} else if (span_ieq(name, SPAN("ENVID"))) {
		*seen |= 2;
		return before & 2 || !is_xtext(value) ? bad_envid : NULL;
	} else
		return unknown;
	return NULL;
}

static bool notify_is_good(struct span value)
{
	static const struct span words[] = { SPAN_INIT("NEVER"), SPAN_INIT("SUCCESS"), SPAN_INIT("FAILURE"), SPAN_INIT("DELAY") };
	unsigned seen = 0, n = 0;
	for (struct span word; span_split(&value, ',', &word); n++) {
		size_t i = 0;
		while (i < 4 && !span_ieq(word, words[i]))
			i++;
		if (i == 4)
			return false;
		seen |= 1u << i;
	}
	return n > 0 && (!(seen & 1) || n == 1);
}

static const char *read_rcpt_parameter(struct span word, unsigned *seen)
{
	unsigned before = *seen;
	if (span_istarts(word, SPAN("NOTIFY="))) {
		*seen |= 1;
		return before & 1 || !notify_is_good(span_skip(word, 7)) ? "501 5.5.4 Error: Bad NOTIFY parameter syntax" : NULL;
	}
	if (!span_istarts(word, SPAN("ORCPT=")))
		return "555 5.5.4 Unsupported option: %1";
	struct span value = span_skip(word, 6);
	size_t semicolon = span_find_byte(value, ';', 0);
	*seen |= 2;
	bool good = !(before & 2) && semicolon != SPAN_NPOS && semicolon > 0 && is_xtext(span_skip(value, semicolon + 1));
	return good ? NULL : "501 5.5.4 Error: Bad ORCPT parameter syntax";
}

static enum smtp_step on_mail(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event)
{
	struct span word;
	unsigned seen = 0;
	if (smtp_server_within(e, TRANSACTION))
		return out_of_turn(e, event, SMTP_REPLY_NESTED_MAIL, NULL);
	if (e->failed)
		return out_of_turn(e, event, SMTP_REPLY_CHUNK_FAILED, "503 5.5.1 Error: MAIL after BDAT");
	size_t at = take_address(line, SPAN("FROM:"), &word);
	if (at == SPAN_NPOS)
		return wrong(e, event, SMTP_REPLY_MAIL_SYNTAX, NULL);
	if (!read_path(word, &event->path))
		return wrong(e, event, SMTP_REPLY_BAD_SENDER, NULL);
	for (; at < line->n; at++) {
		const char *words = read_mail_parameter(line->words[at], &seen, &event->parameters);
		event->details[0] = line->words[at];
		if (words)
			return wrong(e, event, SMTP_REPLY_PARAMETER_SYNTAX, words);
	}
	/* what was promised before counts until RSET, also for one that promises nothing */
	e->tally.too_large = event->parameters.has_size ? event->parameters.size > e->options.message_bytes : e->tally.too_large;
	if (e->tally.too_large)
		return say(event, SMTP_REPLY_TOO_LARGE, NULL);
	return smtp_command_ask(e, SPAN("MAIL"), event, SMTP_MAIL, SMTP_REPLY_SENDER);
}

static enum smtp_step on_rcpt(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event)
{
	struct span word;
	unsigned seen = 0;
	if (!smtp_server_within(e, TRANSACTION))
		return out_of_turn(e, event, SMTP_REPLY_NEED_MAIL, NULL);
	if (e->state == SMTP_BETWEEN_CHUNKS || e->failed)
		return out_of_turn(e, event, SMTP_REPLY_CHUNK_FAILED, "503 5.5.1 Error: RCPT after BDAT");
	size_t at = take_address(line, SPAN("TO:"), &word);
	if (at == SPAN_NPOS)
		return wrong(e, event, SMTP_REPLY_RCPT_SYNTAX, NULL);
	if (!read_path(word, &event->path) || event->path.address.n == 0)
		return wrong(e, event, SMTP_REPLY_BAD_RECIPIENT, NULL);
	for (; at < line->n; at++) {
		const char *words = read_rcpt_parameter(line->words[at], &seen);
		event->details[0] = line->words[at];
		if (words)
			return wrong(e, event, SMTP_REPLY_PARAMETER_SYNTAX, words);
	}
	if (e->recipients >= e->options.recipients)
		return say(event, SMTP_REPLY_TOO_MANY_RECIPIENTS, NULL);
	return smtp_command_ask(e, SPAN("RCPT"), event, SMTP_RCPT, SMTP_REPLY_RECIPIENT);
}

/* The message. */

static enum smtp_step no_recipients(struct smtp_server_engine *e, struct smtp_event *event)
{
	return out_of_turn(e, event, SMTP_REPLY_NEED_RCPT,
			   smtp_server_within(e, TRANSACTION) ? NULL : "503 5.5.1 Error: need RCPT command");
}

static enum smtp_step on_data(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event)
{
	if (e->state == SMTP_BETWEEN_CHUNKS || e->failed)
		return out_of_turn(e, event, SMTP_REPLY_CHUNK_FAILED, "503 5.5.1 Error: DATA after BDAT");
	if (e->recipients == 0)
		return no_recipients(e, event);
	if (line->n > 1)
		return wrong(e, event, SMTP_REPLY_NO_ARGUMENT, "501 5.5.4 Syntax: DATA");
	return smtp_command_ask(e, SPAN("DATA"), event, SMTP_DATA, SMTP_REPLY_GO_AHEAD);
}

static enum smtp_step on_bdat(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event)
{
	bool last = line->n == 3 && span_ieq(line->words[2], SPAN("LAST"));
	if ((line->n != 2 && !last) || !span_to_uint(line->words[1], INT64_MAX, &e->left)) {
		event->ends = true;
		e->state = SMTP_CLOSED;
		return say(event, SMTP_REPLY_CHUNK_SYNTAX, NULL);
	}
	e->last = last;
	e->chunk = e->left;
	if (e->recipients > 0)
		return smtp_command_chunk(e, event);
	bool again = e->failed;
	e->discards = e->left > 0;
	e->failed = !last;
	event->details[0] = line->words[1];
	return again ? wrong(e, event, SMTP_REPLY_CHUNK_FAILED, "551 5.0.0 Discarded %1 bytes after earlier error")
		     : no_recipients(e, event);
}

/* The others. */

static enum smtp_step on_rset(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event)
{
	if (line->n > 1)
		return wrong(e, event, SMTP_REPLY_NO_ARGUMENT, NULL);
	smtp_server_forget_message(e);
	e->tally.too_large = false;
	if (e->state != SMTP_START)
		e->state = SMTP_READY;
	smtp_server_say(event, SMTP_REPLY_RESET);
	event->kind = SMTP_RESET;
	return SMTP_EVENT;
}

static enum smtp_step on_noop(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event)
{
	(void)e;
	(void)line;
	return say(event, SMTP_REPLY_NOTHING, NULL);
}

static enum smtp_step on_quit(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event)
{
	(void)line;
	smtp_server_say(event, SMTP_REPLY_BYE);
	event->kind = SMTP_QUIT;
	e->state = SMTP_CLOSED;
	return SMTP_EVENT;
}

static enum smtp_step on_vrfy(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event)
{
	size_t n = line->n > 1 && span_ieq(line->words[line->n - 1], SPAN("SMTPUTF8")) ? line->n - 1 : line->n;
	if (n < 2)
		return wrong(e, event, SMTP_REPLY_PARAMETER_SYNTAX, "501 5.5.4 Syntax: VRFY address [SMTPUTF8]");
	if (n > 2)
		return wrong(e, event, SMTP_REPLY_BAD_RECIPIENT, NULL);
	event->details[0] = line->words[1];
	return say(event, SMTP_REPLY_CANNOT_VERIFY, "252 2.0.0 %1");
}

static enum smtp_step on_etrn(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event)
{
	if (smtp_server_within(e, TRANSACTION))
		return out_of_turn(e, event, SMTP_REPLY_IN_TRANSACTION, "503 Error: MAIL transaction in progress");
	if (line->n != 2)
		return wrong(e, event, SMTP_REPLY_NOT_OFFERED, "500 Syntax: ETRN domain");
	bool marked = span_starts(line->words[1], SPAN("@")) || span_starts(line->words[1], SPAN("#"));
	event->details[0] = span_skip(line->words[1], marked);
	return say(event, SMTP_REPLY_NOT_OFFERED, "459 <%1>: service unavailable");
}

static enum smtp_step on_auth(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event)
{
	(void)line;
	return wrong(e, event, SMTP_REPLY_NOT_OFFERED, "503 5.5.1 Error: authentication not enabled");
}

static enum smtp_step on_xclient(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event)
{
	(void)line;
	if (smtp_server_within(e, TRANSACTION))
		return out_of_turn(e, event, SMTP_REPLY_IN_TRANSACTION, NULL);
	return wrong(e, event, SMTP_REPLY_XCLIENT_FORBIDDEN, "550 5.7.0 Error: insufficient authorization");
}

static enum smtp_step on_starttls(struct smtp_server_engine *e, const struct postfix_line *line, struct smtp_event *event)
{
	if (line->n > 1)
		return wrong(e, event, SMTP_REPLY_NO_ARGUMENT, "501 5.5.4 Syntax: STARTTLS");
	if (e->tls)
		return wrong(e, event, SMTP_REPLY_TLS_ALREADY, NULL);
	if (!(e->options.offers & SMTP_STARTTLS))
		return wrong(e, event, SMTP_REPLY_NOT_OFFERED, NULL);
	smtp_server_forget_message(e);
	return smtp_command_ask(e, SPAN("STARTTLS"), event, SMTP_TLS, SMTP_REPLY_TLS_READY);
}

static const struct postfix_command commands[] = {
	{ SPAN_INIT("HELO"), on_helo },       { SPAN_INIT("EHLO"), on_helo },        { SPAN_INIT("MAIL"), on_mail },
	{ SPAN_INIT("RCPT"), on_rcpt },       { SPAN_INIT("DATA"), on_data },        { SPAN_INIT("BDAT"), on_bdat },
	{ SPAN_INIT("RSET"), on_rset },       { SPAN_INIT("NOOP"), on_noop },        { SPAN_INIT("QUIT"), on_quit },
	{ SPAN_INIT("VRFY"), on_vrfy },       { SPAN_INIT("ETRN"), on_etrn },        { SPAN_INIT("AUTH"), on_auth },
	{ SPAN_INIT("XCLIENT"), on_xclient }, { SPAN_INIT("XFORWARD"), on_xclient }, { SPAN_INIT("STARTTLS"), on_starttls },
};

/* Another protocol's: what its smtpd_forbidden_commands hold, and the field of a header. */
static bool is_foreign(struct span verb)
{
	size_t colon = span_find_byte(verb, ':', 0);
	return span_ieq(verb, SPAN("GET")) || span_ieq(verb, SPAN("POST")) || span_ieq(verb, SPAN("CONNECT")) ||
	       !ascii_is_alpha(verb.p[0]) || (colon != SPAN_NPOS && colon > 0);
}

static enum smtp_step read_line(struct smtp_server_engine *e, struct span text, bool more, struct smtp_event *event)
{
	struct postfix_line line;
	e->manners |= more && !e->esmtp ? GATE_EARLY_PIPELINING : 0;
	text = span_first(text, span_find_byte(text, 0, 0));
	if (!utf8_valid(text))
		return wrong(e, event, SMTP_REPLY_BAD_LINE, "500 5.5.2 Error: bad UTF-8 syntax");
	read_words(text, &line);
	if (line.n == 0)
		return wrong(e, event, SMTP_REPLY_BAD_LINE, "500 5.5.2 Error: bad syntax");
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (span_ieq(line.words[0], commands[i].name))
			return commands[i].read(e, &line, event);
	if (!is_foreign(line.words[0]))
		return wrong(e, event, SMTP_REPLY_UNKNOWN_COMMAND, NULL);
	e->manners |= GATE_FOREIGN_COMMAND;
	return smtp_server_bad(e, SMTP_REPLY_FOREIGN, "a client spoke another protocol");
}

const struct smtp_grammar smtp_postfix_grammar = { .line_bytes = LIMIT_SMTP_LINE, .read = read_line };
