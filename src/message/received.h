/* message/received.h - one Received line of any mail server, in parts (RFC 5321 4.4, and what servers really write).
 *
 * Promises: knows Postfix, Sendmail, Exim, qmail, Exchange and Microsoft 365, Gmail, Lotus, CommuniGate, fetchmail, webmail and the rest of
 * the forms seen in the wild; linear time; at most LIMIT_RECEIVED_BYTES. Spans borrow the unfolded line. Absent is span_none. */
#ifndef MESSAGE_RECEIVED_H
#define MESSAGE_RECEIVED_H

#include "base/arena.h"
#include "base/ip.h"
#include "message/date.h"

enum received_class {
	RECEIVED_RELAY,  /* a host handed the message over: has an address */
	RECEIVED_IGNORE, /* local delivery, pick-up, queue runs, fetchmail: no hand-over between hosts */
	RECEIVED_UNPARSEABLE,
};

/* The mail server that wrote the line, as its grammar betrays it. */
enum received_writer {
	RECEIVED_BY_UNKNOWN,
	RECEIVED_BY_POSTFIX,
	RECEIVED_BY_SENDMAIL,
	RECEIVED_BY_EXIM,
	RECEIVED_BY_QMAIL,
	RECEIVED_BY_EXCHANGE,
	RECEIVED_BY_GMAIL,
	RECEIVED_BY_LOTUS,
	RECEIVED_BY_COMMUNIGATE,
	RECEIVED_BY_FETCHMAIL,
	RECEIVED_BY_WEBMAIL,
	RECEIVED_BY_OTHER,
};

struct received {
	enum received_class class;
	enum received_writer writer;
	struct span helo, rdns, ip_text, by, with, id, ident, envelope_from, recipient; /* recipient: "for" */
	struct span auth;    /* how the client proved itself ("ESMTPA", "Sendmail", "Postfix", ...: the words of the trust-path suite);
				span_none when it did not */
	struct ip ip, by_ip; /* client; and the by host's own address where the line gives it */
	bool has_ip, has_by_ip, tls, has_time;
	struct date time;
	struct span from_clause; /* for messages to people */
};

/* line: unfolded value of the field, without "Received:". */
void received_parse(struct span line, struct arena *arena, struct received *ret_received);
const char *received_class_name(enum received_class class);    /* "relay", "ignore", "unparseable" */
const char *received_writer_name(enum received_writer writer); /* "Postfix" */

#endif
