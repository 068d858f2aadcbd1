/* check/forged_path.c - Received lines that are lies.
 *
 * Rests on message/path: a line is false only when it contradicts itself or the hand-over that a trusted machine saw, so one false line
 * proves that whoever made the message forged its history. Breaks between names and wrong clocks are common in good mail and speak here for
 * nothing. Example: "Received: from [93.129.132.226] by qqq.hotmail.com", handed over by 93.129.132.226 itself. */
#include "check/check.h"

enum { FALSE_LINE };
static const struct evidence_def defs[] = {
	[FALSE_LINE] = { "forged_path.false_line", GROUP_PATH, 3500, EVIDENCE_PROOF, "Received line {1} is forged. {2}",
			 "Not one of 9,312 good messages of the development corpus has such a line, and 6 % of the botnet mail of 2009-10 "
			 "has. Mail servers "
			 "write what they see; only a sender who hides where the message comes from writes lines that cannot be." },
};

static bool proves_false(enum hop_reason reason)
{
	static const bool proves[] = {
#define HOP_REASON(symbol, id, proves_false, says) proves_false,
#include "message/hop_reasons.def"
#undef HOP_REASON
	};
	return proves[reason];
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	struct evidence *evidence = NULL;
	for (uint32_t i = 0; i < view->path->hops.n; i++) {
		const struct hop *hop = &view->path->hops.v[i];
		if (hop->verdict != HOP_FALSE || !hop->header)
			continue;
		if (!evidence) {
			uint32_t k = 0;
			while (k + 1 < hop->reasons.n && !proves_false(hop->reasons.v[k]))
				k++;
			evidence = evidence_add(set, &defs[FALSE_LINE], arena_printf(view->arena, "%u", hop->n),
						span_cstr(hop_reason_says(hop->reasons.v[k])), span_none);
		}
		evidence_at(evidence, header_place(view->message->raw, hop->header));
	}
}

const struct check check_forged_path = {
	.name = "forged_path",
	.purpose = "Are Received lines forged?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
