/* check/structure.c - what is odd about the form of the message (anomalies of the parsers), as evidence.
 *
 * Honest software produces most anomalies now and then, so each weighs little; GROUP_FORM caps them together. */
#include "check/check.h"

static const struct evidence_def defs[] = {
	{ "form.ambiguous", GROUP_FORM, 1000, 0, "Mail programs disagree about what this message contains: {1}",
	  "Attackers use readings that a filter does not see; honest software rarely differs." },
	{ "form.limit", GROUP_LIMIT, 1000, EVIDENCE_LIMIT, "The message goes beyond what is read: {1}", "Said so that it is not silent." },
};

static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions, struct evidence_set *set)
{
	(void)answers;
	(void)questions;
	for (uint32_t i = 0; i < view->message->anomalies.list.n; i++) {
		const struct anomaly *anomaly = &view->message->anomalies.list.v[i];
		struct span id = span_cstr(anomaly_id(anomaly->kind));
		if (span_starts(id, SPAN("limit.")))
			evidence_at(evidence_add(set, &defs[1], span_cstr(anomaly_says(anomaly->kind)), span_none, span_none), anomaly->at);
		else if (span_ends(id, SPAN("ambiguous")))
			evidence_at(evidence_add(set, &defs[0], span_cstr(anomaly_says(anomaly->kind)), span_none, span_none), anomaly->at);
	}
	return CHECK_DONE;
}

const struct check check_structure = {
	.name = "structure",
	.purpose = "Is the form of the message odd, ambiguous, or beyond what is read?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.step = step,
};
