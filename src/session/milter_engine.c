/* session/milter_engine.c - see milter_engine.h */
#include "session/milter_engine.h"
#include "base/cursor.h"
#include "base/limits.h"

enum { LENGTH_BYTES = 4 };

/* Of sendmail: for which of its commands a list of macros is (SMFIM_). */
enum { MACROS_OF_MAIL = 2, MACROS_OF_END = 5 };

enum {
	NEEDED_ACTIONS = MILTER_ADD_HEADERS | MILTER_CHANGE_HEADERS | MILTER_DELETE_RECIPIENTS,
	WANTED_ACTIONS = NEEDED_ACTIONS | MILTER_QUARANTINE | MILTER_SET_MACROS,
	WANTED_STEPS = MILTER_NO_REPLY_HEADER | MILTER_NO_UNKNOWN | MILTER_NO_DATA | MILTER_SKIPS | MILTER_NO_REPLY_CONNECT |
		       MILTER_NO_REPLY_HELO | MILTER_NO_REPLY_MAIL | MILTER_NO_REPLY_RCPT | MILTER_NO_REPLY_DATA | MILTER_NO_REPLY_UNKNOWN |
		       MILTER_NO_REPLY_END_OF_HEADER | MILTER_NO_REPLY_BODY | MILTER_LEADING_SPACE,
};

/* Strings end with NUL. False: there is none any more, or its end is missing. */
static bool next_string(struct span *rest, struct span *ret_string)
{
	size_t end = span_find_byte(*rest, 0, 0);
	if (end == SPAN_NPOS)
		return false;
	*ret_string = span_first(*rest, end);
	*rest = span_skip(*rest, end + 1);
	return true;
}

static const char *on_negotiate(struct milter_engine *e, struct span data, struct milter_event *event)
{
	struct cursor c = cursor_of(data);
	uint32_t version = cursor_be32(&c), actions = cursor_be32(&c), steps = cursor_be32(&c);
	(void)event;
	if (c.overrun)
		return "the offer of the mail server is cut short";
	if (version < MILTER_VERSION_MIN)
		return "the mail server speaks a milter protocol older than version 2";
	if ((actions & NEEDED_ACTIONS) != NEEDED_ACTIONS)
		return "the mail server does not let a milter add and change headers and remove recipients";
	e->version = version < MILTER_VERSION_MAX ? version : MILTER_VERSION_MAX;
	e->actions = actions & WANTED_ACTIONS;
	e->steps = steps & WANTED_STEPS;
	/* To stop a body that is too large there must be something to reply to. */
	if (e->steps & MILTER_SKIPS)
		e->steps &= ~(uint32_t)MILTER_NO_REPLY_BODY;
	return NULL;
}

static const char *on_connect(struct milter_engine *e, struct span data, struct milter_event *event)
{
	struct span address;
	(void)e;
	if (!next_string(&data, &event->text) || data.n == 0)
		return "the name or the family of the client is missing";
	uint8_t family = data.p[0];
	data = span_skip(data, 1);
	if (family == 'U')
		return NULL;
	if (family != '4' && family != '6' && family != 'L')
		return "the client has an address of an unknown family";
	data = span_skip(data, 2); /* the port */
	if (!next_string(&data, &address))
		return "the address of the client is cut short";
	event->has_ip = family != 'L' && ip_parse(address, &event->ip);
	return NULL;
}

static const char *on_text(struct milter_engine *e, struct span data, struct milter_event *event)
{
	(void)e;
	return next_string(&data, &event->text) ? NULL : "an argument is missing or cut short";
}

static const char *on_header(struct milter_engine *e, struct span data, struct milter_event *event)
{
	(void)e;
	if (!next_string(&data, &event->name) || !next_string(&data, &event->text) || event->name.n == 0)
		return "a header field is cut short";
	return data.n ? "a header field holds a NUL byte" : NULL;
}

static const char *on_bytes(struct milter_engine *e, struct span data, struct milter_event *event)
{
	(void)e;
	event->text = data;
	return NULL;
}

static const char *on_macro(struct milter_engine *e, struct span data, struct milter_event *event)
{
	(void)e;
	if (data.n == 0)
		return "macros came without their command";
	event->name = span_first(data, 1);
	event->text = span_skip(data, 1);
	return NULL;
}

#define IN(state) (1u << MILTER_##state)
#define MESSAGE (IN(IN_MAIL) | IN(IN_RCPT) | IN(IN_DATA) | IN(IN_HEADER) | IN(IN_BODY))
#define ANY (IN(READY) | IN(CONNECTED) | MESSAGE | IN(JUDGING))
#define STAY MILTER_STATES

/* What may come when, and what comes of it. A command may have several rows, for different states. */
static const struct command {
	uint8_t letter;
	uint32_t states;
	uint32_t ends; /* states in which it first ends the message under way */
	enum milter_event_kind event;
	const char *(*read)(struct milter_engine *e, struct span data,
			    struct milter_event *event); /* NULL: well read; else what is wrong */
	enum milter_state next;
	uint32_t no_reply; /* steps under which the mail server waits for none; NEVER */
} commands[] = {
#define NEVER UINT32_MAX
	{ 'O', IN(START), 0, MILTER_NEGOTIATE, on_negotiate, MILTER_READY, NEVER },
	{ 'D', ANY | IN(START), 0, MILTER_MACRO, on_macro, STAY, NEVER },
	{ 'C', IN(READY), 0, MILTER_CONNECT, on_connect, MILTER_CONNECTED, MILTER_NO_REPLY_CONNECT },
	{ 'H', IN(CONNECTED), MESSAGE, MILTER_HELO, on_text, MILTER_CONNECTED, MILTER_NO_REPLY_HELO },
	{ 'M', IN(CONNECTED), MESSAGE, MILTER_MAIL, on_text, MILTER_IN_MAIL, MILTER_NO_REPLY_MAIL },
	{ 'R', IN(IN_MAIL) | IN(IN_RCPT), 0, MILTER_RCPT, on_text, MILTER_IN_RCPT, MILTER_NO_REPLY_RCPT },
	{ 'T', IN(IN_RCPT), 0, MILTER_DATA, on_bytes, MILTER_IN_DATA, MILTER_NO_REPLY_DATA },
	{ 'L', IN(IN_RCPT) | IN(IN_DATA) | IN(IN_HEADER), 0, MILTER_HEADER, on_header, MILTER_IN_HEADER, MILTER_NO_REPLY_HEADER },
	{ 'N', IN(IN_RCPT) | IN(IN_DATA) | IN(IN_HEADER), 0, MILTER_END_OF_HEADER, on_bytes, MILTER_IN_BODY,
	  MILTER_NO_REPLY_END_OF_HEADER },
	{ 'B', IN(IN_BODY), 0, MILTER_BODY, on_bytes, MILTER_IN_BODY, MILTER_NO_REPLY_BODY },
	{ 'E', IN(IN_BODY), 0, MILTER_END, on_bytes, MILTER_JUDGING, NEVER }, /* the judgement itself is the reply */
	{ 'A', IN(READY), 0, MILTER_ABORT, on_bytes, MILTER_READY, NEVER },
	{ 'A', IN(CONNECTED) | MESSAGE | IN(JUDGING), 0, MILTER_ABORT, on_bytes, MILTER_CONNECTED, NEVER },
	{ 'U', IN(READY) | IN(CONNECTED) | MESSAGE, 0, MILTER_UNKNOWN, on_bytes, STAY, MILTER_NO_REPLY_UNKNOWN },
	{ 'K', ANY, 0, MILTER_NEW_CLIENT, on_bytes, MILTER_READY, NEVER },
	{ 'Q', ANY | IN(START), 0, MILTER_QUIT, on_bytes, MILTER_CLOSED, NEVER },
};

static const struct command *find_command(uint8_t letter, enum milter_state state, bool *ret_known)
{
	*ret_known = false;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (commands[i].letter != letter)
			continue;
		*ret_known = true;
		if ((commands[i].states | commands[i].ends) & 1u << state)
			return &commands[i];
	}
	return NULL;
}

void milter_engine_init(struct milter_engine *e)
{
	*e = (struct milter_engine){ .state = MILTER_START, .need = LENGTH_BYTES, .why = "a command came after the last one" };
}

static enum milter_step bad(struct milter_engine *e, const char *why)
{
	e->state = MILTER_CLOSED;
	e->why = why;
	return MILTER_BAD;
}

static enum milter_step on_packet(struct milter_engine *e, uint8_t letter, struct span data, size_t bytes, size_t *ret_used,
				  struct milter_event *ret_event)
{
	bool known;
	const struct command *command = find_command(letter, e->state, &known);
	if (!command)
		return bad(e, known ? "a command came out of order" : "an unknown command came");
	struct milter_event event = { .kind = command->event };
	if (command->ends & 1u << e->state) {
		event.kind = MILTER_ABORT;
		e->state = MILTER_CONNECTED;
		*ret_used = 0;
		*ret_event = event;
		return MILTER_EVENT;
	}
	const char *wrong = command->read(e, data, &event);
	if (wrong)
		return bad(e, wrong);
	if (command->next != STAY)
		e->state = command->next;
	event.wants_reply = command->no_reply != NEVER && !(e->steps & command->no_reply);
	e->need = LENGTH_BYTES;
	*ret_used = bytes;
	*ret_event = event;
	return MILTER_EVENT;
}

enum milter_step milter_engine_step(struct milter_engine *e, struct span in, size_t *ret_used, struct milter_event *ret_event)
{
	if (e->state == MILTER_CLOSED)
		return in.n ? MILTER_BAD : MILTER_MORE;
	e->need = LENGTH_BYTES;
	if (in.n < LENGTH_BYTES)
		return MILTER_MORE;
	struct cursor c = cursor_of(in);
	uint32_t n = cursor_be32(&c);
	if (n == 0)
		return bad(e, "an empty packet came");
	if (n > LIMIT_MILTER_PACKET)
		return bad(e, "a packet is larger than any mail server sends");
	e->need = LENGTH_BYTES + (size_t)n;
	if (in.n < e->need)
		return MILTER_MORE;
	return on_packet(e, in.p[LENGTH_BYTES], span_slice(in, LENGTH_BYTES + 1, e->need), e->need, ret_used, ret_event);
}

static void put_be32(struct buf *out, uint32_t n)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_byte(out, (uint8_t)(n >> shift));
}

void milter_engine_agree(const struct milter_engine *e, struct buf *out)
{
	/* Without a list the administrator of the mail server chooses which macros come; these are the ones we read. */
	static const struct span of_mail = SPAN_INIT("i {auth_authen} {tls_version} {cipher}\0"), of_end = SPAN_INIT("i\0");
	bool lists = e->actions & MILTER_SET_MACROS;
	put_be32(out, (uint32_t)(1 + 12 + (lists ? 8 + of_mail.n + of_end.n : 0)));
	buf_byte(out, 'O');
	put_be32(out, e->version);
	put_be32(out, e->actions);
	put_be32(out, e->steps);
	if (!lists)
		return;
	put_be32(out, MACROS_OF_MAIL);
	buf_put(out, of_mail);
	put_be32(out, MACROS_OF_END);
	buf_put(out, of_end);
}

void milter_engine_answered(struct milter_engine *e)
{
	if (e->state == MILTER_JUDGING)
		e->state = MILTER_CONNECTED;
}

bool milter_macro_next(struct span *rest, struct span *ret_name, struct span *ret_value)
{
	struct span all = *rest;
	if (!next_string(rest, ret_name) || !next_string(rest, ret_value)) {
		*rest = span_skip(all, all.n);
		return false;
	}
	if (ret_name->n > 2 && ret_name->p[0] == '{' && span_ends(*ret_name, SPAN("}")))
		*ret_name = span_slice(*ret_name, 1, ret_name->n - 1);
	return true;
}

void milter_engine_put_header(const struct milter_engine *e, const struct milter_event *header,
			      void (*put)(void *context, struct span bytes), void *context)
{
	struct span rest = header->text;
	put(context, header->name);
	/* A mail server that keeps the space to itself takes one, and leaves a tab or a fold that stands in its place. */
	int first = span_at(rest, 0);
	put(context, e->steps & MILTER_LEADING_SPACE || first == '\t' || first == '\n' || first == '\r' ? SPAN(":") : SPAN(": "));
	for (size_t end; (end = span_find_byte(rest, '\n', 0)) != SPAN_NPOS; rest = span_skip(rest, end + 1)) {
		put(context, span_first(rest, end > 0 && rest.p[end - 1] == '\r' ? end - 1 : end));
		put(context, SPAN("\r\n"));
	}
	put(context, rest);
	put(context, SPAN("\r\n"));
}
