/* check/authentication.c - does the domain that the reader is shown stand behind the message?
 *
 * DMARC decides where the domain has a policy; where it has none, a good signature or SPF of the same organisation vouches, and SPF's word
 * about the return address and the greeting counts a little. Mailing lists and forwarders break signatures: they soften a failure, and a
 * forwarder the user trusts (trusted_sealers) takes it away by its ARC seal. To pass proves who sent it, not that he means well.
 * What could not be looked up is told with what it could have changed. Silent on outgoing mail.
 * Example: From: service@paypal.com, which asks for refusal of what it did not sign, unsigned from a machine in nobody's list. */
#include "auth/authres.h"
#include "check/check.h"
#include "check/free_mail.h"
#include "message/url.h"

enum {
	VOUCHED,
	VOUCHED_FREE,
	FAIL_REJECT,
	FAIL_QUARANTINE,
	FAIL_NONE,
	FAIL_LIST,
	FAIL_FORWARDED,
	FROM_UNCLEAR,
	RETURN_FAIL,
	RETURN_SOFTFAIL,
	HELO_FAIL,
	SIGNATURE_BROKEN,
	SIGNATURE_SHORT,
	SIGNATURE_WIDENED,
	TOLD
};
static const struct evidence_def defs[] = {
	[VOUCHED] = { "authentication.vouched", GROUP_STANDING, -200, EVIDENCE_ASKED, "{1} stands behind it: {2}",
		      "Proves who sent it, not that he means well: most spammers authenticate their own domains." },
	[VOUCHED_FREE] = { "authentication.vouched_free", GROUP_STANDING, 0, EVIDENCE_ASKED, "{1} stands behind it: {2}",
			   "Anybody may have a mailbox there: it says that the address is real, and nothing about its owner." },
	[FAIL_REJECT] = { "authentication.fail_reject", GROUP_IDENTITY, 3000, EVIDENCE_ASKED,
			  "It says that it is from {1}; {2} asks to refuse mail that it neither signed nor sent, and this {3}",
			  "A domain that asks for refusal has watched its own mail first. Forwarders that change a message are the "
			  "exception, so it marks and does not quarantine alone." },
	[FAIL_QUARANTINE] = { "authentication.fail_quarantine", GROUP_IDENTITY, 2200, EVIDENCE_ASKED,
			      "It says that it is from {1}; {2} asks to be wary of mail that it neither signed nor sent, and this {3}",
			      "As authentication.fail_reject, said with less confidence by the owner himself." },
	[FAIL_NONE] = { "authentication.fail", GROUP_IDENTITY, 700, EVIDENCE_ASKED,
			"It says that it is from {1}; {2} watches for mail that it neither signed nor sent, and this {3}",
			"The owner is still looking, or has services that send for him and do not sign." },
	[FAIL_LIST] = { "authentication.fail_list", GROUP_IDENTITY, 500, EVIDENCE_ASKED,
			"It says that it is from {1}, by way of a mailing list; {2} signs or sends its mail itself, and this {3}",
			"Lists add a footer, which breaks the signature; careful lists write such senders anew. Anybody can write list "
			"headers." },
	[FAIL_FORWARDED] = { "authentication.forwarded", GROUP_IDENTITY, 0, EVIDENCE_ASKED,
			     "{1} does not vouch for it as it is now, but {2}, which you trust, has sealed that it was in order when it "
			     "came there",
			     "Forwarding breaks what it changes; the seal of a trusted forwarder says who sent it." },
	[FROM_UNCLEAR] = { "authentication.from_unclear", GROUP_IDENTITY, 900, 0, "Nobody can vouch for its sender: {1}",
			   "Programs that show different senders let one be checked and another be read." },
	[RETURN_FAIL] = { "authentication.return_address", GROUP_IDENTITY, 900, EVIDENCE_ASKED,
			  "Its return address is at {1}, which says that {2} must not send its mail",
			  "True of every forwarded message, too: hence no more than this." },
	[RETURN_SOFTFAIL] = { "authentication.return_address_soft", GROUP_IDENTITY, 400, EVIDENCE_ASKED,
			      "Its return address is at {1}, which does not know {2} among the machines that send its mail",
			      "The owner himself is not certain. True of every forwarded message, too." },
	[HELO_FAIL] = { "authentication.greeting", GROUP_PATH, 1100, EVIDENCE_ASKED,
			"The machine that handed it over, {2}, calls itself {1}, and the owner of that name says that it is not",
			"Forwarding does not touch the greeting; mistaken records do." },
	[SIGNATURE_BROKEN] = { "authentication.broken_signature", GROUP_IDENTITY, 300, EVIDENCE_ASKED,
			       "The signature of {1} is not good: {2}",
			       "Mail that is changed on its way looks the same as mail that {1} never signed." },
	[SIGNATURE_SHORT] = { "authentication.short_signature", GROUP_IDENTITY, 800, EVIDENCE_ASKED,
			      "The signature of {1} covers only the beginning of the message: what follows may be anybody's",
			      "Hardly anybody signs so today; who has such a message can send it on with a text of his own." },
	[SIGNATURE_WIDENED] = { "authentication.added_field", GROUP_IDENTITY, 2200, EVIDENCE_ASKED,
				"{1} has signed it, but a field that readers see was added above the signed one",
				"Who resends somebody's signed message under another From or Subject does so; broken gateways that repeat "
				"a "
				"field do it, too." },
	[TOLD] = { "authentication.noted", GROUP_STANDING, 0, EVIDENCE_ASKED, "Your own server {1} noted that when the message came in",
		   "It was not looked up again." },
};

static struct place from_place(const struct check_view *view) { return view->sender.from ? view->sender.from->at : (struct place){ 0 }; }

static struct span client_says(const struct check_view *view)
{
	const struct sender *s = &view->sender;
	if (!s->client)
		return SPAN("the machine that brought it");
	return s->client->received.ip_text.n ? s->client->received.ip_text : s->client_name;
}

static const struct dkim_signature *signature_of(const struct dkim *dkim, struct span org, enum dkim_result result)
{
	for (uint32_t i = 0; i < dkim->list.n; i++)
		if (dkim->list.v[i].result == result && url_same_organisation(dkim->list.v[i].domain, org))
			return &dkim->list.v[i];
	return NULL;
}

static void vouched(const struct check_view *view, struct span domain, struct evidence_set *set)
{
	const struct dkim_signature *s = signature_of(&view->auth->dkim, domain, DKIM_PASS);
	struct span how = s ? arena_printf(view->arena, "it carries a good signature of %.*s", SPAN_ARG(s->domain))
			    : arena_printf(view->arena, "%.*s is one of the machines that send mail for %.*s", SPAN_ARG(client_says(view)),
					   SPAN_ARG(view->auth->mail_from.domain));
	struct evidence *e = evidence_add(set, &defs[free_mail_find(domain) ? VOUCHED_FREE : VOUCHED], domain, how, span_none);
	evidence_at(e, from_place(view));
	if (s)
		evidence_at(e, header_place(view->message->raw, s->header));
}

/* "is not signed, and ...": why nothing vouches, in words. */
static struct span why_not(const struct check_view *view, struct span org)
{
	const struct authentication *a = view->auth;
	const struct dkim_signature *broken = signature_of(&a->dkim, org, DKIM_FAIL);
	bool elsewhere = a->mail_from.domain.n && !url_same_organisation(a->mail_from.domain, org);
	struct span sent = elsewhere ? arena_printf(view->arena, "its return address is at %.*s", SPAN_ARG(a->mail_from.domain))
				     : arena_printf(view->arena, "%.*s is none of its machines", SPAN_ARG(client_says(view)));
	return arena_printf(view->arena, "%s, and %.*s",
			    broken           ? "carries a signature that is not good"
			    : a->dkim.list.n ? "is signed by others only"
					     : "is not signed",
			    SPAN_ARG(sent));
}

static bool is_trusted_sealer(const struct check_settings *settings, struct span domain)
{
	for (size_t i = 0; i < settings->n_trusted_sealers; i++)
		if (sender_below(domain, settings->trusted_sealers[i]))
			return true;
	return false;
}

/* Did this sealer note that domain vouched for the message? */
static bool noted_pass(struct span results_text, struct span domain, struct arena *arena)
{
	struct authres results;
	if (authres_parse(results_text, arena, &results) != 0)
		return false;
	for (uint32_t i = 0; i < results.methods.n; i++) {
		const struct authres_method *m = &results.methods.v[i];
		bool dmarc = span_eq(m->method, SPAN("dmarc"));
		struct span who = authres_property(m, "header", dmarc ? "from" : "d");
		if ((dmarc || span_eq(m->method, SPAN("dkim"))) && span_eq(m->result, SPAN("pass")) && url_same_organisation(who, domain))
			return true;
	}
	return false;
}

/* From the newest seal back, as long as each is trusted: the domain of one that saw it in order, or span_none. */
static struct span trusted_forwarder(const struct check_view *view, struct span domain)
{
	const struct arc *arc = &view->auth->arc;
	if (arc->cv != ARC_PASS)
		return span_none;
	for (uint32_t i = arc->sets.n; i-- > 0 && is_trusted_sealer(view->settings, arc->sets.v[i].domain);)
		if (noted_pass(arc->sets.v[i].results_text, domain, view->arena))
			return arc->sets.v[i].domain;
	return span_none;
}

static void failed(const struct check_view *view, struct evidence_set *set)
{
	const struct dmarc *dmarc = &view->auth->dmarc;
	struct span forwarder = trusted_forwarder(view, dmarc->domain),
		    owner = dmarc->policy_domain.n ? dmarc->policy_domain : dmarc->domain;
	struct evidence *e;
	if (forwarder.n) {
		e = evidence_add(set, &defs[FAIL_FORWARDED], dmarc->domain, forwarder, span_none);
	} else {
		int kind = dmarc->disposition == DMARC_POLICY_NONE         ? FAIL_NONE
			   : view->sender.list                             ? FAIL_LIST
			   : dmarc->disposition == DMARC_POLICY_QUARANTINE ? FAIL_QUARANTINE
									   : FAIL_REJECT;
		e = evidence_add(set, &defs[kind], view->sender.from ? view->sender.from->spec : dmarc->domain, owner,
				 why_not(view, dmarc->domain));
	}
	evidence_at(e, from_place(view));
}

/* The domain has no policy: what else is known. */
static void judge_without_policy(const struct check_view *view, struct evidence_set *set)
{
	const struct authentication *a = view->auth;
	struct span org = view->sender.from_org;
	if (org.n && authentication_vouched(a, org)) {
		vouched(view, view->sender.from->domain, set);
		return;
	}
	if (a->has_client && !a->null_sender && (a->mail_from.result == SPF_FAIL || a->mail_from.result == SPF_SOFTFAIL)) {
		int kind = a->mail_from.result == SPF_FAIL ? RETURN_FAIL : RETURN_SOFTFAIL;
		struct evidence *e = evidence_add(set, &defs[kind], a->mail_from.domain, client_says(view), span_none);
		if (view->content->has_return_path)
			evidence_at(e, view->content->return_path.at);
	}
	const struct dkim_signature *broken = org.n && !view->sender.list ? signature_of(&a->dkim, org, DKIM_FAIL) : NULL;
	if (broken)
		evidence_at(evidence_add(set, &defs[SIGNATURE_BROKEN], broken->domain, broken->problem, span_none),
			    header_place(view->message->raw, broken->header));
}

static void judge_greeting(const struct check_view *view, struct evidence_set *set)
{
	const struct authentication *a = view->auth;
	if (!a->has_client || a->helo.result != SPF_FAIL)
		return;
	struct evidence *e = evidence_add(set, &defs[HELO_FAIL], a->helo.domain, client_says(view), span_none);
	if (view->sender.client->header)
		evidence_at(e, header_place(view->message->raw, view->sender.client->header));
}

static void judge_signatures(const struct check_view *view, struct evidence_set *set)
{
	const struct dkim *dkim = &view->auth->dkim;
	for (uint32_t i = 0; i < dkim->list.n; i++) {
		const struct dkim_signature *s = &dkim->list.v[i];
		int kind = s->flags & DKIM_HEADER_ADDED ? SIGNATURE_WIDENED : s->flags & DKIM_BODY_LENGTH ? SIGNATURE_SHORT : -1;
		if (s->crypto == DKIM_CRYPTO_PASS && kind >= 0 && !(kind == SIGNATURE_SHORT && view->sender.list))
			evidence_at(evidence_add(set, &defs[kind], s->domain, span_none, span_none),
				    header_place(view->message->raw, s->header));
	}
}

/* The question that failed: of domain, if there is one. */
static const struct answer *failed_answer(const struct answers *answers, struct span domain)
{
	const struct answer *any = NULL;
	for (uint32_t i = 0; i < answers->list.n; i++) {
		const struct answer *answer = &answers->list.v[i];
		if (!answer_failed(answer) || answer->question.type == QUESTION_LIST || answer->question.type == QUESTION_NETWORK)
			continue;
		if (sender_below(answer->question.name, domain))
			return answer;
		any = any ? any : answer;
	}
	return any;
}

static void not_known(const struct check_view *view, const struct answers *answers, struct evidence_set *set)
{
	struct span domain = view->auth->dmarc.domain;
	const struct answer *answer = failed_answer(answers, domain);
	if (answer)
		check_unanswered(view, set, "authentication", "Whether {1} stands behind it", domain, answer,
				 &defs[view->sender.list ? FAIL_LIST : FAIL_REJECT]);
}

static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions,
			    struct evidence_set *set)
{
	const struct authentication *a = view->auth;
	(void)questions;
	if (view->path->outgoing)
		return CHECK_DONE;
	if (a->step != AUTH_DONE)
		return CHECK_MORE;
	if (a->dmarc.problem.n && !a->dmarc.domain.n)
		evidence_at(evidence_add(set, &defs[FROM_UNCLEAR], a->dmarc.problem, span_none, span_none), from_place(view));
	else if (a->dmarc.result == DMARC_PASS)
		vouched(view, a->dmarc.domain, set);
	else if (a->dmarc.result == DMARC_FAIL && !a->has_client)
		evidence_unchecked(set, "authentication", "Whether {1} sent it cannot be told: which machine handed it over is not known",
				   a->dmarc.domain)
		    ->at = from_place(view);
	else if (a->dmarc.result == DMARC_FAIL)
		failed(view, set);
	else if (a->dmarc.result == DMARC_TEMPERROR)
		not_known(view, answers, set);
	else
		judge_without_policy(view, set);
	judge_greeting(view, set);
	judge_signatures(view, set);
	if (a->told_by)
		evidence_at(evidence_add(set, &defs[TOLD], view->path->hops.v[view->path->boundary].received.by, span_none, span_none),
			    header_place(view->message->raw, a->told_by));
	if (!view->settings->n_lists)
		evidence_unchecked(set, "reputation",
				   "Whether others have reported this mail or its sender was not looked up: no lists are set", span_none);
	return CHECK_DONE;
}

const struct check check_authentication = {
	.name = "authentication",
	.purpose = "Does the domain that the reader is shown stand behind the message?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.step = step,
};
