/* message/address.h - mailboxes of an address field, as a mail program shows them (RFC 5322 3.4, RFC 6532, RFC 5321 4.1.2).
 *
 * Promises: reads what people write, obsolete routes, comments and groups included; every mailbox that some program would show
 * is in the list; a field with more than one reading (two @, NUL, comments in the domain, unbalanced quotes, <<a>>) is recorded as
 * ADDRESS_AMBIGUOUS. Linear time. */
#ifndef MESSAGE_ADDRESS_H
#define MESSAGE_ADDRESS_H

#include "message/header.h"

enum address_flags {
	ADDRESS_IN_GROUP = 1 << 0,
	ADDRESS_NO_ANGLE = 1 << 1, /* bare addr-spec */
	ADDRESS_QUOTED_LOCAL = 1 << 2,
	ADDRESS_LITERAL_DOMAIN = 1 << 3, /* user@[192.0.2.1] */
	ADDRESS_NO_DOMAIN = 1 << 4,
	ADDRESS_INVALID = 1 << 5, /* not an RFC 5322 mailbox, best effort */
};

struct address {
	struct span display; /* decoded, unquoted, UTF-8; span_none when absent; a comment when that is all there is ("user@h (Name)") */
	struct span spec;    /* local@domain as written, without comments and folds; empty for <> */
	struct span local;   /* unquoted */
	struct span domain;  /* lower-case A-labels where IDNA allows, else lower-case as written; without final dot */
	struct span group;   /* name of the group it stands in, or span_none */
	uint32_t flags;      /* enum address_flags */
	struct place at;     /* in the message, when the field came from one */
};

struct addresses {
	VEC(struct address) list;
};

/* One whole field. Anomalies go to *anomalies unless NULL; message is for places (span_none: all places empty). */
void addresses_parse(struct span message, const struct header *header, struct arena *arena, struct anomalies *anomalies,
		     struct addresses *ret_addresses);
/* The same over text that stands in no message. */
void addresses_parse_text(struct span text, struct arena *arena, struct addresses *ret_addresses);
/* Is text, whole, an addr-spec that RFC 5321/5322 allow (comments, quoted strings, literals included)? */
bool address_spec_valid(struct span text);
/* local@domain without display name, angle brackets optional ("<a@b>", "a@b", "<>"): envelope addresses. */
bool address_parse_path(struct span text, struct arena *arena, struct address *ret_address);

#endif
