/* auth/dkim_tags.h - what a DKIM-Signature, ARC-Message-Signature or ARC-Seal says of itself (RFC 6376 3.5, RFC 8617 4.1).
 *
 * Promises: everything is checked that can be without the message and the DNS; when something is wrong, `problem` says what, and the rest
 * is read as far as it goes. Owner: spans borrow the field or live in the arena. */
#ifndef AUTH_DKIM_TAGS_H
#define AUTH_DKIM_TAGS_H

#include "auth/canonical.h"
#include "auth/dkim.h"

enum dkim_field { DKIM_FIELD_SIGNATURE, DKIM_FIELD_ARC_MESSAGE, DKIM_FIELD_ARC_SEAL };

#define DKIM_WHOLE_BODY UINT64_MAX

struct dkim_tags {
	const char *problem;                    /* NULL: none */
	bool draft;                             /* v= is that of a draft before RFC 4871, or missing: it can be computed, but is no DKIM */
	struct span domain, selector, identity; /* lower-case; identity with its quoted-printable read; span_none when absent */
	struct span key_name;                   /* what to ask the DNS for */
	struct span names;                      /* h=: field names between colons, as written */
	struct span b_text;                     /* where b= stands in the field, white space around it included: left out of the hash */
	struct span b, bh;                      /* decoded */
	enum dkim_algorithm algorithm;
	enum dkim_canonical header, body;
	uint64_t length;            /* l=, or DKIM_WHOLE_BODY */
	int64_t signed_at, expires; /* t=, x=; or CLOCK_NONE */
	uint32_t instance;          /* i= of ARC, 1 to LIMIT_ARC_SETS; 0: none that can be used */
	struct span chain;          /* cv= of a seal */
	bool from_unsigned;         /* h= lacks From */
};

void dkim_tags_read(enum dkim_field kind, struct span value, struct arena *arena, struct dkim_tags *ret_tags);
/* A domain name or selector: lower-case, and as the DNS knows it (RFC 8616: mail may write it in UTF-8). False: it is none. */
bool dkim_tags_name(struct span text, struct arena *arena, struct span *ret_name);

#endif
