/* trap/catch.h - one transaction with a trap, as the conversation left it: the input of all reading. Owner: the caller owns every span. */
#ifndef TRAP_CATCH_H
#define TRAP_CATCH_H

#include "base/ip.h"

/* How the recipients try to be relayed (RFC 5321 appendix F.2, and what was tried since). Bits. */
enum trap_form {
	TRAP_FORM_PERCENT = 1 << 0, /* user%domain@here */
	TRAP_FORM_BANG = 1 << 1,    /* domain!user */
	TRAP_FORM_ROUTE = 1 << 2,   /* @here:user@domain */
	TRAP_FORM_QUOTED = 1 << 3,  /* "user@domain"@here */
	TRAP_FORM_TWO_AT = 1 << 4,  /* user@domain@here */
};

struct trap_catch {
	int64_t time;  /* Unix seconds */
	struct ip ip;  /* who came */
	struct ip own; /* where to, and the port */
	uint16_t own_port;
	struct span helo;
	bool esmtp, tls;
	uint32_t manners; /* what the client did that no mail server does, as the door counts it (gate/visit.h) */
	uint64_t dialect; /* a hash of which commands came in which order and how they were written; 0: not known */
	uint32_t resets;  /* RSET and NOOP in the conversation */
	struct span mail_from;
	const struct span *recipients; /* without brackets */
	uint32_t n_recipients;
	struct span message; /* as it came; span_none: it did not come to DATA */
};

#endif
