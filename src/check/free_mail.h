/* check/free_mail.h - services that give an address to anybody, and the servers their mail must have passed (free_mail.def). */
#ifndef CHECK_FREE_MAIL_H
#define CHECK_FREE_MAIL_H

#include "base/span.h"

struct free_mail {
	struct span name;    /* "Gmail" */
	struct span domains; /* of its addresses, blanks between */
	struct span hosts;   /* of its servers, blanks between */
};

/* The service of an address domain (lower-case), NULL when it is none. */
const struct free_mail *free_mail_find(struct span domain);
/* Is this one of its servers? Lower-case. */
bool free_mail_host(const struct free_mail *service, struct span host);

#endif
