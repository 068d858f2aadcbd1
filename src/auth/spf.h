/* auth/spf.h - may this address send mail for that domain? Sender Policy Framework, RFC 7208.
 *
 * Promises: pure and resumable (auth/step.h); at most ten terms that ask the DNS, two void look-ups, ten names of an MX or PTR (4.6.4),
 * whatever a record says; the terms of one record that need no macro are asked in one round. The explanation is the sender's text:
 * untrusted, US-ASCII, at most LIMIT_SPF_EXPLANATION bytes.
 * Owner: results borrow the query, the answers and the arena. */
#ifndef AUTH_SPF_H
#define AUTH_SPF_H

#include "auth/step.h"
#include "base/ip.h"
#include "facts/question.h"

enum spf_result { SPF_NONE, SPF_NEUTRAL, SPF_PASS, SPF_FAIL, SPF_SOFTFAIL, SPF_TEMPERROR, SPF_PERMERROR };

/* check_host() of RFC 7208 4.1. */
struct spf_query {
	struct ip ip;
	struct span domain;   /* that is judged: of MAIL FROM, or HELO */
	struct span sender;   /* MAIL FROM, or postmaster@HELO */
	struct span helo;     /* for macros */
	struct span receiver; /* the name of this host, for %{r}; span_none: "unknown" */
	int64_t now;          /* for %{t} */
};

struct spf {
	enum spf_result result;
	struct span domain;      /* that was judged, as it was asked, without final dot and in A-labels; span_none: none that can be */
	struct span mechanism;   /* as written, that decided: "-all", "include:_spf.example.net"; span_none by default or error */
	struct span problem;     /* of an error, in words: "the record of example.org has an unknown mechanism \"ipv4\""; else span_none */
	struct span explanation; /* of a fail, or span_none: there is none that can be used */
	struct span record;      /* the SPF record of domain, or span_none */
	uint32_t lookups;        /* terms that asked the DNS */
};

enum auth_step spf_check(const struct spf_query *query, const struct answers *answers, struct questions *questions, struct arena *arena,
			 struct spf *ret_spf);
const char *spf_result_name(enum spf_result result); /* "softfail" (RFC 8601 2.7.2) */

#endif
