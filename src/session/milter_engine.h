/* session/milter_engine.h - the milter protocol as a filter hears it: bytes from the mail server to events, versions 2 to 6.
 *
 * A packet is a length (32 bits, network order, of what follows), a command letter, and data. The protocol has no specification but
 * sendmail's libmilter and what mail servers do; Postfix, src/milter/milter8.c, is the other reading that counts.
 * Promises: pure, no sockets, no clock; every packet is answered or refused; linear time; nothing is kept but this struct: a caller who
 * waits for whole packets (need) copies nothing. Out of order, malformed or oversized: BAD, for good, and `why` says so.
 * What libmilter forgives is forgiven: HELO or MAIL in the middle of a message (a client that gave up) end that message first.
 * Owner: events borrow the bytes given. */
#ifndef SESSION_MILTER_ENGINE_H
#define SESSION_MILTER_ENGINE_H

#include "base/buf.h"
#include "base/ip.h"

enum { MILTER_VERSION_MIN = 2, MILTER_VERSION_MAX = 6 };

/* What a filter may do (SMFIF_), of which we ask these, */
enum milter_actions {
	MILTER_ADD_HEADERS = 0x01,
	MILTER_DELETE_RECIPIENTS = 0x08,
	MILTER_CHANGE_HEADERS = 0x10,
	MILTER_QUARANTINE = 0x20,
	MILTER_SET_MACROS = 0x100,
};

/* and how the conversation goes (SMFIP_). */
enum milter_steps {
	MILTER_NO_REPLY_HEADER = 0x80,
	MILTER_NO_UNKNOWN = 0x100,
	MILTER_NO_DATA = 0x200,
	MILTER_SKIPS = 0x400,
	MILTER_NO_REPLY_CONNECT = 0x1000,
	MILTER_NO_REPLY_HELO = 0x2000,
	MILTER_NO_REPLY_MAIL = 0x4000,
	MILTER_NO_REPLY_RCPT = 0x8000,
	MILTER_NO_REPLY_DATA = 0x10000,
	MILTER_NO_REPLY_UNKNOWN = 0x20000,
	MILTER_NO_REPLY_END_OF_HEADER = 0x40000,
	MILTER_NO_REPLY_BODY = 0x80000,
	MILTER_LEADING_SPACE = 0x100000,
};

enum milter_state {
	MILTER_START,     /* nothing agreed yet */
	MILTER_READY,     /* agreed; who is the client? */
	MILTER_CONNECTED, /* between two messages */
	MILTER_IN_MAIL,
	MILTER_IN_RCPT,
	MILTER_IN_DATA,
	MILTER_IN_HEADER,
	MILTER_IN_BODY,
	MILTER_JUDGING, /* the message is there; milter_engine_answered ends it */
	MILTER_CLOSED,
	MILTER_STATES
};

enum milter_event_kind {
	MILTER_NEGOTIATE, /* answer with milter_engine_agree */
	MILTER_CONNECT,   /* text: host name, "unknown" or "[192.0.2.1]" where it has none; ip when has_ip */
	MILTER_HELO,      /* text */
	MILTER_MAIL,      /* text: the address as it was written, "<a@example.org>" */
	MILTER_RCPT,      /* the same */
	MILTER_DATA,
	MILTER_HEADER,        /* name, text: see milter_engine_put_header */
	MILTER_END_OF_HEADER, /* */
	MILTER_BODY,          /* text */
	MILTER_END,           /* text: a last piece of the body, may be empty */
	MILTER_ABORT,         /* the message under way is over, if there is one */
	MILTER_MACRO,         /* name: the letter of the command they belong to; text: for milter_macro_next */
	MILTER_UNKNOWN,       /* text: a command the mail server did not know */
	MILTER_NEW_CLIENT,    /* the same mail server will tell of another client */
	MILTER_QUIT,
	MILTER_EVENTS
};

struct milter_event {
	enum milter_event_kind kind;
	bool wants_reply;
	struct span name, text;
	struct ip ip;
	bool has_ip;
};

struct milter_engine {
	enum milter_state state;
	uint32_t version, actions, steps; /* agreed; 0 before */
	size_t need;                      /* MORE: bytes from the beginning of the packet that are needed, at least */
	const char *why;                  /* BAD: a sentence */
};

enum milter_step { MILTER_MORE, MILTER_EVENT, MILTER_BAD };

void milter_engine_init(struct milter_engine *engine);
/* Looks at the bytes that came and were not used yet. EVENT: *ret_event, and *ret_used bytes are done with; call again for the rest. */
enum milter_step milter_engine_step(struct milter_engine *engine, struct span in, size_t *ret_used, struct milter_event *ret_event);
/* The answer to MILTER_NEGOTIATE, as a packet. */
void milter_engine_agree(const struct milter_engine *engine, struct buf *out);
/* The judgement of the message was sent: it is over. */
void milter_engine_answered(struct milter_engine *engine);

/* The next of the macros of a MILTER_MACRO, its name without braces; false at the end. */
bool milter_macro_next(struct span *rest, struct span *ret_name, struct span *ret_value);
/* How the bytes of a field were, CRLF at the line ends, its last one included. Mail servers give folds as LF, and without
 * MILTER_LEADING_SPACE one space behind the colon is theirs to take and ours to put back. Calls put once or more. */
void milter_engine_put_header(const struct milter_engine *engine, const struct milter_event *header,
			      void (*put)(void *context, struct span bytes), void *context);

#endif
