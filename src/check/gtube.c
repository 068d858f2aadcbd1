/* check/gtube.c - is it the message that tests whether a filter is at work?
 *
 * GTUBE, the Generic Test for Unsolicited Bulk Email, is a line that SpamAssassin published so that an administrator can see his filter
 * refuse something harmless. Every filter knows it; whoever sends it means to be refused. It is looked for in what a person reads: behind
 * base64 or in HTML too. */
#include "check/check.h"

static const struct span TEST = SPAN_INIT("XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X");

static const struct evidence_def defs[] = {
	{ "gtube.line", GROUP_TEST, 100000, 0, "This is a test: it holds the line that every spam filter must refuse, {1}",
	  "More than anything that may speak for the message: a test that passes has failed. Nobody writes this line but to test a filter, "
	  "or to "
	  "explain how that is done." },
};

static void examine(const struct check_view *view, struct evidence_set *set)
{
	for (uint32_t i = 0; i < view->content->bodies.n; i++) {
		const struct body *body = &view->content->bodies.v[i];
		size_t at = span_find(body->text, TEST, 0);
		if (at == SPAN_NPOS)
			continue;
		struct place place = { .from = (uint32_t)at, .to = (uint32_t)(at + TEST.n), .part = body->part, .in = PLACE_TEXT };
		evidence_at(evidence_add(set, &defs[0], TEST, span_none, span_none), place);
		break;
	}
}

const struct check check_gtube = {
	.name = "gtube",
	.purpose = "Is it the message that tests whether a filter is at work?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
