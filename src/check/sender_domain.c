/* check/sender_domain.c - does the domain that the message claims to be from exist, and does it take mail?
 *
 * Asks for its MX, and where there is none for its addresses (RFC 5321 5.1). A look-up that failed leaves the check unchecked, never fine.
 * Silent on outgoing mail and on one's own domains. Example: From: billing@invoice-7731.example, a name that nobody registered. */
#include "check/check.h"

enum { MISSING, NO_MAIL };
static const struct evidence_def defs[] = {
	[MISSING] = { "sender_domain.missing", GROUP_IDENTITY, 1800, EVIDENCE_ASKED,
		      "The domain {1} that it claims to be from does not exist",
		      "Nobody can answer such mail. Machines of small houses send with names that only they know: hence no more than "
		      "this." },
	[NO_MAIL] = { "sender_domain.no_mail", GROUP_IDENTITY, 1200, EVIDENCE_ASKED,
		      "The domain {1} that it claims to be from takes no mail",
		      "It says so itself (RFC 7505), or has neither a mail server nor an address. Notices that want no answer come from "
		      "such names, too." },
};

/* "0 ." (RFC 7505) */
static bool is_null_mx(const struct answer *mx)
{
	struct span record = mx->records.n == 1 ? mx->records.v[0] : SPAN("0 host");
	struct span host = span_skip(record, span_find_byte(record, ' ', 0));
	return span_eq(span_trim(host), SPAN(".")) || span_trim(host).n == 0;
}

static enum check_step not_known(const struct check_view *view, struct span domain, const struct answer *answer, struct evidence_set *set)
{
	check_unanswered(view, set, "sender_domain", "Whether the sender's domain {1} exists", domain, answer, &defs[MISSING]);
	return CHECK_DONE;
}

static enum check_step found(const struct check_view *view, struct span domain, int kind, struct evidence_set *set)
{
	evidence_at(evidence_add(set, &defs[kind], domain, span_none, span_none), view->sender.from->at);
	return CHECK_DONE;
}

static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions,
			    struct evidence_set *set)
{
	const struct address *from = view->sender.from;
	if (!from || view->path->outgoing || from->flags & ADDRESS_LITERAL_DOMAIN || !url_registrable(from->domain).n ||
	    check_is_own(&view->own, from->domain))
		return CHECK_DONE;
	struct span domain = from->domain;
	const struct answer *mx = question_ask(answers, questions, QUESTION_MX, domain);
	if (!mx)
		return CHECK_MORE;
	if (answer_failed(mx))
		return not_known(view, domain, mx, set);
	if (mx->status == ANSWER_NXDOMAIN)
		return found(view, domain, MISSING, set);
	if (mx->status == ANSWER_OK)
		return is_null_mx(mx) ? found(view, domain, NO_MAIL, set) : CHECK_DONE;
	const struct answer *a = question_ask(answers, questions, QUESTION_A, domain),
			    *aaaa = question_ask(answers, questions, QUESTION_AAAA, domain);
	if (!a || !aaaa)
		return CHECK_MORE;
	if (a->status == ANSWER_OK || aaaa->status == ANSWER_OK)
		return CHECK_DONE;
	if (answer_failed(a) || answer_failed(aaaa))
		return not_known(view, domain, answer_failed(a) ? a : aaaa, set);
	return found(view, domain, NO_MAIL, set);
}

const struct check check_sender_domain = {
	.name = "sender_domain",
	.purpose = "Does the domain it claims to be from exist, and does it take mail?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.step = step,
};
