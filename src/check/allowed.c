/* check/allowed.c - is it proven to come from a domain whose mail the user wants (allow_domains)?
 *
 * A list of wanted senders that believes the From field is a hole for everyone who knows one name on it. So an entry counts only where the
 * domain that every program shows is proven: DMARC passes, or, where the domain has no DMARC record, SPF or a DKIM signature of the same
 * organisation vouches. A signature that leaves part of the message to others (l=, fields that may be added) proves nothing here. What
 * could not be looked up is told. Silent on outgoing mail. */
#include "check/check.h"
#include "message/url.h"

enum { ALLOWED };
static const struct evidence_def defs[] = {
	[ALLOWED] = { "allowed.domain", GROUP_ALLOWED, -5000, EVIDENCE_ASKED, "It is proven to be from {1}, which you allow",
		      "You said so: odds of 148 to 1. Enough against every mistake that checks make about one honest message, and so "
		      "chosen "
		      "that an account there which was broken into and sends programs or borrowed names is still marked: they weigh "
		      "more." },
};

static bool is_allowed(const struct check_settings *settings, struct span domain)
{
	for (size_t i = 0; i < settings->n_allow_domains; i++)
		if (sender_below(domain, settings->allow_domains[i]))
			return true;
	return false;
}

/* Signed as a whole: nobody could add to it. */
static bool signed_by(const struct dkim *dkim, struct span domain)
{
	for (uint32_t i = 0; i < dkim->list.n; i++) {
		const struct dkim_signature *s = &dkim->list.v[i];
		if (s->result == DKIM_PASS && !(s->flags & (DKIM_BODY_LENGTH | DKIM_HEADER_ADDED)) &&
		    url_same_organisation(s->domain, domain))
			return true;
	}
	return false;
}

static bool sent_by(const struct authentication *a, struct span domain)
{
	return a->has_client && !a->null_sender && a->mail_from.result == SPF_PASS && url_same_organisation(a->mail_from.domain, domain);
}

static bool is_proven(const struct authentication *a)
{
	const struct dmarc *dmarc = &a->dmarc;
	if (dmarc->result == DMARC_PASS)
		return dmarc->spf_aligned || signed_by(&a->dkim, dmarc->domain);
	return dmarc->result == DMARC_NONE && !dmarc->record.p && (sent_by(a, dmarc->domain) || signed_by(&a->dkim, dmarc->domain));
}

/* Could another answer, or knowing who handed it over, have proven it? */
static bool is_open(const struct authentication *a)
{
	if (a->dmarc.result == DMARC_TEMPERROR || !a->has_client || a->mail_from.result == SPF_TEMPERROR)
		return true;
	for (uint32_t i = 0; i < a->dkim.list.n; i++)
		if (a->dkim.list.v[i].result == DKIM_TEMPERROR && url_same_organisation(a->dkim.list.v[i].domain, a->dmarc.domain))
			return true;
	return false;
}

static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions,
			    struct evidence_set *set)
{
	const struct authentication *a = view->auth;
	struct place from = view->sender.from ? view->sender.from->at : (struct place){ 0 };
	(void)answers;
	(void)questions;
	if (view->path->outgoing || !view->settings->n_allow_domains)
		return CHECK_DONE;
	if (a->step != AUTH_DONE)
		return CHECK_MORE;
	if (!a->dmarc.domain.n || !is_allowed(view->settings, a->dmarc.domain))
		return CHECK_DONE;
	if (is_proven(a))
		evidence_at(evidence_add(set, &defs[ALLOWED], a->dmarc.domain, span_none, span_none), from);
	else if (is_open(a))
		evidence_unchecked(set, "allowed", "You allow mail from {1}, but whether this is from there could not be checked",
				   a->dmarc.domain)
		    ->at = from;
	return CHECK_DONE;
}

const struct check check_allowed = {
	.name = "allowed",
	.purpose = "Is it proven to come from a domain that you allow?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.step = step,
};
