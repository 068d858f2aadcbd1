/* session/smtp_server_parts.h - what the files of the server engine share: framing (smtp_server_engine.c) and the commands
 * (smtp_commands.c). */
#ifndef SESSION_SMTP_SERVER_PARTS_H
#define SESSION_SMTP_SERVER_PARTS_H

#include "session/smtp_server_engine.h"

/* Another server's way to read a line, which gives the same events. */
struct smtp_grammar {
	size_t line_bytes; /* a longer line is too long */
	/* One line without its end, with any bytes in it; more: the client sent something behind it. */
	enum smtp_step (*read)(struct smtp_server_engine *engine, struct span line, bool more, struct smtp_event *event);
};

#define SMTP_AT(state) (1u << (state))
enum { SMTP_MANY_ERRORS = 5 };

/* The steps that a command can end in. */

static inline enum smtp_step smtp_server_bad(struct smtp_server_engine *e, enum smtp_reply reply, const char *why)
{
	e->state = SMTP_CLOSED;
	e->reply = reply;
	e->why = why;
	return SMTP_BAD;
}

static inline enum smtp_step smtp_server_say(struct smtp_event *event, enum smtp_reply reply)
{
	event->kind = SMTP_SAID;
	event->reply = reply;
	event->waits = false;
	return SMTP_EVENT;
}

static inline enum smtp_step smtp_server_wrong(struct smtp_server_engine *e, struct smtp_event *event, enum smtp_reply reply)
{
	if (++e->errors >= SMTP_MANY_ERRORS)
		e->manners |= GATE_MANY_ERRORS;
	return smtp_server_say(event, reply);
}

static inline enum smtp_step smtp_server_ask(struct smtp_event *event, enum smtp_event_kind kind, enum smtp_reply reply)
{
	event->kind = kind;
	event->reply = reply;
	event->waits = true;
	return SMTP_EVENT;
}

static inline void smtp_server_forget_message(struct smtp_server_engine *e)
{
	e->recipients = 0;
	e->bytes = 0;
	e->chunked = e->too_large = e->failed = e->discards = e->last = false;
	e->faults = 0;
	e->left = e->chunk = 0;
	smtp_content_init(&e->content);
}

static inline bool smtp_server_within(const struct smtp_server_engine *e, uint32_t states) { return SMTP_AT(e->state) & states; }

/* smtp_commands.c */

/* One command, as a line without its end; more: the client sent something behind it. */
enum smtp_step smtp_command_read(struct smtp_server_engine *engine, struct span line, bool more, struct smtp_event *event);
/* For a grammar: asks as the command of that name does. */
enum smtp_step smtp_command_ask(struct smtp_server_engine *engine, struct span name, struct smtp_event *event, enum smtp_event_kind kind,
				enum smtp_reply reply);
/* For a grammar: the chunk whose size stands in engine->left is welcome. */
enum smtp_step smtp_command_chunk(struct smtp_server_engine *engine, struct smtp_event *event);
/* The command that waits for its answer (engine->pending): may nothing be sent behind it (RFC 2920 section 3.1)? */
bool smtp_command_must_wait(const struct smtp_server_engine *engine);
/* It was answered: what follows from that. */
void smtp_command_answered(struct smtp_server_engine *engine, bool accepted);

#endif
