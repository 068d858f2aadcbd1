/* session/trap_dialogue.c - see trap_dialogue.h */
#include "session/trap_dialogue.h"

#include "base/ascii.h"
#include "base/limits.h"

#include <xxhash.h>

enum {
	ID_BYTES = 512,
	MESSAGE_ID_BYTES = 100,
	TEXT_BYTES = 512,
};

/* How long servers take for one thing, as hundredths of the median, from the shortest to the longest sixteenth: measured of Postfix and
 * Exim on a machine that has other work, too. */
static const uint16_t pace_shape[] = { 60, 70, 78, 84, 89, 93, 97, 100, 105, 112, 125, 145, 175, 230, 350, 700 };

static uint32_t draw_delay(struct trap_dialogue *d, uint32_t median_us)
{
	uint64_t seed[2] = { d->options.chance, ++d->draws };
	uint64_t us = (uint64_t)median_us * pace_shape[XXH3_64bits(seed, sizeof seed) % (sizeof pace_shape / sizeof *pace_shape)] / 100;
	return us < 500 ? 0 : (uint32_t)((us + 500) / 1000);
}

/* A reply stands in out from there on. */
static void set_delay(struct trap_dialogue *d, enum smtp_event_kind kind, struct span said)
{
	const struct smtp_pace *pace = &d->options.personality->pace;
	uint32_t median = kind == SMTP_HELO   ? pace->hello_us
			  : kind == SMTP_RCPT ? pace->recipient_us
			  : kind == SMTP_END  ? pace->message_us
			  : kind == SMTP_QUIT ? pace->bye_us
					      : pace->command_us;
	d->delay_ms = draw_delay(d, median);
	if (span_at(said, 0) == '5' && d->engine.errors > pace->patient_errors)
		d->delay_ms += pace->error_ms;
}

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

static uint32_t offers_of(const struct smtp_personality *personality, bool tls)
{
	uint32_t offers = 0;
	for (const struct smtp_ehlo_line *line = personality->ehlo; line->text; line++)
		offers |= line->offer;
	return tls ? offers : offers & ~(uint32_t)SMTP_STARTTLS;
}

void trap_dialogue_init(struct trap_dialogue *d, const struct trap_dialogue_options *options, struct span client, struct arena *arena)
{
	memset(d, 0, sizeof *d);
	d->options = *options;
	if (d->options.message_bytes == 0)
		d->options.message_bytes = options->personality->message_bytes;
	d->arena = arena;
	d->client = client;
	struct smtp_server_options engine = {
		.behaviour = options->personality->behaviour,
		.offers = offers_of(options->personality, options->tls),
		.message_bytes = d->options.message_bytes,
		.recipients = LIMIT_ENVELOPE_RECIPIENTS,
	};
	smtp_server_init(&d->engine, &engine);
	forget(d);
}

/* "<a@b>" of the header, where it is as it should be. */
static struct span message_id(struct span message)
{
	static const struct span name = SPAN_INIT("Message-ID:");
	struct span header = span_first(message, span_find(message, SPAN("\r\n\r\n"), 0)), line;
	while (span_split(&header, '\n', &line)) {
		if (!span_istarts(line, name))
			continue;
		line = span_trim(span_skip(line, name.n));
		bool well = line.n < MESSAGE_ID_BYTES && span_starts(line, SPAN("<")) && span_find_byte(line, '>', 0) == line.n - 1;
		return well ? line : span_none;
	}
	return span_none;
}

static struct span make_id(struct trap_dialogue *d)
{
	const struct smtp_id_seed seed = { .now = d->now,
					   .chance = d->options.chance,
					   .n = ++d->ids,
					   .bytes = d->engine.bytes,
					   .host = d->options.host,
					   .message_id = message_id(d->caught.message) };
	struct buf out;
	buf_init(&out, d->arena, ID_BYTES);
	d->options.personality->put_id(&seed, &out);
	return buf_span(&out);
}

static struct span first_word(struct span line) { return span_first(line, span_find_byte(line, ' ', 0)); }

static struct span last_word(struct span line)
{
	size_t blank = span_rfind_byte(line, ' ');
	return blank == SPAN_NPOS ? line : span_skip(line, blank + 1);
}

/* A server that tells at DATA why it has no recipient remembers what it said to the first, and whether to all. */
static void note_refusal(struct trap_dialogue *d, const struct smtp_event *event, struct span said)
{
	struct trap_refusal *r = &d->refusal;
	if (event->anew || event->kind == SMTP_HELO || event->kind == SMTP_MAIL || event->kind == SMTP_RESET || event->kind == SMTP_END)
		*r = (struct trap_refusal){ .n = 0 };
	if (!span_istarts(event->line, SPAN("RCPT TO:")))
		return;
	said = span_first(said, span_find_byte(said, '\r', 0));
	if (r->n == 0) {
		r->n = (uint16_t)span_first(said, sizeof r->said).n;
		memcpy(r->said, said.p, r->n);
	} else if (r->told || !span_eq(said, span_of(r->said, r->n))) {
		r->differ = true;
	}
}

/* A text that is put together; all its parts are ours and short. */
struct joined {
	uint8_t bytes[TEXT_BYTES];
	size_t n;
};

static void join(struct joined *j, struct span part)
{
	part = span_first(part, sizeof j->bytes - j->n);
	memcpy(j->bytes + j->n, part.p, part.n);
	j->n += part.n;
}

static void put_text(struct trap_dialogue *d, enum smtp_reply reply, const struct smtp_event *event, struct span text,
		     const struct smtp_fill *fill, struct buf *out)
{
	const struct smtp_personality *p = d->options.personality;
	struct joined j = { .n = 0 };
	if (reply == SMTP_REPLY_NEED_RCPT && p->all_refused && d->refusal.n && !d->refusal.differ) {
		d->refusal.told = true;
		join(&j, span_first(text, 4));
		join(&j, span_cstr(p->all_refused));
		join(&j, SPAN("\n%e\n"));
		text = span_skip(text, 4);
	}
	join(&j, text);
	if (event && event->too_many && p->too_many) {
		join(&j, SPAN("\n"));
		join(&j, span_cstr(p->too_many));
	}
	smtp_words_text(span_of(j.bytes, j.n), fill, out);
}

static void say(struct trap_dialogue *d, enum smtp_reply reply, const struct smtp_event *event, struct buf *out)
{
	struct smtp_fill fill = {
		.host = d->options.host,
		.helo = d->caught.helo,
		.address = d->client,
		.path = event ? event->path.address : span_none,
		.verb = event ? first_word(event->line) : span_none,
		.line = event ? last_word(event->line) : span_none,
		.date = d->options.date,
		.said = span_of(d->refusal.said, d->refusal.n),
		.chunk = d->engine.chunk,
		.n = d->engine.chunk,
		.offers = d->engine.options.offers,
		.largest = d->options.message_bytes,
	};
	struct span line = event ? event->line : span_none;
	size_t from = out->n;
	if (reply == SMTP_REPLY_MESSAGE)
		fill.id = make_id(d);
	if (reply == SMTP_REPLY_MESSAGE && d->engine.chunked) {
		line = SPAN("BDAT");
		fill.n = d->engine.bytes;
	}
	if (event) {
		fill.fault = event->fault;
		memcpy(fill.details, event->details, sizeof fill.details);
	}
	if (reply == SMTP_REPLY_EHLO)
		smtp_words_put(d->options.personality, reply, &fill, out);
	else if (reply)
		put_text(d, reply, event,
			 span_cstr(event && event->words ? event->words : smtp_words_find(d->options.personality, reply, line)), &fill,
			 out);
	if (event)
		note_refusal(d, event, span_skip(buf_span(out), from));
}

void trap_dialogue_secured(struct trap_dialogue *d)
{
	forget(d);
	d->caught.helo = span_none;
	smtp_server_secured(&d->engine);
}

void trap_dialogue_late(struct trap_dialogue *d, struct buf *out)
{
	const struct smtp_event event = { .line = d->engine.state == SMTP_IN_DATA ? SPAN("DATA") : span_none };
	say(d, SMTP_REPLY_TOO_SLOW, &event, out);
}

void trap_dialogue_greet(struct trap_dialogue *d, struct buf *out)
{
	say(d, SMTP_REPLY_GREETING, NULL, out);
	d->delay_ms = draw_delay(d, d->options.personality->pace.greeting_us);
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
	if (helo.n) /* some take a HELO without a name */
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
		return TRAP_RECIPIENT;
	case SMTP_CONTENT: buf_put(&d->message, span_first(event->text, d->options.kept_bytes - d->message.n)); return TRAP_SAID;
	case SMTP_END:
		d->caught.message = d->message.n ? buf_span(&d->message) : SPAN("");
		d->done = true;
		return TRAP_MESSAGE;
	case SMTP_RESET: forget(d); return TRAP_SAID;
	case SMTP_TLS: return TRAP_SECURE;
	case SMTP_QUIT: return TRAP_OVER;
	default: return TRAP_SAID;
	}
}

/* Nobody gets in; but who may go on talking first is a matter of the words. */
static enum smtp_answer answer_to_login(const struct trap_dialogue *d, const struct smtp_event *event)
{
	const char *text = smtp_words_find(d->options.personality, SMTP_REPLY_AUTH_FAILED, event->line);
	return *text == '3' ? SMTP_CONTINUES : SMTP_REFUSED;
}

enum trap_step trap_dialogue_step(struct trap_dialogue *d, struct span in, size_t *ret_used, struct buf *out)
{
	struct smtp_event event = { 0 };
	if (d->done)
		forget(d);
	d->done = false;
	d->delay_ms = 0;
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
	size_t from = out->n;
	enum trap_step told = take(d, &event);
	say(d, login ? SMTP_REPLY_AUTH_FAILED : event.reply, &event, out);
	if (out->n > from)
		set_delay(d, event.kind, span_skip(buf_span(out), from));
	d->caught.manners = d->engine.manners;
	d->caught.tls = d->engine.tls;
	d->caught.recipients = d->recipients.v;
	d->caught.n_recipients = d->recipients.n;
	if (event.waits)
		smtp_server_answered(&d->engine, login ? answer_to_login(d, &event) : SMTP_ACCEPTED);
	return event.ends ? TRAP_OVER : told;
}
