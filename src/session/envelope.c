/* session/envelope.c - see envelope.h */
#include "session/envelope.h"
#include "base/limits.h"

struct span envelope_address(struct arena *arena, struct span text)
{
	text = span_trim(text);
	if (span_starts(text, SPAN("<")) && span_ends(text, SPAN(">")))
		text = span_slice(text, 1, text.n - 1);
	text = arena_dup(arena, span_first(text, LIMIT_ENVELOPE_ADDRESS));
	return text.p ? text : SPAN("");
}

struct span envelope_host(struct span text)
{
	return text.n == 0 || text.p[0] == '[' || span_ieq(text, SPAN("unknown")) ? span_none : text;
}

static void on_ip(struct envelope *e, struct arena *arena, struct span value)
{
	(void)arena;
	e->connection.has_ip = ip_parse(value, &e->connection.ip);
}

static void on_helo(struct envelope *e, struct arena *arena, struct span value)
{
	e->connection.helo = value.n ? arena_dup(arena, value) : span_none;
}

static void on_hostname(struct envelope *e, struct arena *arena, struct span value)
{
	struct span host = envelope_host(value);
	e->connection.rdns = host.p ? arena_dup(arena, host) : span_none;
}

static void on_from(struct envelope *e, struct arena *arena, struct span value)
{
	e->connection.mail_from = envelope_address(arena, value);
}

static void on_rcpt(struct envelope *e, struct arena *arena, struct span value)
{
	if (e->recipients.n < LIMIT_ENVELOPE_RECIPIENTS)
		*(struct span *)vec_push(arena, &e->recipients) = envelope_address(arena, value);
}

static void on_deliver_to(struct envelope *e, struct arena *arena, struct span value) { e->deliver_to = envelope_address(arena, value); }

static void on_user(struct envelope *e, struct arena *arena, struct span value)
{
	e->connection.auth_user = value.n ? arena_dup(arena, value) : span_none;
}

static void on_queue_id(struct envelope *e, struct arena *arena, struct span value) { e->queue_id = arena_dup(arena, value); }

static const struct {
	struct span name;
	void (*note)(struct envelope *e, struct arena *arena, struct span value);
} headers[] = {
	{ SPAN_INIT("IP"), on_ip },     { SPAN_INIT("Helo"), on_helo },         { SPAN_INIT("Hostname"), on_hostname },
	{ SPAN_INIT("From"), on_from }, { SPAN_INIT("Rcpt"), on_rcpt },         { SPAN_INIT("Deliver-To"), on_deliver_to },
	{ SPAN_INIT("User"), on_user }, { SPAN_INIT("Queue-Id"), on_queue_id },
};

void envelope_note(struct envelope *e, struct arena *arena, struct span name, struct span value)
{
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		if (span_ieq(name, headers[i].name)) {
			headers[i].note(e, arena, span_trim(value));
			return;
		}
}

void envelope_finish(struct envelope *e, struct arena *arena)
{
	if (e->recipients.n == 0 && e->deliver_to.n)
		*(struct span *)vec_push(arena, &e->recipients) = e->deliver_to;
	e->connection.recipients = e->recipients.v;
	e->connection.n_recipients = e->recipients.n;
}
