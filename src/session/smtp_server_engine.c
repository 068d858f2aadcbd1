/* session/smtp_server_engine.c - see smtp_server_engine.h. Bytes to lines, content and chunks; what the lines say is smtp_commands.c's. */
#include "base/ascii.h"
#include "base/limits.h"
#include "session/smtp_server_parts.h"

static enum smtp_step on_login_line(struct smtp_server_engine *e, struct span line, struct smtp_event *event)
{
	event->text = line;
	e->waits = true;
	e->pending = 0;
	return smtp_server_ask(event, SMTP_LOGIN_LINE, SMTP_REPLY_AUTHENTICATED);
}

static size_t line_most(const struct smtp_server_engine *e)
{
	const struct smtp_grammar *grammar = e->options.behaviour.grammar;
	return grammar ? grammar->line_bytes : e->options.offers & SMTP_AUTH ? LIMIT_SMTP_LOGIN_LINE : LIMIT_SMTP_LINE;
}

size_t smtp_server_need(const struct smtp_server_engine *e) { return 2 + line_most(e); }

/* A first byte that no command has: a TLS handshake record, SOCKS 4 and 5. */
static bool foreign_byte(uint8_t c) { return c == 0x16 || c == 0x04 || c == 0x05; }

/* In the middle of a login nobody could say what the next line is: a command, or a secret. */
static enum smtp_step broken_line(struct smtp_server_engine *e, struct smtp_event *event, enum smtp_reply reply)
{
	return e->state == SMTP_IN_AUTH ? smtp_server_bad(e, reply, "a line of a login that cannot be read")
					: smtp_server_wrong(e, event, reply);
}

static enum smtp_step skip_line(struct smtp_server_engine *e, struct span in, size_t end, size_t *ret_used, struct smtp_event *event)
{
	*ret_used = end == SPAN_NPOS ? in.n : end + 1;
	e->skipped += *ret_used;
	if (e->skipped > LIMIT_SMTP_SKIPPED)
		return smtp_server_bad(e, SMTP_REPLY_LINE_TOO_LONG, "a line without an end");
	e->skips = end == SPAN_NPOS;
	e->seen = 0;
	if (e->skips)
		return SMTP_MORE;
	e->skipped = 0;
	return broken_line(e, event, SMTP_REPLY_LINE_TOO_LONG);
}

static enum smtp_step on_line(struct smtp_server_engine *e, struct span in, size_t *ret_used, struct smtp_event *event)
{
	const struct smtp_grammar *grammar = e->options.behaviour.grammar;
	if (in.n == 0)
		return SMTP_MORE;
	if (!grammar && !e->skips && e->state != SMTP_IN_AUTH && foreign_byte(in.p[0])) {
		e->manners |= GATE_FOREIGN_BYTES;
		return smtp_server_bad(e, SMTP_REPLY_NONE, "a client spoke TLS or SOCKS where a command belongs");
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
	if (grammar)
		return grammar->read(e, line, in.n > end + 1, event);
	if (cr || span_find_byte(line, 0, 0) != SPAN_NPOS)
		return broken_line(e, event, SMTP_REPLY_BAD_LINE);
	return e->state == SMTP_IN_AUTH ? on_login_line(e, line, event) : smtp_command_read(e, line, in.n > end + 1, event);
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
	return smtp_server_ask(event, SMTP_END,
			       e->faults      ? SMTP_REPLY_BARE_NEWLINE
			       : e->too_large ? SMTP_REPLY_TOO_LARGE
					      : SMTP_REPLY_MESSAGE);
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
		return smtp_server_say(event, SMTP_REPLY_TOO_LARGE);
	}
	e->waits = true;
	e->pending = 0;
	return smtp_server_ask(event, SMTP_CHUNK_END, SMTP_REPLY_CHUNK);
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
		return smtp_server_bad(e, SMTP_REPLY_TOO_MANY_ERRORS, "too many commands that could not be read or were out of turn");
	return on_line(e, in, ret_used, event);
}

enum smtp_step smtp_server_step(struct smtp_server_engine *e, struct span in, size_t *ret_used, struct smtp_event *ret_event)
{
	size_t used = 0;
	*ret_used = 0;
	if (e->state == SMTP_GREETING && in.n)
		e->manners |= GATE_EARLY_TALKER;
	if (e->waits && in.n && smtp_command_must_wait(e))
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
	smtp_server_forget_message(e);
	e->tls = true;
	e->esmtp = e->authenticated = false;
	e->options.offers &= ~(uint32_t)SMTP_STARTTLS;
	e->state = SMTP_START;
}

void smtp_server_offer(struct smtp_server_engine *e, uint32_t offers) { e->options.offers = offers; }

/* The message, a chunk of it, or a line of AUTH. */
static void other_answered(struct smtp_server_engine *e, enum smtp_answer answer)
{
	if (e->state == SMTP_IN_CHUNK) {
		e->state = SMTP_BETWEEN_CHUNKS;
		e->failed = answer == SMTP_REFUSED;
	} else if (e->state == SMTP_JUDGING) {
		smtp_server_forget_message(e);
		e->tally.used = 0;
		e->state = SMTP_READY;
	} else if (e->state == SMTP_IN_AUTH && answer != SMTP_CONTINUES) {
		e->authenticated = answer == SMTP_ACCEPTED;
		e->errors += answer == SMTP_REFUSED; /* a guess */
		e->state = SMTP_READY;
	}
}

void smtp_server_answered(struct smtp_server_engine *e, enum smtp_answer answer)
{
	if (!e->waits)
		return;
	e->waits = false;
	if (!e->pending)
		other_answered(e, answer);
	else if (answer == SMTP_CONTINUES)
		e->state = SMTP_IN_AUTH;
	else
		smtp_command_answered(e, answer == SMTP_ACCEPTED);
	e->pending = 0;
	e->lines = answer == SMTP_CONTINUES ? e->lines + 1 : 0;
	if (e->lines > LIMIT_SMTP_LOGIN_LINES)
		smtp_server_bad(e, SMTP_REPLY_TOO_MANY_ERRORS, "a login without an end");
}
