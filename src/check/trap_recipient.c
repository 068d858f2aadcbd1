/* check/trap_recipient.c - is it sent to an address that never was anybody's (trap_recipients), or that was planted for harvesters?
 *
 * Nobody was ever given such an address, so whoever writes to it has it from a list that was gathered, guessed or sold. It rests on the
 * envelope, which tells for whom this copy is; the To field may name anybody. Silent on outgoing mail: who clicks on the planted address of
 * his own page is no spammer. Example: sales.k3d0f... stood on a page that 203.0.113.9 fetched in May; in July a shop writes to it. */
#include "check/check.h"

#include "base/clock.h"

enum { NAMED, PLANTED };
static const struct evidence_def defs[] = {
	[NAMED] = { "trap_recipient.named", GROUP_TRAP, 4500, EVIDENCE_ASKED, "It is sent to {1}, which never was anybody's address",
		    "You said so. Enough for quarantine alone and never for refusal: people mistype, and a copy of the same message may go "
		    "to "
		    "somebody who wants it." },
	[PLANTED] = { "trap_recipient.planted", GROUP_TRAP, 5500, EVIDENCE_ASKED,
		      "It is sent to {1}, an address that was shown to {2} alone, on {3}, for harvesters to find",
		      "Nobody guesses or mistypes such an address, and no person was given it. A person may have read it on the page, "
		      "though: not enough for refusal." },
};

static void judge(const struct check_view *view, struct span address, struct evidence_set *set)
{
	struct planted visit;
	char who[IP_TEXT_MAX], when[CLOCK_TEXT_MAX];
	switch (trap_recipient_find(&view->settings->traps, address, &visit)) {
	case TRAP_RECIPIENT_NONE: break;
	case TRAP_RECIPIENT_NAMED: evidence_add(set, &defs[NAMED], address, span_none, span_none); break;
	case TRAP_RECIPIENT_PLANTED:
		clock_format(visit.time, when);
		evidence_add(set, &defs[PLANTED], address, span_of(who, ip_format(&visit.visitor, who)), span_first(span_cstr(when), 10));
		break;
	}
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	if (view->path->outgoing)
		return;
	for (uint32_t i = 0; i < view->own_addresses.n && i < LIMIT_ADDRESSES; i++)
		judge(view, view->own_addresses.v[i], set);
}

const struct check check_trap_recipient = {
	.name = "trap_recipient",
	.purpose = "Is it sent to an address that never was anybody's, or that was planted for harvesters?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
