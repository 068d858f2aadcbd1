/* gate/decision.h - may the client go on? From what was found out at this stage to the answer, and to the case that explains it.
 *
 * Cheapest first: what one's own lists say decides at once; then limits put off; then the score does: from gate_refuse it is refused, from
 * gate_grey it is asked to come again. One outside list alone never refuses: it takes a second one, or something seen here. What the score
 * says is told at RCPT, so that the case knows sender and recipient, and mail to postmaster and abuse, which is never refused for it, has
 * its way; only who speaks another protocol is told at once.
 * The score is that of verdict/verdict.h: thresholds mark = gate_grey, quarantine = reject = gate_refuse, so that a case file of the door
 * tells and re-reaches its decision as that of a message does.
 * Promises: pure; no allocation on the way of one's own lists. */
#ifndef GATE_DECISION_H
#define GATE_DECISION_H

#include "gate/greylist.h"
#include "gate/tests.h"
#include "verdict/verdict.h"

enum gate_cause {                  /* what decided, for the counters */
		  GATE_BY_NOTHING, /* it passes */
		  GATE_BY_LIST,    /* one's own */
		  GATE_BY_TRAP,
		  GATE_BY_LOAD,
		  GATE_BY_SCORE,
		  GATE_BY_GREYLIST,
		  GATE_CAUSES
};
const char *gate_cause_name(enum gate_cause cause); /* "list" */

struct gate_decision {
	enum gate_answer answer;
	enum gate_cause cause;
	enum gate_answer would; /* if the tests that only watch did more */
	uint32_t leading;       /* place in findings->set.list of what weighs most; only where the answer is not GATE_PASS */
	struct verdict verdict;
};

/* Everything that can be told at this stage. findings->set must be empty and have its arena. */
void gate_examine(const struct gate_facts *facts, struct gate_findings *findings);
/* greylist: asked only where the score is grey and stage is GATE_RCPT; else GREYLIST_KNOWN. */
void gate_decide(const struct gate_facts *facts, const struct gate_findings *findings, enum gate_stage stage, enum greylist_says greylist,
		 struct gate_decision *ret_decision);
/* Has the score reached what is asked to come again? Then SPF is worth its questions. */
bool gate_is_grey(const struct gate_facts *facts, const struct gate_findings *findings);
/* The reply that says so, with the way back: the id of the case (may be empty) and gate_contact. wait: seconds, of a greylist. */
void gate_reply_write(const struct gate_facts *facts, const struct gate_findings *findings, const struct gate_decision *decision,
		      struct span id, int64_t wait, struct gate_reply *ret_reply);
/* postmaster or abuse, at any domain or at none (RFC 5321 section 4.5.1, RFC 2142). */
bool gate_is_role(struct span recipient);

#endif
