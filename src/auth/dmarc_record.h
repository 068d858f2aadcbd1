/* auth/dmarc_record.h - one DMARC policy record (RFC 9989 4.7), records of RFC 7489 included.
 *
 * What is wrong in a record falls back to its default, as the RFC wants; so a record that begins rightly is always read. */
#ifndef AUTH_DMARC_RECORD_H
#define AUTH_DMARC_RECORD_H

#include "auth/dmarc.h"

enum dmarc_psd { DMARC_PSD_UNKNOWN, DMARC_PSD_YES, DMARC_PSD_NO };

struct dmarc_record {
	struct span text;
	bool usable;                  /* it states a policy, or where reports go (then the policy is none); else no DMARC (4.10.1) */
	enum dmarc_policy p, sp, np;  /* sp and np are p and sp where they are not stated */
	bool strict_dkim, strict_spf; /* adkim=s, aspf=s */
	enum dmarc_psd psd;
	bool testing;    /* t=y, or pct=0 of RFC 7489 */
	struct span rua; /* span_none: none */
};

/* False: that TXT record is no DMARC record (its first tag is not v=DMARC1). */
bool dmarc_record_read(struct span text, struct dmarc_record *ret_record);

#endif
