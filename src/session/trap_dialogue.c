/* session/trap_dialogue.c - see trap_dialogue.h */
#include "session/trap_dialogue.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "session/smtp_personalities.h"

#include <xxhash.h>

enum {
	OFFERS = SMTP_PIPELINING | SMTP_SIZE | SMTP_8BITMIME | SMTP_UTF8 | SMTP_CHUNKING | SMTP_DSN | SMTP_STATUS_CODES | SMTP_VRFY |
		 SMTP_ETRN | SMTP_HELP,
	/* What a server on an idle machine takes: a write to the disk for a message, some microseconds of work else. */
	DELAY_REPLY = 1,
	DELAY_RECIPIENT = 4,
	DELAY_MESSAGE = 35,
};

static void forget(struct trap_dialogue *d)
{
	arena_reset(d->arena);
	d->recipients.v = NULL;
	d->recipients.n = d->recipients.cap = 0;
	buf_init(&d->message, d->arena, d->options.kept_bytes);
	d->caught.mail_from = span_none;
	d->caught.message = span_none;
	d->caught.recipients = NULL;
	d->caught.n_recipients = 0;
}

void trap_dialogue_init(struct trap_dialogue *d, const struct trap_dialogue_options *options, struct span client, struct arena *arena)
{
	memset(d, 0, sizeof *d);
	d->options = *options;
	d->arena = arena;
	d->client = client;
	struct smtp_server_options engine = {
		.behaviour = options->personality->behaviour,
		.offers = OFFERS | (options->tls ? SMTP_STARTTLS : 0u),
		.message_bytes = options->message_bytes,
		.recipients = LIMIT_ENVELOPE_RECIPIENTS,
	};
	smtp_server_init(&d->engine, &engine);
	forget(d);
}

/* Eleven hex digits, as Postfix's short queue ids have; nobody can tell from one what the next will be. */
static struct span make_id(struct trap_dialogue *d)
{
	uint64_t seed[2] = { d->options.chance, ++d->ids };
	return arena_printf(d->arena, "%011llX", (unsigned long long)(XXH3_64bits(seed, sizeof seed) >> 20));
}

static struct span last_word(struct span line)
{
	size_t blank = span_rfind_byte(line, ' ');
	return blank == SPAN_NPOS ? line : span_skip(line, blank + 1);
}

static const char *exception_of(const struct trap_dialogue *d, enum smtp_reply reply, struct span line)
{
	const struct smtp_exception *e = smtp_personality_exceptions(d->options.personality);
	for (; e && e->verb; e++)
		if (e->reply == reply && span_istarts(line, span_cstr(e->verb)) && (!e->holds || span_ihas(line, span_cstr(e->holds))))
			return e->text;
	return NULL;
}

static void say(struct trap_dialogue *d, enum smtp_reply reply, const struct smtp_event *event, struct buf *out)
{
	struct smtp_fill fill = {
		.host = d->options.host,
		.helo = d->caught.helo,
		.address = d->client,
		.path = event ? event->path.address : span_none,
		.line = event ? last_word(event->line) : span_none,
		.date = d->options.date,
		.n = d->engine.chunk,
		.offers = d->engine.options.offers,
		.largest = d->options.message_bytes,
	};
	if (reply == SMTP_REPLY_MESSAGE)
		fill.id = make_id(d);
	struct span line = event ? event->line : span_none;
	if (reply == SMTP_REPLY_MESSAGE && d->engine.chunked) {
		line = SPAN("BDAT");
		fill.n = d->engine.bytes;
	}
	const char *text = exception_of(d, reply, line);
	if (text) {
		struct smtp_personality other = *d->options.personality;
		other.texts[reply] = text;
		smtp_words_put(&other, reply, &fill, out);
	} else if (reply) {
		smtp_words_put(d->options.personality, reply, &fill, out);
	}
}

void trap_dialogue_greet(struct trap_dialogue *d, struct buf *out)
{
	say(d, SMTP_REPLY_GREETING, NULL, out);
	smtp_server_greeted(&d->engine);
}

/* Which commands came in which order, in which letters, and how a colon is followed: one program's hand. What it says stays out. */
static void note_dialect(struct trap_dialogue *d, struct span line)
{
	size_t end = 0;
	while (end < line.n && line.p[end] != ' ' && line.p[end] != ':')
		end++;
	size_t colon = span_find_byte(line, ':', 0);
	uint64_t state[2] = { d->caught.dialect, XXH3_64bits(line.p ? line.p : (const uint8_t *)"", end) };
	state[1] += colon != SPAN_NPOS && span_at(line, colon + 1) == ' ';
	d->caught.dialect = XXH3_64bits(state, sizeof state) | 1;
	struct span verb = span_first(line, end);
	d->caught.resets += span_ieq(verb, SPAN("RSET")) || span_ieq(verb, SPAN("NOOP"));
}

static void note_helo(struct trap_dialogue *d, const struct smtp_event *event)
{
	struct span helo = span_first(event->text, sizeof d->helo);
	memcpy(d->helo, helo.p, helo.n);
	forget(d);
	d->caught.helo = span_of(d->helo, helo.n);
	d->caught.esmtp = d->engine.esmtp;
}

static enum trap_step take(struct trap_dialogue *d, const struct smtp_event *event)
{
	switch (event->kind) {
	case SMTP_HELO: note_helo(d, event); return TRAP_SAID;
	case SMTP_MAIL:
		forget(d);
		d->caught.mail_from = arena_dup(d->arena, event->path.address);
		return TRAP_SAID;
	case SMTP_RCPT:
		/* a source route is part of how it was tried */
		*(struct span *)vec_push(d->arena, &d->recipients) =
		    event->path.route.n ? arena_join(d->arena, event->path.route, SPAN(":"), event->path.address)
					: arena_dup(d->arena, event->path.address);
		d->delay_ms = DELAY_RECIPIENT;
		return TRAP_RECIPIENT;
	case SMTP_CONTENT: buf_put(&d->message, span_first(event->text, d->options.kept_bytes - d->message.n)); return TRAP_SAID;
	case SMTP_END:
		d->caught.message = d->message.n ? buf_span(&d->message) : SPAN("");
		d->delay_ms = DELAY_MESSAGE;
		d->done = true;
		return TRAP_MESSAGE;
	case SMTP_RESET: forget(d); return TRAP_SAID;
	case SMTP_TLS: return TRAP_SECURE;
	case SMTP_QUIT: return TRAP_OVER;
	default: return TRAP_SAID;
	}
}

enum trap_step trap_dialogue_step(struct trap_dialogue *d, struct span in, size_t *ret_used, struct buf *out)
{
	struct smtp_event event = { 0 };
	if (d->done)
		forget(d);
	d->done = false;
	d->delay_ms = DELAY_REPLY;
	enum smtp_step step = smtp_server_step(&d->engine, in, ret_used, &event);
	if (step == SMTP_MORE)
		return TRAP_MORE;
	if (step == SMTP_BAD) {
		say(d, d->engine.reply, NULL, out);
		return TRAP_OVER;
	}
	if (event.kind != SMTP_CONTENT && event.kind != SMTP_END && event.kind != SMTP_CHUNK_END)
		note_dialect(d, event.line);
	/* servers that relay for everybody are old enough to take a lone CR or LF as well */
	if (event.reply == SMTP_REPLY_BARE_NEWLINE)
		event.reply = SMTP_REPLY_MESSAGE;
	bool login = event.kind == SMTP_LOGIN || event.kind == SMTP_LOGIN_LINE;
	enum trap_step told = take(d, &event);
	say(d, login ? SMTP_REPLY_AUTH_FAILED : event.reply, &event, out);
	d->caught.manners = d->engine.manners;
	d->caught.tls = d->engine.tls;
	d->caught.recipients = d->recipients.v;
	d->caught.n_recipients = d->recipients.n;
	if (event.waits)
		smtp_server_answered(&d->engine, login ? SMTP_REFUSED : SMTP_ACCEPTED);
	return told;
}
