/* session/spamd_engine.c - see spamd_engine.h */
#include "session/spamd_engine.h"

enum { MINOR_MIN = 2 };

static const struct span commands[SPAMD_COMMANDS] = {
	[SPAMD_CHECK] = SPAN_INIT("CHECK"),     [SPAMD_SYMBOLS] = SPAN_INIT("SYMBOLS"),
	[SPAMD_REPORT] = SPAN_INIT("REPORT"),   [SPAMD_REPORT_IFSPAM] = SPAN_INIT("REPORT_IFSPAM"),
	[SPAMD_HEADERS] = SPAN_INIT("HEADERS"), [SPAMD_PROCESS] = SPAN_INIT("PROCESS"),
	[SPAMD_PING] = SPAN_INIT("PING"),       [SPAMD_SKIP] = SPAN_INIT("SKIP"),
	[SPAMD_TELL] = SPAN_INIT("TELL"),
};

/* One is the beginning of the other, or they are the same. */
static bool agree(struct span a, struct span b) { return a.n < b.n ? span_starts(b, a) : span_starts(a, b); }

enum spamd_step spamd_engine_recognise(struct span in)
{
	size_t blank = span_find_byte(in, ' ', 0);
	struct span word = span_first(in, blank == SPAN_NPOS ? in.n : blank), protocol = span_skip(in, word.n + 1);
	bool is_r = agree(protocol, SPAN("RSPAMC/1.")), is_s = agree(protocol, SPAN("SPAMC/1."));
	for (size_t i = 0; i < SPAMD_COMMANDS; i++) {
		if (blank == SPAN_NPOS && span_starts(commands[i], word))
			return SPAMD_MORE;
		if (blank != SPAN_NPOS && span_eq(commands[i], word) && (is_r || is_s))
			return protocol.n < (is_r ? sizeof "RSPAMC/1." : sizeof "SPAMC/1.") - 1 ? SPAMD_MORE : SPAMD_EVENT;
	}
	return SPAMD_BAD;
}

void spamd_engine_init(struct spamd_engine *e, size_t line_max)
{
	*e = (struct spamd_engine){ .state = SPAMD_AT_COMMAND, .line_max = line_max };
}

static enum spamd_step bad(struct spamd_engine *e, const char *why)
{
	e->state = SPAMD_CLOSED;
	e->why = why;
	return SPAMD_BAD;
}

static const char *read_command(struct spamd_engine *e, struct span line)
{
	struct span word;
	uint64_t minor;
	span_split(&line, ' ', &word);
	line = span_trim(line);
	e->rspamc = span_starts(line, SPAN("RSPAMC/1."));
	if (!e->rspamc && !span_starts(line, SPAN("SPAMC/1.")))
		return "no command of spamc";
	struct span number = span_skip(line, e->rspamc ? sizeof "RSPAMC/1." - 1 : sizeof "SPAMC/1." - 1);
	if (!span_to_uint(number, 99, &minor) || minor < MINOR_MIN)
		return "a version of the protocol that is not spoken here";
	e->minor = (uint32_t)minor;
	for (size_t i = 0; i < SPAMD_COMMANDS; i++)
		if (span_eq(word, commands[i])) {
			e->command = (enum spamd_command)i;
			return NULL;
		}
	return "an unknown command";
}

static const char *on_length(struct spamd_engine *e, struct span value)
{
	e->has_length = span_to_uint(value, UINT32_MAX, &e->length);
	return e->has_length ? NULL : "Content-length is no number";
}

static const char *on_compress(struct spamd_engine *e, struct span value)
{
	e->zlib = span_ieq(value, SPAN("zlib"));
	return e->zlib ? NULL : "a compression that is not known here";
}

static const char *on_class(struct spamd_engine *e, struct span value)
{
	e->class = span_ieq(value, SPAN("spam")) ? SPAMD_SPAM : span_ieq(value, SPAN("ham")) ? SPAMD_HAM : SPAMD_NO_CLASS;
	return e->class ? NULL : "Message-class is neither spam nor ham";
}

/* "remote" is the networks that SpamAssassin reports to; here is nothing but local. */
static const char *on_set(struct spamd_engine *e, struct span value)
{
	e->set_local = span_ihas(value, SPAN("local"));
	return NULL;
}

static const char *on_remove(struct spamd_engine *e, struct span value)
{
	e->remove_local = span_ihas(value, SPAN("local"));
	return NULL;
}

static const struct {
	struct span name;
	const char *(*read)(struct spamd_engine *e, struct span value);
} headers[] = {
	{ SPAN_INIT("Content-length"), on_length }, { SPAN_INIT("Compress"), on_compress },
	{ SPAN_INIT("Message-class"), on_class },   { SPAN_INIT("Set"), on_set },
	{ SPAN_INIT("Remove"), on_remove },
};

static const char *end_of_head(const struct spamd_engine *e)
{
	if (e->zlib && !e->has_length)
		return "Compress requires Content-length";
	if (e->command != SPAMD_TELL)
		return NULL;
	if (e->set_local && e->remove_local)
		return "Set and Remove exclude each other";
	return e->set_local && !e->class ? "Set requires Message-class" : NULL;
}

/* A header line; *ret_mine: the engine keeps it to itself. */
static const char *read_header(struct spamd_engine *e, struct span line, struct spamd_event *event, bool *ret_mine)
{
	struct span name;
	size_t colon = span_find_byte(line, ':', 0);
	if (colon == SPAN_NPOS || colon == 0)
		return "a header line without a name";
	name = span_trim(span_first(line, colon));
	*event = (struct spamd_event){ SPAMD_HEADER, name, span_trim(span_skip(line, colon + 1)) };
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		if (span_ieq(name, headers[i].name)) {
			*ret_mine = true;
			return headers[i].read(e, event->text);
		}
	*ret_mine = false;
	return NULL;
}

/* One line of the head, without its end. MORE: go on with the next. */
static enum spamd_step on_line(struct spamd_engine *e, struct span line, struct spamd_event *event)
{
	const char *wrong;
	bool mine = true;
	if (e->state == SPAMD_AT_COMMAND) {
		wrong = read_command(e, line);
		/* Who only asks whether we are here sends nothing after that. */
		e->state = e->command == SPAMD_PING || e->command == SPAMD_SKIP ? SPAMD_AT_END : SPAMD_AT_HEADER;
		return wrong ? bad(e, wrong) : SPAMD_MORE;
	}
	if (line.n == 0) {
		wrong = end_of_head(e);
		e->state = SPAMD_AT_BODY;
		*event = (struct spamd_event){ .kind = SPAMD_HEAD };
		return wrong ? bad(e, wrong) : SPAMD_EVENT;
	}
	wrong = read_header(e, line, event, &mine);
	return wrong ? bad(e, wrong) : mine ? SPAMD_MORE : SPAMD_EVENT;
}

static enum spamd_step in_head(struct spamd_engine *e, struct span in, bool done, size_t *ret_used, struct spamd_event *event)
{
	*ret_used = 0;
	while (e->state == SPAMD_AT_COMMAND || e->state == SPAMD_AT_HEADER) {
		struct span rest = span_skip(in, *ret_used);
		size_t end = span_find_byte(rest, '\n', e->seen);
		if (e->head + (end == SPAN_NPOS ? rest.n : end) > e->line_max)
			return bad(e, "a header that is too long");
		if (end == SPAN_NPOS) {
			e->seen = rest.n;
			return done ? bad(e, "closed before the end of the header") : SPAMD_MORE;
		}
		*ret_used += end + 1;
		e->head += end + 1;
		e->seen = 0;
		enum spamd_step step = on_line(e, span_first(rest, end > 0 && rest.p[end - 1] == '\r' ? end - 1 : end), event);
		if (step != SPAMD_MORE)
			return step;
	}
	*event = (struct spamd_event){ .kind = SPAMD_END };
	e->state = SPAMD_CLOSED;
	return SPAMD_EVENT;
}

static enum spamd_step in_body(struct spamd_engine *e, struct span in, bool done, size_t *ret_used, struct spamd_event *event)
{
	if (e->has_length && in.n > e->length - e->got)
		in = span_first(in, (size_t)(e->length - e->got));
	*ret_used = in.n;
	e->got += in.n;
	if (in.n) {
		*event = (struct spamd_event){ .kind = SPAMD_BODY, .text = in };
		return SPAMD_EVENT;
	}
	if (e->has_length && e->got < e->length)
		return done ? bad(e, "Content-length promised more bytes than came") : SPAMD_MORE;
	if (!e->has_length && !done)
		return SPAMD_MORE;
	*event = (struct spamd_event){ .kind = SPAMD_END };
	e->state = SPAMD_CLOSED;
	return SPAMD_EVENT;
}

enum spamd_step spamd_engine_step(struct spamd_engine *e, struct span in, bool done, size_t *ret_used, struct spamd_event *ret_event)
{
	switch (e->state) {
	case SPAMD_AT_COMMAND:
	case SPAMD_AT_HEADER:
	case SPAMD_AT_END: return in_head(e, in, done, ret_used, ret_event);
	case SPAMD_AT_BODY: return in_body(e, in, done, ret_used, ret_event);
	case SPAMD_CLOSED: break;
	}
	return SPAMD_BAD;
}
