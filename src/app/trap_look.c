/* app/trap_look.c - see trap_look.h */
#include "app/trap_look.h"
#include "base/limits.h"
#include "trap/recipient.h"

bool trap_look(const struct trap_look *who, struct span recipient)
{
	const struct trap_recipients traps = trap_recipients_of(who->settings);
	struct wire_trapped trapped = { .door = who->door, .ip = *who->ip, .helo = who->helo, .mail_from = who->mail_from };
	struct arena arena;
	struct buf out;
	enum trap_recipient is = trap_recipient_find(&traps, recipient, &trapped.shown);
	if (is == TRAP_RECIPIENT_NONE)
		return false;
	trapped.recipient = recipient;
	trapped.planted = is == TRAP_RECIPIENT_PLANTED;
	arena_init(&arena);
	buf_init(&out, &arena, LIMIT_CHANNEL_PAYLOAD);
	wire_put_trapped(&trapped, &out);
	keeping_tell(who->keeping, WIRE_TRAPPED, buf_span(&out), NULL);
	arena_release(&arena);
	return true;
}

void trap_look_at_message(const struct settings *settings, struct keeping *keeping, const struct session_request *request)
{
	const struct connection *c = &request->connection;
	struct trap_look who = { settings, keeping, request->door, &c->ip, c->helo, c->mail_from };
	if (!c->has_ip || c->auth_user.n)
		return;
	for (size_t i = 0; i < c->n_recipients; i++)
		if (trap_look(&who, c->recipients[i]))
			return;
}
