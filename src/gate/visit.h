/* gate/visit.h - a client at the door: what is known of it at each stage, and what it is told.
 *
 * A session fills in what its protocol has said so far and asks at every stage through session_handlers.gate. The gate owns what it notes
 * in between; the session owns the visit and everything the spans point at, until the visit has ended (GATE_END), which it always is.
 * Does not know: sockets, the protocol's state, the message. */
#ifndef GATE_VISIT_H
#define GATE_VISIT_H

#include "base/ip.h"

/* In the order of a conversation. GATE_RCPT is asked once a recipient; GATE_DATA when a message begins
 * that will be taken, and is always passed; GATE_END once, last: then nothing is answered, only counted. */
enum gate_stage { GATE_CONNECT, GATE_HELO, GATE_MAIL, GATE_RCPT, GATE_DATA, GATE_END, GATE_STAGES };

enum gate_answer {
	GATE_PASS,
	GATE_DEFER,  /* 4xx to this command; the conversation may go on */
	GATE_REFUSE, /* 5xx to this command; at GATE_CONNECT: 5xx to every command but QUIT (RFC 5321 section 3.1, 554) */
	GATE_CLOSE,  /* the reply, and the connection ends */
};

/* What a client did that no mail server does; the protocol engine sees it, the gate weighs it. Bits. */
enum gate_manners {
	GATE_EARLY_TALKER = 1 << 0,     /* spoke before the greeting had ended (RFC 5321 section 4.3.1) */
	GATE_EARLY_PIPELINING = 1 << 1, /* sent commands in one piece before PIPELINING was offered, or not allowed there (RFC 2920) */
	GATE_BARE_NEWLINE = 1 << 2,     /* LF without CR, or CR without LF, in a command or where a message ends */
	GATE_FOREIGN_COMMAND = 1 << 3,  /* GET, POST, CONNECT, header fields: another protocol, most often through an open proxy */
	GATE_FOREIGN_BYTES = 1 << 4,    /* SOCKS or TLS bytes where a command belongs */
	GATE_OUT_OF_ORDER = 1 << 5,     /* MAIL before HELO, DATA before RCPT ... more often than a mistake */
	GATE_MANY_ERRORS = 1 << 6,      /* commands that are none, or cannot be read */
};

enum { GATE_TEXT_MAX = 400 };

struct gate_reply {
	enum gate_answer answer;
	uint16_t code;     /* 421, 450, 451, 550, 554; 0 when it passes */
	char enhanced[8];  /* "4.7.1" (RFC 3463) */
	uint32_t delay_ms; /* to be waited before the reply: greet delay, tarpit */
	bool teaser;       /* GATE_CONNECT: a first line of several is sent before the delay, so that who talks early is seen */
	struct span text; /* one line, printable, at most GATE_TEXT_MAX; how to get in touch included. Good until the gate is asked again */
};

struct gate_visit {
	/* of the session */
	struct ip ip;
	uint16_t port;         /* the client's */
	const struct ip *own;  /* the address of ours that it connected to; NULL: not known */
	bool inner;            /* a question about somebody else's connection: it is not counted, and held back by nobody */
	bool trusted;          /* came through a socket or network that is ours: nothing is tested */
	uint32_t manners;      /* enum gate_manners seen so far */
	struct span helo;      /* span_none until told */
	bool esmtp;            /* EHLO, not HELO */
	struct span tls;       /* protocol and cipher; span_none without */
	struct span auth_user; /* authenticated: nothing is tested any more */
	struct span mail_from; /* empty for <>; span_none until told */
	struct span recipient; /* of this GATE_RCPT */
	uint32_t recipients;   /* accepted so far in this transaction */
	uint32_t unknown;      /* recipients the next hop did not know, in this connection */
	uint32_t judged;       /* messages that were handed to the judge, in this connection */
	uint32_t messages;     /* accepted in this connection */
	void (*done)(struct gate_visit *visit); /* the answer to a stage that could not be given at once; never from inside the call */
	void *session;
	/* of the gate */
	struct gate_reply reply;
	char id[28]; /* of the case that explains a refusal (`postern why ID`); empty when there is none */
	void *gate;  /* its notes on this visit; NULL: none yet */
};

#endif
