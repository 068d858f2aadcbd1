/* auth/spf_record.h - an SPF record as a list of terms (RFC 7208 4.6.1, 5, 6, 12).
 *
 * The whole record is read before anything is looked up: one wrong term anywhere spoils it (4.6). Zero-copy. */
#ifndef AUTH_SPF_RECORD_H
#define AUTH_SPF_RECORD_H

#include "auth/spf.h"

enum spf_mechanism { SPF_ALL, SPF_INCLUDE, SPF_A, SPF_MX, SPF_PTR, SPF_IP4, SPF_IP6, SPF_EXISTS };

struct spf_term {
	enum spf_mechanism mechanism;
	enum spf_result result; /* when it matches: of its qualifier */
	struct span text;       /* as written */
	struct span domain;     /* domain-spec, macros and all; span_none: the domain that is judged */
	bool has_macro;         /* in domain */
	uint8_t bits;           /* IP4, IP6, A, MX: of the client's family once compared, in the 128 bits of struct ip */
	uint8_t bits6;          /* A, MX: for an IPv6 client; bits is for IPv4 */
	struct ip ip;           /* IP4, IP6 */
};

struct spf_record {
	VEC(struct spf_term) terms;
	struct span redirect, explanation; /* domain-specs, or span_none */
};

/* text begins with "v=spf1". ERR_SYNTAX; then *ret_problem (in arena) is what is wrong: "has an unknown mechanism \"ipv4\"". */
int spf_record_parse(struct span text, struct arena *arena, struct spf_record *ret_record, struct span *ret_problem);
/* Is that TXT record an SPF record (4.5)? */
bool spf_record_is(struct span text);

#endif
