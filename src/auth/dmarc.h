/* auth/dmarc.h - does the domain that the reader is shown stand behind this message? DMARC: RFC 9989, with RFC 7489 records honoured.
 *
 * The Author Domain is that of the From field as mail programs show it. Where programs could show different ones (several From fields or
 * mailboxes of several domains, groups, comments or NUL in the domain, no domain at all) nothing is aligned: the result is never pass.
 * Promises: pure and resumable (auth/step.h); at most eight DNS queries for a domain (RFC 9989 4.10). */
#ifndef AUTH_DMARC_H
#define AUTH_DMARC_H

#include "auth/dkim.h"
#include "auth/spf.h"
#include "message/content.h"

enum dmarc_result { DMARC_NONE, DMARC_PASS, DMARC_FAIL, DMARC_TEMPERROR, DMARC_PERMERROR };
enum dmarc_policy { DMARC_POLICY_NONE, DMARC_POLICY_QUARANTINE, DMARC_POLICY_REJECT };

struct dmarc_source {
	struct span author, author_problem; /* as dmarc_author found them */
	const struct spf *mail_from;        /* NULL: not known */
	const struct spf *helo;             /* NULL: not known */
	bool null_sender;                   /* MAIL FROM was <>: helo stands for it */
	const struct dkim *dkim;
};

struct dmarc {
	enum dmarc_result result;
	struct span domain;            /* the Author Domain; span_none when there is none that can be judged */
	struct span organisational;    /* by the tree walk (RFC 9989 4.10.2) */
	struct span policy_domain;     /* where the record was found; span_none: there is none */
	struct span record;            /* span_none: none */
	enum dmarc_policy policy;      /* that applies to this message: p, sp or np */
	enum dmarc_policy disposition; /* what the domain asks for: none when it passed; one step milder under t=y */
	bool testing;                  /* t=y */
	bool spf_aligned, dkim_aligned;
	struct span aligned_by; /* the domain that vouches; span_none */
	struct span rua;        /* where aggregate reports go, as written; span_none */
	struct span problem;    /* of an error or a From that cannot be judged, in words; else span_none */
};

/* mail_from, helo and dkim must be finished. */
enum auth_step dmarc_judge(const struct dmarc_source *source, const struct answers *answers, struct questions *questions,
			   struct arena *arena, struct dmarc *ret_dmarc);
/* Puts what dmarc_judge will need first, so that it is answered while SPF and DKIM are still being judged. */
void dmarc_ask_ahead(struct span author, const struct answers *answers, struct questions *questions, struct arena *arena);
const char *dmarc_result_name(enum dmarc_result result); /* "pass" */
const char *dmarc_policy_name(enum dmarc_policy policy); /* "quarantine" */

#endif
