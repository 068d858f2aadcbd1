/* trap/probe.h - is what a trap caught a probe, that only asks whether we relay, or the mail it would be used for?
 *
 * Promises: pure: the reading and what is remembered, in; evidence and odds, out; each sentence names the detail it rests on.
 * Positive weights speak for a probe. Does not: remember (trap/memory.h). Owner: the arena of the evidence set. */
#ifndef TRAP_PROBE_H
#define TRAP_PROBE_H

#include "trap/collectors.h"
#include "trap/reading.h"
#include "verdict/evidence.h"

enum probe_kind {
	PROBE_NEITHER, /* a conversation that never came to a recipient */
	PROBE_PROBE,
	PROBE_PAYLOAD,
	PROBE_UNSURE,
};

/* What was known before this catch. */
struct probe_known {
	const struct family *family; /* NULL: none */
	bool family_of_probes;       /* of those, most were probes */
	bool collector;              /* its first recipient is a known collecting address */
	bool first;                  /* nothing came from this address before */
	uint32_t payloads;           /* that came from it before */
};

struct probe_judgement {
	enum probe_kind kind;
	int32_t score;      /* thousandths of a nat: positive for a probe */
	double probability; /* of the kind named; for display */
};

void probe_judge(const struct reading *reading, const struct probe_known *known, struct evidence_set *evidence,
		 struct probe_judgement *ret_judgement);
const char *probe_kind_name(enum probe_kind kind); /* "probe" */

#endif
