/* session/smtp_server_engine.h - a conversation by SMTP or LMTP as a server hears it: bytes from the client to events, and which reply is
 * due.
 *
 * The one engine of the door and the trap. What it cannot read, or what is not its turn, it answers itself: an event SMTP_SAID with its
 * reply. What somebody must decide waits: no further step is made until smtp_server_answered says how it went.
 * Promises: pure, no sockets, no clock, no words; linear; nothing is kept but this struct; bytes cut in any way give the same events, and
 * the same manners but one: that somebody sent more before he was answered can only be seen in what has arrived. Never two readings of
 * where a message ends (smtp_content.h). After BAD, whose reply is in `reply`, nothing goes on. Does not: send anything, know recipients,
 * keep the envelope. Owner: events borrow the bytes given. */
#ifndef SESSION_SMTP_SERVER_ENGINE_H
#define SESSION_SMTP_SERVER_ENGINE_H

#include "gate/visit.h"
#include "session/smtp_content.h"
#include "session/smtp_parameters.h"
#include "session/smtp_path.h"

enum smtp_server_state {
	SMTP_GREETING, /* not greeted yet: who talks now is early */
	SMTP_START,    /* no HELO yet */
	SMTP_READY,    /* between two messages */
	SMTP_IN_MAIL,
	SMTP_IN_RCPT,
	SMTP_BETWEEN_CHUNKS,
	SMTP_IN_DATA,
	SMTP_IN_CHUNK,
	SMTP_JUDGING, /* the message is there */
	SMTP_IN_AUTH, /* the client's next line is no command (RFC 4954 4) */
	SMTP_IN_TLS,  /* told to begin with TLS; smtp_server_secured */
	SMTP_CLOSED,
	SMTP_SERVER_STATES
};

enum smtp_event_kind {
	SMTP_SAID,      /* of no matter to anybody but for its reply: NOOP, errors, RSET where nothing is under way */
	SMTP_HELO,      /* text; EHLO and LHLO when esmtp. A message under way is over */
	SMTP_MAIL,      /* path, parameters */
	SMTP_RCPT,      /* path, parameters */
	SMTP_DATA,      /* may it come? Behind DATA or the first chunk (then no reply is due but a refusal) */
	SMTP_CONTENT,   /* text; needs no answer */
	SMTP_CHUNK_END, /* a chunk that is not the last is there */
	SMTP_END,       /* the message is there; `faults` and `too_large` of the engine. LMTP: a reply for each recipient */
	SMTP_RESET,     /* a message under way is over; needs no answer */
	SMTP_TLS,       /* STARTTLS */
	SMTP_LOGIN,     /* AUTH; text: "PLAIN AGFu..." */
	SMTP_LOGIN_LINE,
	SMTP_CLIENT,  /* XCLIENT; text: attributes */
	SMTP_FORWARD, /* XFORWARD; text: attributes */
	SMTP_QUIT,
	SMTP_EVENTS
};

struct smtp_event {
	enum smtp_event_kind kind;
	bool waits;             /* for smtp_server_answered */
	enum smtp_reply reply;  /* due where nobody objects */
	bool ends;              /* behind the reply the connection is over */
	bool too_many;          /* for that was one error too many, and it is said */
	bool anew;              /* what was under way is forgotten, though the command failed */
	const char *words;      /* of a grammar: a text as smtp_words.h has them, instead of the reply's */
	const char *fault;      /* of a grammar: %w in the text: what is wrong with an address */
	struct span details[3]; /* %1, %2, %3 in these texts */
	struct span line;       /* of a command: as it was written, without its line end */
	struct span text;
	struct smtp_path path;
	struct smtp_parameters parameters;
};

/* What a server that counts other things than errors remembers. */
struct smtp_tally {
	uint8_t unknown, idle;       /* commands of the connection that it does not know; that bring no message on */
	uint16_t used;               /* commands since the last message, as bits */
	bool mail_failed, rcpt_last; /* the last command was such a one */
	bool settled;                /* DATA was said once */
	bool utf8;                   /* of this message */
	bool too_large;              /* SIZE said so since RSET */
};

enum smtp_answer {
	SMTP_ACCEPTED,
	SMTP_REFUSED,
	SMTP_CONTINUES, /* SMTP_LOGIN, SMTP_LOGIN_LINE: another line is asked for (334) */
};

struct smtp_server_options {
	struct smtp_behaviour behaviour;
	uint32_t offers;        /* enum smtp_offer; may change with TLS and a login: smtp_server_offer */
	bool lmtp;              /* RFC 2033 */
	uint64_t message_bytes; /* a larger message is read and refused; 0: any */
	uint32_t recipients;    /* of one message; those beyond get 452 */
};

struct smtp_server_engine {
	struct smtp_server_options options;
	enum smtp_server_state state;
	uint32_t manners; /* enum gate_manners */
	bool esmtp, tls, authenticated;
	uint32_t errors, recipients; /* of the connection, failed logins included; accepted of this message */
	struct smtp_tally tally;     /* of a grammar */
	/* of the message */
	uint64_t bytes; /* of its content so far */
	bool chunked, too_large;
	uint32_t faults;       /* enum smtp_fault, at SMTP_END */
	enum smtp_reply reply; /* BAD */
	const char *why;       /* BAD: a sentence */
	/* its own */
	bool waits;
	uint8_t lines;    /* of a login that is under way */
	uint8_t pending;  /* the command that waits, from 1; 0: the message does, or a line of AUTH */
	bool skips;       /* the rest of a line that is too long */
	uint64_t skipped; /* of it */
	bool failed;      /* a chunk was refused: those that follow are read and refused */
	bool discards;    /* this chunk is read and thrown away */
	bool last;        /* chunk */
	uint64_t left;    /* of the chunk */
	uint64_t chunk;   /* its size, for SMTP_REPLY_CHUNK */
	size_t seen;      /* bytes of the line at hand that hold no end */
	struct smtp_content content;
};

enum smtp_step { SMTP_MORE, SMTP_EVENT, SMTP_BAD };

void smtp_server_init(struct smtp_server_engine *engine, const struct smtp_server_options *options);
/* Looks at the bytes that came and were not used yet. *ret_used bytes are done with, also with MORE. Call again until MORE uses nothing.
 * While something waits, nothing is used. */
enum smtp_step smtp_server_step(struct smtp_server_engine *engine, struct span in, size_t *ret_used, struct smtp_event *ret_event);
/* What waited is answered: the reply was sent, or is in the order of replies. */
void smtp_server_answered(struct smtp_server_engine *engine, enum smtp_answer answer);
/* The greeting was sent. */
void smtp_server_greeted(struct smtp_server_engine *engine);
/* TLS stands; the client begins anew (RFC 3207 4.2). What it sent in the clear behind STARTTLS must have been thrown away. */
void smtp_server_secured(struct smtp_server_engine *engine);
/* Other extensions from now on. */
void smtp_server_offer(struct smtp_server_engine *engine, uint32_t offers);
/* With so many bytes a step is never without progress. */
size_t smtp_server_need(const struct smtp_server_engine *engine);

#endif
