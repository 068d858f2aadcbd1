/* session/smtp_client_engine.c - see smtp_client_engine.h */
#include "session/smtp_client_engine.h"
#include "base/ascii.h"
#include "base/err.h"
#include "base/limits.h"

enum { ATTRIBUTE_BYTES = 255 };

/* Replies. */

bool smtp_reply_line(struct span *rest, struct span *ret_text)
{
	struct span line;
	if (rest->n == 0 || !span_split(rest, '\n', &line))
		return false;
	*ret_text = span_trim(span_skip(line, 4));
	return true;
}

struct span smtp_reply_status(struct span *text)
{
	struct span status = span_first(*text, span_find_byte(*text, ' ', 0)), rest = status, part;
	unsigned parts = 0;
	uint64_t n;
	for (; span_split(&rest, '.', &part); parts++)
		if (!span_to_uint(part, 999, &n) || (parts == 0 && n != 2 && n != 4 && n != 5))
			return SPAN("");
	if (parts != 3)
		return SPAN("");
	*text = span_trim(span_skip(*text, status.n));
	return status;
}

static enum smtp_client_step bad(struct smtp_client_engine *e, const char *why)
{
	e->state = SMTP_CLIENT_CLOSED;
	e->why = why;
	return SMTP_CLIENT_BAD;
}

/* "250-text" or "250 text" or "250". False: no such line, or of another code than the lines before it. */
static bool read_line(struct smtp_client_engine *e, struct span line, bool *ret_last)
{
	uint64_t code;
	int mark = span_at(line, 3);
	if (line.n < 3 || !span_to_uint(span_first(line, 3), 599, &code) || code < 200 || (mark != ' ' && mark != '-' && mark != -1))
		return false;
	if (e->lines && code != e->code)
		return false;
	for (size_t i = 4; i < line.n; i++)
		if (line.p[i] == 0 || line.p[i] == '\r')
			return false;
	e->code = (uint16_t)code;
	*ret_last = mark != '-';
	return true;
}

/* EVENT: a whole reply is there, of e->seen bytes. */
static enum smtp_client_step read_reply(struct smtp_client_engine *e, struct span in)
{
	for (;;) {
		bool last;
		size_t end = span_find_byte(in, '\n', e->seen);
		if ((end == SPAN_NPOS ? in.n : end) - e->seen > LIMIT_SMTP_REPLY_LINE || e->lines == LIMIT_SMTP_REPLY_LINES)
			return bad(e, "a reply of the mail server is too long");
		if (end == SPAN_NPOS)
			return SMTP_CLIENT_MORE;
		struct span line = span_slice(in, e->seen, end);
		if (!span_ends(line, SPAN("\r")) || !read_line(e, span_first(line, line.n - 1), &last))
			return bad(e, "what answers there is no mail server");
		e->seen = end + 1;
		e->lines++;
		if (last)
			return SMTP_CLIENT_EVENT;
	}
}

/* What is told of the client for whom we speak. */

static struct span name_of(const struct smtp_origin *o, uint8_t *room)
{
	(void)room;
	return o->name;
}

static struct span address_of(const struct smtp_origin *o, uint8_t *room)
{
	char text[IP_TEXT_MAX];
	size_t n = ip_format(&o->ip, text), prefix = ip_is_v4(&o->ip) ? 0 : 5;
	memcpy(room, "IPV6:", 5);
	memcpy(room + prefix, text, n);
	return span_of(room, o->has_ip ? n + prefix : 0);
}

static struct span port_of(const struct smtp_origin *o, uint8_t *room)
{
	size_t at = 5;
	for (uint16_t n = o->port; n; n /= 10)
		room[--at] = (uint8_t)('0' + n % 10);
	return span_of(room + at, 5 - at);
}

static struct span protocol_of(const struct smtp_origin *o, uint8_t *room)
{
	(void)room;
	return o->esmtp ? SPAN("ESMTP") : SPAN("SMTP");
}

static struct span helo_of(const struct smtp_origin *o, uint8_t *room)
{
	(void)room;
	return o->helo;
}

static struct span login_of(const struct smtp_origin *o, uint8_t *room)
{
	(void)room;
	return o->login;
}

static struct span ident_of(const struct smtp_origin *o, uint8_t *room)
{
	(void)room;
	return o->ident;
}

static const struct {
	struct span name;
	struct span (*value)(const struct smtp_origin *origin, uint8_t *room);
} attributes[] = {
	{ SPAN_INIT("NAME"), name_of },      { SPAN_INIT("ADDR"), address_of }, { SPAN_INIT("PORT"), port_of },
	{ SPAN_INIT("PROTO"), protocol_of }, { SPAN_INIT("HELO"), helo_of },    { SPAN_INIT("LOGIN"), login_of },
	{ SPAN_INIT("IDENT"), ident_of },
};

enum { ATTRIBUTES = sizeof attributes / sizeof *attributes };

static uint32_t attributes_in(struct span rest)
{
	struct span word;
	uint32_t found = 0;
	while (span_split(&rest, ' ', &word))
		for (size_t i = 0; i < ATTRIBUTES; i++)
			if (span_ieq(word, attributes[i].name))
				found |= 1u << i;
	return found;
}

static void put_attributes(const struct smtp_client_engine *e, struct span command, uint32_t which, struct buf *out)
{
	buf_put(out, command);
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		uint8_t room[IP_TEXT_MAX + 8];
		if (!(which & 1u << i))
			continue;
		struct span value = span_first(attributes[i].value(e->options.origin, room), ATTRIBUTE_BYTES);
		buf_byte(out, ' ');
		buf_put(out, attributes[i].name);
		buf_byte(out, '=');
		if (value.n)
			smtp_xtext_encode(value, out);
		else
			buf_cstr(out, "[UNAVAILABLE]");
	}
	buf_cstr(out, "\r\n");
}

/* What the server offers. */

static void read_offer(struct smtp_client_engine *e, struct span line)
{
	static const struct {
		struct span name;
		uint32_t offer;
	} keywords[] = {
		{ SPAN_INIT("PIPELINING"), SMTP_PIPELINING },
		{ SPAN_INIT("SIZE"), SMTP_SIZE },
		{ SPAN_INIT("8BITMIME"), SMTP_8BITMIME },
		{ SPAN_INIT("SMTPUTF8"), SMTP_UTF8 },
		{ SPAN_INIT("CHUNKING"), SMTP_CHUNKING },
		{ SPAN_INIT("STARTTLS"), SMTP_STARTTLS },
		{ SPAN_INIT("AUTH"), SMTP_AUTH },
		{ SPAN_INIT("DSN"), SMTP_DSN },
		{ SPAN_INIT("ENHANCEDSTATUSCODES"), SMTP_STATUS_CODES },
		{ SPAN_INIT("XCLIENT"), SMTP_XCLIENT },
		{ SPAN_INIT("XFORWARD"), SMTP_XFORWARD },
	};
	struct span keyword, rest = line;
	uint64_t size;
	span_split(&rest, ' ', &keyword);
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (span_ieq(keyword, keywords[i].name))
			e->offers |= keywords[i].offer;
	if (span_ieq(keyword, SPAN("SIZE")) && span_to_uint(span_trim(rest), INT64_MAX, &size))
		e->size = size;
	if (span_ieq(keyword, SPAN("AUTH")))
		smtp_mechanisms_add(&e->mechanisms, rest);
	if (span_ieq(keyword, SPAN("XCLIENT")))
		e->xclient = attributes_in(rest);
	if (span_ieq(keyword, SPAN("XFORWARD")))
		e->xforward = attributes_in(rest);
}

/* The opening. Each state is left by a reply: to the next, or with an event. */

static enum smtp_client_step tell(struct smtp_client_event *event, enum smtp_client_event_kind kind)
{
	event->kind = kind;
	event->last = true;
	return SMTP_CLIENT_EVENT;
}

static void say_hello(struct smtp_client_engine *e, enum smtp_client_state state, struct buf *out)
{
	e->offers = e->xclient = e->xforward = 0;
	e->size = 0;
	e->mechanisms.n = 0;
	e->state = state;
	buf_cstr(out, state == SMTP_CLIENT_AT_HELO ? "HELO " : e->options.lmtp ? "LHLO " : "EHLO ");
	buf_put(out, e->options.hostname.n ? e->options.hostname : SPAN("localhost"));
	buf_cstr(out, "\r\n");
}

static enum smtp_client_step refused(struct smtp_client_engine *e, struct smtp_client_event *event)
{
	e->state = SMTP_CLIENT_CLOSED;
	return tell(event, SMTP_CLIENT_REFUSED);
}

static enum smtp_client_step go_on(struct smtp_client_engine *e, struct smtp_client_event *event, struct buf *out)
{
	bool offered = e->offers & SMTP_STARTTLS;
	if (!e->tls && (e->options.tls == SMTP_TLS_ALWAYS || (e->options.tls == SMTP_TLS_OFFERED && offered && !e->clear))) {
		if (!offered)
			return bad(e, "the mail server offers no TLS");
		e->state = SMTP_CLIENT_AT_STARTTLS;
		buf_cstr(out, "STARTTLS\r\n");
		return SMTP_CLIENT_MORE;
	}
	if (e->options.origin && e->offers & SMTP_XCLIENT && e->xclient && !e->introduced) {
		e->state = SMTP_CLIENT_AT_XCLIENT;
		put_attributes(e, SPAN("XCLIENT"), e->xclient, out);
		return SMTP_CLIENT_MORE;
	}
	e->state = SMTP_CLIENT_IDLE;
	return tell(event, SMTP_CLIENT_READY);
}

static enum smtp_client_step at_greeting(struct smtp_client_engine *e, struct smtp_client_event *event, struct buf *out)
{
	if (e->code != 220)
		return refused(e, event);
	say_hello(e, SMTP_CLIENT_AT_EHLO, out);
	return SMTP_CLIENT_MORE;
}

static enum smtp_client_step at_ehlo(struct smtp_client_engine *e, struct smtp_client_event *event, struct buf *out)
{
	struct span rest = event->reply, line;
	if (e->code / 100 == 5 && !e->options.lmtp) {
		say_hello(e, SMTP_CLIENT_AT_HELO, out);
		return SMTP_CLIENT_MORE;
	}
	if (e->code / 100 != 2)
		return refused(e, event);
	for (bool first = true; smtp_reply_line(&rest, &line); first = false)
		if (!first)
			read_offer(e, line);
	return go_on(e, event, out);
}

static enum smtp_client_step at_helo(struct smtp_client_engine *e, struct smtp_client_event *event, struct buf *out)
{
	return e->code / 100 == 2 ? go_on(e, event, out) : refused(e, event);
}

static enum smtp_client_step at_starttls(struct smtp_client_engine *e, struct smtp_client_event *event, struct buf *out)
{
	if (e->code == 220) {
		e->state = SMTP_CLIENT_AT_HANDSHAKE;
		return tell(event, SMTP_CLIENT_SECURE);
	}
	e->clear = true;
	return e->options.tls == SMTP_TLS_ALWAYS ? refused(e, event) : go_on(e, event, out);
}

/* RFC 3207 has the client greet again, XCLIENT too: the server begins anew with a greeting of its own. */
static enum smtp_client_step at_xclient(struct smtp_client_engine *e, struct smtp_client_event *event, struct buf *out)
{
	e->introduced = true;
	e->presented = e->code / 100 == 2;
	if (!e->presented)
		return go_on(e, event, out); /* it will not hear of it */
	say_hello(e, SMTP_CLIENT_AT_EHLO, out);
	return SMTP_CLIENT_MORE;
}

/* What the caller asked for. */

static enum smtp_client_step at_command(struct smtp_client_engine *e, struct smtp_client_event *event, struct buf *out)
{
	(void)out;
	if (e->state == SMTP_CLIENT_IDLE && e->code != 421)
		return bad(e, "the mail server answered what nobody asked");
	if (e->state == SMTP_CLIENT_AT_RCPT && e->code / 100 == 2)
		e->recipients++;
	if (e->state == SMTP_CLIENT_AT_MAIL || e->state == SMTP_CLIENT_AT_RSET)
		e->recipients = 0;
	e->state = e->state == SMTP_CLIENT_AT_DATA && e->code == 354 ? SMTP_CLIENT_AT_END
		   : e->state == SMTP_CLIENT_AT_QUIT                 ? SMTP_CLIENT_CLOSED
								     : SMTP_CLIENT_IDLE;
	e->told = 0;
	return tell(event, SMTP_CLIENT_ANSWERED);
}

/* RFC 2033 4.2: a reply for each recipient that was accepted, in their order. */
static enum smtp_client_step at_end(struct smtp_client_engine *e, struct smtp_client_event *event, struct buf *out)
{
	(void)out;
	event->recipient = e->told++;
	tell(event, SMTP_CLIENT_ANSWERED);
	event->last = !e->options.lmtp || e->told >= e->recipients || e->code == 421;
	if (event->last) {
		e->state = SMTP_CLIENT_IDLE;
		e->recipients = 0;
	}
	return SMTP_CLIENT_EVENT;
}

static enum smtp_client_step (*const hear[SMTP_CLIENT_STATES])(struct smtp_client_engine *e, struct smtp_client_event *event,
							       struct buf *out) = {
	[SMTP_CLIENT_AT_GREETING] = at_greeting, [SMTP_CLIENT_AT_EHLO] = at_ehlo,       [SMTP_CLIENT_AT_HELO] = at_helo,
	[SMTP_CLIENT_AT_STARTTLS] = at_starttls, [SMTP_CLIENT_AT_XCLIENT] = at_xclient, [SMTP_CLIENT_IDLE] = at_command,
	[SMTP_CLIENT_AT_XFORWARD] = at_command,  [SMTP_CLIENT_AT_MAIL] = at_command,    [SMTP_CLIENT_AT_RCPT] = at_command,
	[SMTP_CLIENT_AT_DATA] = at_command,      [SMTP_CLIENT_AT_END] = at_end,         [SMTP_CLIENT_AT_RSET] = at_command,
	[SMTP_CLIENT_AT_QUIT] = at_command,      [SMTP_CLIENT_AT_OTHER] = at_command,
};

void smtp_client_init(struct smtp_client_engine *e, const struct smtp_client_options *options)
{
	*e = (struct smtp_client_engine){ .options = *options };
}

enum smtp_client_step smtp_client_step(struct smtp_client_engine *e, struct span in, size_t *ret_used, struct smtp_client_event *ret_event,
				       struct buf *out)
{
	*ret_used = 0;
	if (e->why)
		return SMTP_CLIENT_BAD;
	if (!hear[e->state] || in.n == 0)
		return SMTP_CLIENT_MORE;
	enum smtp_client_step step = read_reply(e, in);
	if (step != SMTP_CLIENT_EVENT)
		return step;
	*ret_used = e->seen;
	*ret_event = (struct smtp_client_event){ .to = e->state, .code = e->code, .reply = span_first(in, e->seen) };
	e->seen = 0;
	e->lines = 0;
	step = hear[e->state](e, ret_event, out);
	if (ret_event->code == 421 && step == SMTP_CLIENT_EVENT)
		e->state = SMTP_CLIENT_CLOSED; /* RFC 5321 3.8: it hangs up */
	return step;
}

void smtp_client_secured(struct smtp_client_engine *e, struct buf *out)
{
	e->tls = true;
	say_hello(e, SMTP_CLIENT_AT_EHLO, out);
}

/* Commands. */

static bool one_line(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

static bool is_ascii(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 0x80)
			return false;
	return true;
}

static void put_parameter(struct buf *out, const char *name, struct span value)
{
	if (!value.p || !one_line(value))
		return;
	buf_byte(out, ' ');
	buf_cstr(out, name);
	buf_put(out, value);
}

static void ask(struct smtp_client_engine *e, enum smtp_client_state state, struct buf *out)
{
	e->state = state;
	buf_cstr(out, "\r\n");
}

bool smtp_client_xforward(struct smtp_client_engine *e, struct buf *out)
{
	/* A server that took XCLIENT takes the client for its own. LOGIN is XCLIENT's alone. */
	if (!e->options.origin || !(e->offers & SMTP_XFORWARD) || !e->xforward || e->presented)
		return false;
	put_attributes(e, SPAN("XFORWARD"), e->xforward, out);
	e->state = SMTP_CLIENT_AT_XFORWARD;
	return true;
}

int smtp_client_mail(struct smtp_client_engine *e, struct span address, const struct smtp_parameters *p, struct buf *out)
{
	bool dsn = e->offers & SMTP_DSN;
	if (!one_line(address))
		return ERR_USAGE;
	if ((p->utf8 || !is_ascii(address)) && !(e->offers & SMTP_UTF8))
		return ERR_UNSUPPORTED;
	buf_cstr(out, "MAIL FROM:<");
	buf_put(out, address);
	buf_byte(out, '>');
	if (p->has_size && e->offers & SMTP_SIZE)
		buf_printf(out, " SIZE=%llu", (unsigned long long)p->size);
	if (p->body && e->offers & SMTP_8BITMIME)
		buf_cstr(out, p->body == SMTP_BODY_8BITMIME ? " BODY=8BITMIME" : " BODY=7BIT");
	if (p->utf8 || !is_ascii(address))
		buf_cstr(out, " SMTPUTF8");
	put_parameter(out, "RET=", dsn ? p->ret : span_none);
	put_parameter(out, "ENVID=", dsn ? p->envid : span_none);
	put_parameter(out, "AUTH=", e->offers & SMTP_AUTH ? p->auth : span_none);
	ask(e, SMTP_CLIENT_AT_MAIL, out);
	return ERR_OK;
}

int smtp_client_rcpt(struct smtp_client_engine *e, struct span address, const struct smtp_parameters *p, struct buf *out)
{
	bool dsn = e->offers & SMTP_DSN;
	if (!one_line(address))
		return ERR_USAGE;
	if (!is_ascii(address) && !(e->offers & SMTP_UTF8))
		return ERR_UNSUPPORTED;
	buf_cstr(out, "RCPT TO:<");
	buf_put(out, address);
	buf_byte(out, '>');
	put_parameter(out, "NOTIFY=", dsn ? p->notify : span_none);
	put_parameter(out, "ORCPT=", dsn ? p->orcpt : span_none);
	ask(e, SMTP_CLIENT_AT_RCPT, out);
	return ERR_OK;
}

void smtp_client_data(struct smtp_client_engine *e, struct buf *out)
{
	buf_cstr(out, "DATA");
	ask(e, SMTP_CLIENT_AT_DATA, out);
}

void smtp_client_chunk(struct smtp_client_engine *e, uint64_t bytes, struct buf *out)
{
	buf_printf(out, "BDAT %llu LAST", (unsigned long long)bytes);
	ask(e, SMTP_CLIENT_AT_END, out);
}

void smtp_client_rset(struct smtp_client_engine *e, struct buf *out)
{
	buf_cstr(out, "RSET");
	ask(e, SMTP_CLIENT_AT_RSET, out);
}

void smtp_client_quit(struct smtp_client_engine *e, struct buf *out)
{
	buf_cstr(out, "QUIT");
	ask(e, SMTP_CLIENT_AT_QUIT, out);
}

int smtp_client_other(struct smtp_client_engine *e, struct span line, struct buf *out)
{
	if (!one_line(line))
		return ERR_USAGE;
	buf_put(out, line);
	ask(e, SMTP_CLIENT_AT_OTHER, out);
	return ERR_OK;
}

/* Content. */

void smtp_stuffing_add(struct smtp_stuffing *s, struct span content) { s->rest = content; }
struct span smtp_stuffing_end(const struct smtp_stuffing *s) { return s->middle ? SPAN("\r\n.\r\n") : SPAN(".\r\n"); }

/* Up to the first line end that cannot stay as it is, or a dot behind one that can. */
static size_t clean_run(struct span rest)
{
	for (size_t at = 0; at < rest.n;) {
		size_t lf = span_find_byte(rest, '\n', at), end = lf == SPAN_NPOS ? rest.n : lf;
		size_t cr = span_find_byte(span_first(rest, end), '\r', at);
		if (cr != SPAN_NPOS && cr + 1 != lf)
			return cr;
		if (lf == SPAN_NPOS)
			return rest.n;
		if (cr == SPAN_NPOS)
			return lf;
		at = lf + 1;
		if (span_at(rest, at) == '.')
			return at;
	}
	return rest.n;
}

bool smtp_stuffing_next(struct smtp_stuffing *s, struct span *ret_piece)
{
	if (s->next.n) {
		*ret_piece = s->next;
		s->next = span_none;
		return true;
	}
	if (s->rest.n == 0)
		return false;
	if (!s->middle && s->rest.p[0] == '.' && !s->dotted) {
		*ret_piece = SPAN(".");
		return s->dotted = true;
	}
	s->dotted = false;
	size_t n = clean_run(s->rest);
	*ret_piece = span_first(s->rest, n);
	s->rest = span_skip(s->rest, n);
	s->middle = n ? ret_piece->p[n - 1] != '\n' : s->middle;
	int c = span_at(s->rest, 0);
	if (c == '\r' || c == '\n') {
		s->next = SPAN("\r\n");
		s->rest = span_skip(s->rest, 1);
		s->middle = false;
	}
	return n ? true : smtp_stuffing_next(s, ret_piece);
}
