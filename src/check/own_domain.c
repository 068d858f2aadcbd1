/* check/own_domain.c - mail that bears my own domain, brought by a machine that is not mine.
 *
 * With local_domains set the domain is certainly mine, and only four honest ways are left: a colleague's post comes back through a mailing
 * list, a forwarder sends home what left home, a service sends in my name, or a user of mine posts through his provider. The first two can
 * be seen and count less. Unset, the recipient's domain is taken for mine, and all counts less. Silent on outgoing mail and on clients with
 * an own name. Example: From: "admin" <admin@telecomtally.com>, handed over by smtp-sai.provider.example.br. */
#include "check/check.h"

enum { FROM, FROM_LIKELY, FROM_RETURNED, FROM_LIST, ENVELOPE, ENVELOPE_LIKELY, SENDER, HELO };
static const struct evidence_def defs[] = {
	[FROM] = { "own_domain.from", GROUP_IDENTITY, 2000, 0,
		   "It claims to be from {1}, your own domain, but came from {2}, a machine that is not yours",
		   "Own mail starts inside or logs in. Honest exceptions are services that send in your name and users who post through "
		   "their provider, "
		   "so it marks and does not quarantine alone." },
	[FROM_LIKELY] = { "own_domain.from_likely", GROUP_IDENTITY, 1300, 0,
			  "It claims to be from {1}, the recipient's own domain, but came from {2}, a machine outside",
			  "The domain is inferred from the recipient, since local_domains is not set: weaker than the certain case." },
	[FROM_RETURNED] = { "own_domain.from_returned", GROUP_IDENTITY, 500, 0,
			    "It claims to be from {1}, your own domain, and its older lines say that it left your house and came back "
			    "through {2}",
			    "Forwarders and lists bring own mail back; the older lines prove nothing, but honest mail has them." },
	[FROM_LIST] = { "own_domain.from_list", GROUP_IDENTITY, 200, 0,
			"It claims to be from {1}, your own domain, and was passed on by a mailing list through {2}",
			"Colleagues post to lists; anybody can write list headers, so it is not nothing." },
	[ENVELOPE] = { "own_domain.envelope", GROUP_IDENTITY, 750, 0,
		       "Its return address is at {1}, your own domain, but it came from {2}, a machine that is not yours",
		       "Old forwarders and lists keep the return address of own mail." },
	[ENVELOPE_LIKELY] = { "own_domain.envelope_likely", GROUP_IDENTITY, 300, 0,
			      "Its return address is at {1}, the recipient's own domain, but it came from {2}, a machine outside",
			      "As own_domain.envelope, with the domain inferred." },
	[SENDER] = { "own_domain.sender", GROUP_IDENTITY, 400, 0,
		     "Its {3} field names {1}, your own domain, but it came from {2}, a machine that is not yours",
		     "Services that send for you write such a Sender or Reply-To now and then." },
	[HELO] = { "own_domain.helo", GROUP_PATH, 2200, 0, "The machine that handed it over, {2}, called itself {1}: your own name",
		   "Nobody has a reason to greet with the bare domain, or the very name, of the server he talks to. Other names below the "
		   "domain do not count: "
		   "a second mail server of one's own at a provider has the provider's reverse name." },
};

/* The name or address of the machine outside, for people. */
static struct span client_says(const struct check_view *view)
{
	const struct sender *s = &view->sender;
	return s->client_name.n ? s->client_name : s->client->received.ip_text.n ? s->client->received.ip_text : s->client->received.helo;
}

static void judge_from(const struct check_view *view, struct evidence_set *set)
{
	const struct sender *s = &view->sender;
	int kind = s->list ? FROM_LIST : check_came_back(view) ? FROM_RETURNED : view->own.certain ? FROM : FROM_LIKELY;
	if (!view->own.certain && kind != FROM_LIKELY)
		return; /* inferred, and an honest way to be seen: nothing left */
	struct evidence *e = evidence_add(set, &defs[kind], s->from->spec, client_says(view), span_none);
	evidence_at(e, s->from->at);
	if (s->client->header)
		evidence_at(e, header_place(view->message->raw, s->client->header));
}

static void judge_others(const struct check_view *view, struct evidence_set *set)
{
	const struct sender *s = &view->sender;
	if (s->envelope_domain.n && check_is_own(&view->own, s->envelope_domain)) {
		struct evidence *e = evidence_add(set, &defs[view->own.certain ? ENVELOPE : ENVELOPE_LIKELY], s->envelope_domain,
						  client_says(view), span_none);
		if (view->content->has_return_path)
			evidence_at(e, view->content->return_path.at);
	}
	if (!view->own.certain || s->list)
		return;
	const struct addresses *fields[] = { &view->content->sender, &view->content->reply_to };
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (fields[i]->list.n && fields[i]->list.v[0].domain.n && check_is_own(&view->own, fields[i]->list.v[0].domain)) {
			evidence_at(evidence_add(set, &defs[SENDER], fields[i]->list.v[0].spec, client_says(view),
						 i ? SPAN("Reply-To") : SPAN("Sender")),
				    fields[i]->list.v[0].at);
			return;
		}
}

/* The bare own domain, or the name of the server that wrote the line. */
static bool greets_as_us(const struct check_view *view, struct span helo)
{
	if (helo.n == 0 || !check_is_own(&view->own, helo))
		return false;
	if (span_ieq(helo, view->sender.client->received.by))
		return true;
	for (uint32_t i = 0; i < view->own.domains.n; i++)
		if (span_ieq(helo, view->own.domains.v[i]))
			return true;
	return false;
}

static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions,
			    struct evidence_set *set)
{
	const struct sender *s = &view->sender;
	(void)answers;
	(void)questions;
	if (!s->outside || view->own.domains.n == 0 || (s->client_name.n && check_is_own(&view->own, s->client_name)))
		return CHECK_DONE;
	if (view->auth->step != AUTH_DONE)
		return CHECK_MORE;
	if (s->from && s->from->domain.n && check_is_own(&view->own, s->from->domain)) {
		if (!authentication_vouched(view->auth, s->from->domain)) /* a service that one lets sign, or named in one's SPF record */
			judge_from(view, set);
	} else
		judge_others(view, set);
	struct span helo = s->client->received.helo;
	if (greets_as_us(view, helo)) {
		struct evidence *e = evidence_add(set, &defs[HELO], helo, client_says(view), span_none);
		if (s->client->header)
			evidence_at(e, header_place(view->message->raw, s->client->header));
	}
	return CHECK_DONE;
}

const struct check check_own_domain = {
	.name = "own_domain",
	.purpose = "Does a machine outside bring mail that bears your own domain?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.step = step,
};
