/* session/smtp_client_engine.h - a conversation by SMTP or LMTP as a client leads it: replies in, commands out.
 *
 * Opens by itself (greeting, EHLO or LHLO with HELO to fall back on, STARTTLS, XCLIENT) until SMTP_CLIENT_READY; from then on its caller
 * says what comes next, one command at a time, and is told how it was answered. Parameters the server did not offer are left out. Promises:
 * pure, no sockets, no clock; linear. Replies are read strictly (RFC 5321 section 4.2): three digits, the same in all lines, CRLF, bounded;
 * anything else is BAD for good. Nothing that is written can hold a line end that was not meant as one. Owner: events borrow the bytes
 * given; the options borrow what the caller keeps. */
#ifndef SESSION_SMTP_CLIENT_ENGINE_H
#define SESSION_SMTP_CLIENT_ENGINE_H

#include "base/ip.h"
#include "session/smtp_login.h"
#include "session/smtp_parameters.h"

/* For whom we speak, as XCLIENT and XFORWARD tell it. */
struct smtp_origin {
	bool has_ip;
	struct ip ip;
	uint16_t port;
	struct span name, helo, login, ident; /* may be empty */
	bool esmtp;
};

enum smtp_tls_use { SMTP_TLS_NEVER, SMTP_TLS_OFFERED, SMTP_TLS_ALWAYS };

struct smtp_client_options {
	bool lmtp;
	struct span hostname; /* ours, for EHLO */
	enum smtp_tls_use tls;
	const struct smtp_origin *origin; /* NULL: we speak for ourselves */
};

enum smtp_client_state {
	SMTP_CLIENT_AT_GREETING,
	SMTP_CLIENT_AT_EHLO,
	SMTP_CLIENT_AT_HELO,
	SMTP_CLIENT_AT_STARTTLS,
	SMTP_CLIENT_AT_HANDSHAKE, /* the caller's */
	SMTP_CLIENT_AT_XCLIENT,
	SMTP_CLIENT_IDLE, /* the caller says what comes next */
	SMTP_CLIENT_AT_XFORWARD,
	SMTP_CLIENT_AT_MAIL,
	SMTP_CLIENT_AT_RCPT,
	SMTP_CLIENT_AT_DATA,
	SMTP_CLIENT_AT_END, /* of the message */
	SMTP_CLIENT_AT_RSET,
	SMTP_CLIENT_AT_QUIT,
	SMTP_CLIENT_AT_OTHER,
	SMTP_CLIENT_CLOSED,
	SMTP_CLIENT_STATES
};

enum smtp_client_event_kind {
	SMTP_CLIENT_READY,    /* open: IDLE */
	SMTP_CLIENT_REFUSED,  /* the conversation could not be opened */
	SMTP_CLIENT_SECURE,   /* the server is ready for TLS; smtp_client_secured when it stands */
	SMTP_CLIENT_ANSWERED, /* to what: `to` */
};

struct smtp_client_event {
	enum smtp_client_event_kind kind;
	enum smtp_client_state to;
	uint16_t code;
	struct span reply;  /* all of it; for smtp_reply_line */
	uint32_t recipient; /* of AT_END by LMTP: the how manieth that was accepted, from 0 */
	bool last;          /* no more replies to this come */
};

struct smtp_client_engine {
	struct smtp_client_options options;
	enum smtp_client_state state;
	uint32_t offers;                   /* enum smtp_offer: of the server */
	uint64_t size;                     /* the largest message it takes; 0: not said */
	struct smtp_mechanisms mechanisms; /* of AUTH */
	bool tls;
	const char *why; /* BAD */
	/* its own */
	uint32_t xclient, xforward; /* attributes that it takes */
	uint32_t recipients, told;  /* accepted of this message; replies at its end so far */
	bool introduced, presented; /* XCLIENT was tried; was taken */
	bool clear;                 /* STARTTLS was refused */
	size_t seen;                /* bytes of the reply that hold whole lines */
	uint16_t code;
	uint32_t lines;
};

enum smtp_client_step { SMTP_CLIENT_MORE, SMTP_CLIENT_EVENT, SMTP_CLIENT_BAD };

void smtp_client_init(struct smtp_client_engine *engine, const struct smtp_client_options *options);
/* Looks at the bytes that came and were not used yet. What is to be sent is put to out. MORE with bytes used: call again. */
enum smtp_client_step smtp_client_step(struct smtp_client_engine *engine, struct span in, size_t *ret_used,
				       struct smtp_client_event *ret_event, struct buf *out);
/* TLS stands: greets again. */
void smtp_client_secured(struct smtp_client_engine *engine, struct buf *out);

/* The next line of a reply without code and line end; false behind the last. */
bool smtp_reply_line(struct span *rest, struct span *ret_text);
/* Splits "5.7.1 text" (RFC 3463); the status may be empty. */
struct span smtp_reply_status(struct span *text);

/* All below: in IDLE, and then one reply is waited for. ERR_USAGE: it would not be one line. */

/* Before MAIL, where the server has XFORWARD and there is an origin; false: nothing was sent. */
bool smtp_client_xforward(struct smtp_client_engine *engine, struct buf *out);
/* address without brackets; empty: <>. ERR_UNSUPPORTED: it, or the message, needs SMTPUTF8, and the server has not got it. */
int smtp_client_mail(struct smtp_client_engine *engine, struct span address, const struct smtp_parameters *parameters, struct buf *out);
int smtp_client_rcpt(struct smtp_client_engine *engine, struct span address, const struct smtp_parameters *parameters, struct buf *out);
/* Answered with 354: the content is sent, through smtp_stuffing; AT_END is answered behind it (or before: then it is not wanted). */
void smtp_client_data(struct smtp_client_engine *engine, struct buf *out);
/* Instead of DATA, where CHUNKING is offered: exactly so many bytes follow, as they are. Answered as the end of the message. */
void smtp_client_chunk(struct smtp_client_engine *engine, uint64_t bytes, struct buf *out);
void smtp_client_rset(struct smtp_client_engine *engine, struct buf *out);
void smtp_client_quit(struct smtp_client_engine *engine, struct buf *out);
/* Any other command, "AUTH PLAIN AGE", or a line that belongs to one. */
int smtp_client_other(struct smtp_client_engine *engine, struct span line, struct buf *out);

/* Content as it stands behind DATA, in pieces that borrow: dots doubled, every line end CRLF (a CR or LF alone is made one, so that no
 * server sees another end than ours). It may be given in parts, cut anywhere but between CR and LF. */
struct smtp_stuffing {
	struct span rest;
	struct span next; /* to be given before more of rest */
	bool middle;      /* of a line */
	bool dotted;      /* the dot that is there is doubled */
};
/* Another part; what was given before must be used up. A struct of zeroes begins. */
void smtp_stuffing_add(struct smtp_stuffing *stuffing, struct span content);
bool smtp_stuffing_next(struct smtp_stuffing *stuffing, struct span *ret_piece);
/* What ends it. */
struct span smtp_stuffing_end(const struct smtp_stuffing *stuffing);

#endif
