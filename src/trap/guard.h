/* trap/guard.h - may what a trap caught become an entry of the gate by itself, or does a person say yes first?
 *
 * A trap hit blocks one address. It never blocks a webmail provider, a network many share, or anything large, without a person.
 * Promises: pure; the answer names its reason. */
#ifndef TRAP_GUARD_H
#define TRAP_GUARD_H

#include "base/ip.h"

enum guard_answer {
	GUARD_YES,
	GUARD_ASK,   /* a person must say yes */
	GUARD_NEVER, /* it is one's own */
};

struct guard_question {
	struct ip_net net;        /* what would be blocked */
	struct span rdns;         /* of the address, confirmed: it leads back to it; span_none */
	uint32_t as;              /* 0: not known */
	const struct ip_net *own; /* trusted and internal networks */
	size_t n_own;
	bool corresponds; /* mail that was good came from there, or one's users write to it */
};

enum guard_answer guard_judge(const struct guard_question *question, const char **ret_why);
/* The provider of a server's name or an AS number, or NULL. */
const char *guard_provider(struct span rdns, uint32_t as);

#endif
