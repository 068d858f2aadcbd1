/* session/smtp_words.h - how a server puts its replies: a personality is a table of texts and a few switches.
 *
 * Promises: pure. Nothing a client sent can end a line of a reply or begin another: what is repeated of it is cut and made printable.
 * A text is "code status words", further lines behind \n. In it %h is our name, %c the client's HELO, %a its address, %r its host name, %p
 * the address of MAIL or RCPT, %l the command, %i the message's id, %n a number, %d the date, %% a percent sign. */
#ifndef SESSION_SMTP_WORDS_H
#define SESSION_SMTP_WORDS_H

#include "base/buf.h"
#include "session/smtp.h"

struct smtp_ehlo_line {
	uint32_t offer; /* enum smtp_offer; 0: always */
	const char *text;
};

struct smtp_personality {
	const char *name;
	struct smtp_behaviour behaviour;
	const char *texts[SMTP_REPLIES]; /* NULL: postern's own */
	struct smtp_ehlo_line ehlo[20];  /* in the order in which they are offered; ends with a NULL */
};

struct smtp_fill {
	struct span host, helo, address, client, path, line, id, date;
	uint64_t n;
	uint32_t offers;  /* SMTP_REPLY_EHLO */
	uint64_t largest; /* SIZE; its %n */
};

const struct smtp_personality *smtp_personality_postern(void);
const struct smtp_personality *smtp_personality_find(struct span name); /* "postern"; NULL: there is none */

/* The whole reply, its line ends included. */
void smtp_words_put(const struct smtp_personality *personality, enum smtp_reply reply, const struct smtp_fill *fill, struct buf *out);
uint16_t smtp_words_code(const struct smtp_personality *personality, enum smtp_reply reply);
/* A reply that others worded (the gate, an outcome): "550 5.7.1 text". status may be empty. */
void smtp_words_line(uint16_t code, struct span status, struct span text, struct buf *out);

#endif
