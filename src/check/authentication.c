/* check/authentication.c - says what nobody asked the network: authentication and reputation, which this version does not look up.
 *
 * What was not checked must be seen in every verdict; a clean message is clean only as far as it was looked at. */
#include "check/check.h"

static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions,
			    struct evidence_set *set)
{
	(void)answers;
	(void)questions;
	if (view->path->outgoing)
		return CHECK_DONE;
	const struct header *signature = header_first(message_headers(view->message), HEADER_DKIM_SIGNATURE);
	if (signature)
		evidence_unchecked(set, "authentication", "It carries a signature of its domain, which was not verified", span_none)->at =
		    header_place(view->message->raw, signature);
	evidence_unchecked(set, "authentication", "Whether the sending machine may use the sender's domain was not looked up (SPF, DMARC)",
			   span_none);
	evidence_unchecked(set, "reputation", "Whether others have reported this mail or its sender was not looked up", span_none);
	return CHECK_DONE;
}

const struct check check_authentication = {
	.name = "authentication",
	.purpose = "May the sending machine use the sender's domain? Not looked up by this version, and said so.",
	.step = step,
};
