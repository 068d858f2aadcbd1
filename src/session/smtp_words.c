/* session/smtp_words.c - see smtp_words.h */
#include "session/smtp_words.h"
#include "base/ascii.h"
#include "base/limits.h"
#include "session/smtp_personalities.h"

static const struct smtp_personality postern = {
	.name = "postern",
	.behaviour = { .helo_required = true, .ends_on_foreign = true, .errors_ended = 20 },
	.ehlo = { { SMTP_PIPELINING, "PIPELINING" },
		  { SMTP_SIZE, "SIZE %n" },
		  { SMTP_STARTTLS, "STARTTLS" },
		  { SMTP_AUTH, "AUTH %m" },
		  { SMTP_STATUS_CODES, "ENHANCEDSTATUSCODES" },
		  { SMTP_8BITMIME, "8BITMIME" },
		  { SMTP_DSN, "DSN" },
		  { SMTP_UTF8, "SMTPUTF8" },
		  { SMTP_CHUNKING, "CHUNKING" },
		  { SMTP_XCLIENT, "XCLIENT NAME ADDR PORT PROTO HELO LOGIN" },
		  { SMTP_XFORWARD, "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE" },
		  { SMTP_VRFY, "VRFY" },
		  { SMTP_ETRN, "ETRN" },
		  { SMTP_HELP, "HELP" },
		  { 0, NULL } },
	.texts = {
		[SMTP_REPLY_GREETING] = "220 %h ESMTP",
		[SMTP_REPLY_TEASER] = "220-%h ESMTP",
		[SMTP_REPLY_HELO] = "250 %h",
		[SMTP_REPLY_EHLO] = "250 %h",
		[SMTP_REPLY_SENDER] = "250 2.1.0 Sender ok",
		[SMTP_REPLY_RECIPIENT] = "250 2.1.5 Recipient ok",
		[SMTP_REPLY_GO_AHEAD] = "354 Send the message; end with <CRLF>.<CRLF>",
		[SMTP_REPLY_CHUNK] = "250 2.0.0 %n bytes received",
		[SMTP_REPLY_MESSAGE] = "250 2.0.0 Accepted %i",
		[SMTP_REPLY_RESET] = "250 2.0.0 Ok",
		[SMTP_REPLY_NOTHING] = "250 2.0.0 Ok",
		[SMTP_REPLY_CANNOT_VERIFY] = "252 2.5.2 Cannot verify; send a message and see",
		[SMTP_REPLY_HELP] = "214 2.0.0 RFC 5321",
		[SMTP_REPLY_TLS_READY] = "220 2.0.0 Ready to start TLS",
		[SMTP_REPLY_XFORWARD] = "250 2.0.0 Ok",
		[SMTP_REPLY_AUTHENTICATED] = "235 2.7.0 Authenticated",
		[SMTP_REPLY_BYE] = "221 2.0.0 Goodbye",
		[SMTP_REPLY_UNKNOWN_COMMAND] = "500 5.5.1 Unknown command",
		[SMTP_REPLY_FOREIGN] = "502 5.5.1 This is a mail server",
		[SMTP_REPLY_LINE_TOO_LONG] = "500 5.5.2 Line too long",
		[SMTP_REPLY_BAD_LINE] = "500 5.5.2 A command may hold neither NUL nor a lone CR",
		[SMTP_REPLY_HELO_SYNTAX] = "501 5.5.4 Your host name is missing",
		[SMTP_REPLY_MAIL_SYNTAX] = "501 5.5.4 Syntax: MAIL FROM:<address>",
		[SMTP_REPLY_RCPT_SYNTAX] = "501 5.5.4 Syntax: RCPT TO:<address>",
		[SMTP_REPLY_BAD_SENDER] = "501 5.1.7 The sender's address is malformed",
		[SMTP_REPLY_BAD_RECIPIENT] = "501 5.1.3 The recipient's address is malformed",
		[SMTP_REPLY_PARAMETER_SYNTAX] = "501 5.5.4 A parameter is malformed or missing",
		[SMTP_REPLY_PARAMETER_UNKNOWN] = "555 5.5.4 Unknown parameter",
		[SMTP_REPLY_UTF8_SENDER] = "550 5.6.7 Such a sender's address needs SMTPUTF8",
		[SMTP_REPLY_UTF8_RECIPIENT] = "553 5.6.7 Such a recipient's address needs SMTPUTF8",
		[SMTP_REPLY_NO_ARGUMENT] = "501 5.5.4 This command takes no argument",
		[SMTP_REPLY_CHUNK_SYNTAX] = "501 5.5.4 Syntax: BDAT size [LAST]",
		[SMTP_REPLY_AUTH_SYNTAX] = "501 5.5.4 Syntax: AUTH mechanism [response]",
		[SMTP_REPLY_ATTRIBUTE_SYNTAX] = "501 5.5.4 Attributes are NAME=value",
		[SMTP_REPLY_NEED_HELO] = "503 5.5.1 Say EHLO first",
		[SMTP_REPLY_NEED_MAIL] = "503 5.5.1 Say MAIL first",
		[SMTP_REPLY_NEED_RCPT] = "503 5.5.1 No recipient was accepted",
		[SMTP_REPLY_NESTED_MAIL] = "503 5.5.1 There is a sender already",
		[SMTP_REPLY_IN_TRANSACTION] = "503 5.5.1 Not in the middle of a message",
		[SMTP_REPLY_CHUNK_FAILED] = "503 5.5.1 A chunk before this one was refused; say RSET",
		[SMTP_REPLY_NOT_OFFERED] = "502 5.5.1 Not available here",
		[SMTP_REPLY_TLS_ALREADY] = "503 5.5.1 TLS is on already",
		[SMTP_REPLY_AUTH_ALREADY] = "503 5.5.1 You are authenticated already",
		[SMTP_REPLY_XCLIENT_FORBIDDEN] = "550 5.7.0 Not from your address",
		[SMTP_REPLY_TOO_LARGE] = "552 5.3.4 The message is too large",
		[SMTP_REPLY_TOO_MANY_RECIPIENTS] = "452 4.5.3 Too many recipients; send the others another message",
		[SMTP_REPLY_TOO_MANY_ERRORS] = "421 4.7.0 %h Too many errors",
		[SMTP_REPLY_TOO_SLOW] = "421 4.4.2 %h You took too long",
		[SMTP_REPLY_TOO_BUSY] = "421 4.3.2 %h Too busy; come again later",
		[SMTP_REPLY_SHUTTING_DOWN] = "421 4.3.2 %h Closing down; come again later",
		[SMTP_REPLY_BARE_NEWLINE] = "550 5.6.0 The message holds a CR or LF alone; lines end in CR LF (RFC 5321 section 2.3.8)",
		[SMTP_REPLY_TRY_LATER] = "451 4.3.0 Please try again later",
		[SMTP_REPLY_NO_SUCH_USER] = "550 5.1.1 No such recipient here",
		[SMTP_REPLY_NO_RELAY] = "554 5.7.1 Relay access denied",
		[SMTP_REPLY_TLS_UNAVAILABLE] = "454 4.7.0 TLS is not available now",
		[SMTP_REPLY_AUTH_FAILED] = "535 5.7.8 Authentication failed",
		[SMTP_REPLY_NO_SERVICE] = "554 5.7.1 %h No service for you",
	},
};

static const struct smtp_personality *const personalities[] = { &postern, &smtp_personality_postfix, &smtp_personality_exim,
								&smtp_personality_exchange };

enum { SHOWN = 200 };

const struct smtp_personality *smtp_personality_postern(void) { return &postern; }

const struct smtp_personality *smtp_personality_find(struct span name)
{
	for (size_t i = 0; i < sizeof personalities / sizeof *personalities; i++)
		if (span_eq(name, span_cstr(personalities[i]->name)))
			return personalities[i];
	return NULL;
}

/* What came from outside: one line, printable, not long. */
static void put_shown(struct buf *out, struct span s, size_t most)
{
	s = span_first(s, most);
	for (size_t i = 0; i < s.n; i++)
		buf_byte(out, ascii_is_print(s.p[i]) ? s.p[i] : '?');
}

/* The same for servers that repeat letters beyond ASCII as they came. */
static void put_repeated(struct buf *out, struct span s)
{
	s = span_first(s, LIMIT_REPLY_TEXT);
	for (size_t i = 0; i < s.n; i++)
		buf_byte(out, ascii_is_print(s.p[i]) || s.p[i] >= 0x80 ? s.p[i] : '?');
}

static void put_number(struct buf *out, uint64_t n)
{
	uint8_t digits[20];
	size_t at = sizeof digits;
	do
		digits[--at] = (uint8_t)('0' + n % 10);
	while (n /= 10);
	buf_put(out, span_of(digits + at, sizeof digits - at));
}

static struct span field(const struct smtp_fill *fill, uint8_t letter)
{
	switch (letter) {
	case 'h': return fill->host;
	case 'c': return fill->helo;
	case 'a': return fill->address;
	case 'r': return fill->client;
	case 'p': return fill->path;
	case 'l': return fill->line;
	case 'v': return fill->verb;
	case 'd': return fill->date;
	case 'm': return fill->mechanisms;
	case '%': return SPAN("%");
	default: return span_none;
	}
}

static void put_filled(struct buf *out, struct span text, const struct smtp_fill *fill, uint64_t n)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '%')
			buf_byte(out, text.p[i]);
		else if (span_at(text, ++i) == 'n')
			put_number(out, n);
		else if (span_at(text, i) == 'k')
			put_number(out, fill->chunk);
		else if (span_at(text, i) == 'i')
			put_repeated(out, fill->id);
		else if (span_at(text, i) == 'e')
			put_repeated(out, fill->said);
		else if (span_at(text, i) >= '1' && span_at(text, i) <= '3')
			put_repeated(out, fill->details[span_at(text, i) - '1']);
		else if (span_at(text, i) == 'w')
			put_filled(out, span_cstr(fill->fault),
				   &(struct smtp_fill){ .details = { fill->details[0], fill->details[1], fill->details[2] } }, 0);
		else
			put_shown(out, field(fill, (uint8_t)span_at(text, i)), SHOWN);
	}
}

static void put_ehlo(const struct smtp_personality *p, const struct smtp_fill *fill, struct span first, struct buf *out)
{
	const struct smtp_ehlo_line *line = p->ehlo;
	struct span text = first;
	for (bool more = true; more; buf_cstr(out, "\r\n")) {
		while (line->text && line->offer && !(line->offer & fill->offers))
			line++;
		more = line->text != NULL;
		buf_cstr(out, more ? "250-" : "250 ");
		put_filled(out, text, fill, fill->largest);
		if (more)
			text = span_cstr(line++->text);
	}
}

static const char *text_of(const struct smtp_personality *p, enum smtp_reply reply)
{
	return p->texts[reply] ? p->texts[reply] : postern.texts[reply];
}

void smtp_words_text(struct span rest, const struct smtp_fill *fill, struct buf *out)
{
	struct span code = span_first(rest, 3), line;
	/* "220-name" of the teaser stays a line with others behind it */
	bool open = span_at(rest, 3) == '-';
	rest = span_skip(rest, 4);
	while (span_split(&rest, '\n', &line)) {
		buf_put(out, code);
		buf_byte(out, rest.p || open ? '-' : ' ');
		put_filled(out, line, fill, fill->n);
		buf_cstr(out, "\r\n");
	}
}

void smtp_words_put(const struct smtp_personality *p, enum smtp_reply reply, const struct smtp_fill *fill, struct buf *out)
{
	const char *text = text_of(p, reply);
	if (text && reply == SMTP_REPLY_EHLO)
		put_ehlo(p, fill, span_skip(span_cstr(text), 4), out);
	else if (text)
		smtp_words_text(span_cstr(text), fill, out);
}

const char *smtp_words_find(const struct smtp_personality *p, enum smtp_reply reply, struct span line)
{
	for (const struct smtp_exception *e = p->exceptions; e && e->verb; e++)
		if (e->reply == reply && span_istarts(line, span_cstr(e->verb)) && (!e->holds || span_ihas(line, span_cstr(e->holds))))
			return e->text;
	return text_of(p, reply);
}

uint16_t smtp_words_code(const struct smtp_personality *p, enum smtp_reply reply)
{
	uint64_t code = 0;
	span_to_uint(span_first(span_cstr(text_of(p, reply)), 3), 999, &code);
	return (uint16_t)code;
}

void smtp_words_line(uint16_t code, struct span status, struct span text, struct buf *out)
{
	put_number(out, code);
	buf_byte(out, ' ');
	if (status.n) {
		put_shown(out, status, SHOWN);
		buf_byte(out, ' ');
	}
	put_shown(out, text, LIMIT_REPLY_TEXT);
	buf_cstr(out, "\r\n");
}
