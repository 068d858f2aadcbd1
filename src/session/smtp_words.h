/* session/smtp_words.h - how a server puts its replies: a personality is a table of texts and a few switches.
 *
 * Promises: pure. Nothing a client sent can end a line of a reply or begin another: what is repeated of it is cut, and holds no control
 * characters. A text is "code status words", further lines behind \n. In it %h is our name, %c the client's HELO, %a its address, %r its
 * host name, %p the address of MAIL or RCPT, %v the first word of the line, %l its last, %i the message's id, %n a number, %d the date, %m
 * the mechanisms of AUTH, %% a percent sign. */
#ifndef SESSION_SMTP_WORDS_H
#define SESSION_SMTP_WORDS_H

#include "base/buf.h"
#include "session/smtp.h"
#include "session/smtp_ids.h"

struct smtp_ehlo_line {
	uint32_t offer; /* enum smtp_offer; 0: always */
	const char *text;
};

/* Where a server's words for the same fault differ from command to command. */
struct smtp_exception {
	enum smtp_reply reply;
	const char *verb, *holds; /* of the line, case ignored; holds: NULL: whatever it holds */
	const char *text;
};

/* What such a server takes for it, medians in microseconds; measured, see the file of each. */
struct smtp_pace {
	uint32_t greeting_us, hello_us, command_us, recipient_us, message_us, bye_us;
	uint32_t error_ms, patient_errors; /* a refusal takes so much longer, once there were more errors than that */
};

struct smtp_personality {
	const char *name;
	struct smtp_behaviour behaviour;
	uint32_t message_bytes; /* what its SIZE says where nobody set it */
	struct smtp_pace pace;
	smtp_id_put *put_id;
	const char *too_many;    /* a further line of the reply to the last error there may be; NULL: none */
	const char *all_refused; /* lines before the reply to DATA where all RCPT were refused with the same words; NULL: none */
	const struct smtp_exception *exceptions; /* ends with one without a verb; NULL: none */
	const char *texts[SMTP_REPLIES];         /* NULL: postern's own */
	struct smtp_ehlo_line ehlo[20];          /* in the order in which they are offered; ends with a NULL */
};

struct smtp_fill {
	struct span host, helo, address, client, path, verb, line, id, date, mechanisms;
	struct span details[3], said;
	const char *fault;
	uint64_t n, chunk;
	uint32_t offers;  /* SMTP_REPLY_EHLO */
	uint64_t largest; /* SIZE; its %n */
};

const struct smtp_personality *smtp_personality_postern(void);
const struct smtp_personality *smtp_personality_find(struct span name); /* "postern"; NULL: there is none */

/* The whole reply, its line ends included. */
void smtp_words_put(const struct smtp_personality *personality, enum smtp_reply reply, const struct smtp_fill *fill, struct buf *out);
/* The same with another text than the reply's. */
void smtp_words_text(struct span text, const struct smtp_fill *fill, struct buf *out);
/* The text of a reply to that command. */
const char *smtp_words_find(const struct smtp_personality *personality, enum smtp_reply reply, struct span line);
uint16_t smtp_words_code(const struct smtp_personality *personality, enum smtp_reply reply);
/* A reply that others worded (the gate, an outcome): "550 5.7.1 text". status may be empty. */
void smtp_words_line(uint16_t code, struct span status, struct span text, struct buf *out);

#endif
