/* trap/operators.h - which scanning machines belong together, and which of them scout and which send.
 *
 * Machines that use the same collecting address, the same shape of message that is not published, or the same rare way of talking together
 * with the same shape are one operator's: a forest of sets (union-find) over machines and what they use.
 * Promises: LIMIT_OPERATOR_EDGES ties at most; when there are more, the older half is forgotten and the rest tied anew.
 * Owner: whoever called operators_new. */
#ifndef TRAP_OPERATORS_H
#define TRAP_OPERATORS_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/limits.h"

struct operator_machine {
	struct ip ip;
	int64_t first, last;
	uint32_t probes, payloads; /* only probes: a scout; only payloads: a sender */
	bool listed;               /* was known to a list before it came here */
	char country[3];           /* ISO 3166 or "EU"; "" unknown */
	uint32_t as;               /* 0: unknown */
};

/* What ties machines together. */
enum operator_tie { OPERATOR_COLLECTOR, OPERATOR_FAMILY, OPERATOR_DIALECT };

struct operators;
struct operators *operators_new(uint64_t secret);
void operators_free(struct operators *operators); /* NULL allowed */

struct operator_sight {
	struct ip ip;
	int64_t time;
	bool probe, payload, listed;
	char country[3];
	uint32_t as;
};
/* Remembers the machine; the number of its operator so far: good until the next sight. */
uint32_t operators_see(struct operators *operators, const struct operator_sight *sight);
/* It uses that. */
void operators_tie(struct operators *operators, const struct ip *ip, enum operator_tie tie, struct span what, int64_t time);
/* NULL: never seen. */
const struct operator_machine *operators_find(const struct operators *operators, const struct ip *ip);
/* The operator of a machine, a number below operators_machines; UINT32_MAX: never seen. */
uint32_t operators_of(struct operators *operators, const struct ip *ip);
uint32_t operators_machines(const struct operators *operators);
const struct operator_machine *operators_at(struct operators *operators, uint32_t i, uint32_t *ret_operator);
void operators_write(const struct operators *operators, struct buf *out);
int operators_read(struct operators *operators, struct cursor *record); /* ERR_SYNTAX: empty then */

#endif
