/* session/trap_dialogue.h - the false open relay as a client hears it: bytes in, replies out, and what was caught.
 *
 * It takes every sender, every recipient and every message, as a careless server would, in the words of a chosen personality.
 * Promises: pure: no sockets, no clock, no way to deliver anything; what is kept is bounded by the options and lives in one arena.
 * Does not: wait before it answers (delay_ms says how long a real server takes), do TLS, judge (trap/).
 * Owner: the caller owns the dialogue and its arena, which is reset with every message. */
#ifndef SESSION_TRAP_DIALOGUE_H
#define SESSION_TRAP_DIALOGUE_H

#include "base/vec.h"
#include "session/smtp_server_engine.h"
#include "session/smtp_words.h"
#include "trap/catch.h"

struct trap_dialogue_options {
	const struct smtp_personality *personality;
	struct span host, date; /* our name; the date of the greeting, as RFC 5322 writes it */
	bool tls;               /* STARTTLS is offered */
	uint32_t message_bytes; /* what is offered as SIZE; 0: what such a server offers by default */
	uint32_t kept_bytes;    /* of a message; the rest is read and forgotten */
	uint64_t chance;        /* of the ids it makes up */
};

enum trap_step {
	TRAP_MORE,      /* needs more bytes */
	TRAP_SAID,      /* a reply stands in out */
	TRAP_RECIPIENT, /* the same, and there is one more recipient: the first is a hit */
	TRAP_MESSAGE,   /* the same, and a message was caught: dialogue->caught until the next step */
	TRAP_SECURE,    /* the same; TLS begins, then trap_dialogue_secured */
	TRAP_OVER,      /* the same; the connection ends */
};

/* What was said to RCPT since the last MAIL. */
struct trap_refusal {
	char said[512]; /* to the first */
	uint16_t n;     /* 0: there was none */
	bool differ;    /* to another something else */
	bool told;      /* it was repeated at DATA */
};

struct trap_dialogue {
	struct trap_dialogue_options options;
	struct smtp_server_engine engine;
	struct trap_catch caught; /* the caller fills in time and addresses */
	uint64_t now;             /* microseconds since 1970, for names of messages; the caller keeps it */
	uint32_t delay_ms;
	struct trap_refusal refusal;
	struct arena *arena;
	struct span client; /* its address as text, for replies that tell it */
	VEC(struct span) recipients;
	struct buf message;
	char helo[256];
	uint32_t ids, draws; /* of chance */
	bool done;           /* a message was told: the next step forgets it */
};

void trap_dialogue_init(struct trap_dialogue *dialogue, const struct trap_dialogue_options *options, struct span client,
			struct arena *arena);
/* The greeting. */
void trap_dialogue_greet(struct trap_dialogue *dialogue, struct buf *out);
/* TLS stands, after TRAP_SECURE: it begins anew. */
void trap_dialogue_secured(struct trap_dialogue *dialogue);
/* The client took too long; the conversation is over. */
void trap_dialogue_late(struct trap_dialogue *dialogue, struct buf *out);
/* Again until MORE uses nothing. */
enum trap_step trap_dialogue_step(struct trap_dialogue *dialogue, struct span in, size_t *ret_used, struct buf *out);

#endif
