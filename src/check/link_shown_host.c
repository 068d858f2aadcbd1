/* check/link_shown_host.c - the text of a link shows one host, the link goes to another.
 *
 * Counted clicks make this common in honest mail: brand.example shown, click.mailer.example/… behind it. So it is silent where the link
 * looks like a counted click, where the shown host stands in its parameters, where both bear the same name (example.com, example.de), and
 * where the target is the sender's. What remains is text made to be believed: www.bank.example shown, http://host.example/~x/login.php
 * behind it. */
#include "base/ascii.h"
#include "check/link_target.h"

enum { OTHER, ADDRESS, COUNTED, LIST };
static const struct evidence_def defs[] = {
	[OTHER] = { "link.shown_host", GROUP_LINK, 1800, 0, "A link shows {1} but goes to {2}",
		    "Readers believe the text. Careless authors link a name to another page of theirs now and then." },
	[ADDRESS] = { "link.shown_host_address", GROUP_LINK, 3000, 0, "A link shows {1} but goes to the bare address {2}",
		      "No company sends its customers to a number behind its own name." },
	[COUNTED] = { "link.shown_host_counted", GROUP_LINK, 0, 0, "A link shows {1} and goes there by way of {2}, which counts clicks",
		      "Every newsletter does; only said." },
	[LIST] = { "link.shown_host_list", GROUP_LINK, 450, 0, "A link shows {1} but goes to {2}, in mail of a mailing list",
		   "On lists people paste what their mail program makes of links; gateways rewrite them." },
};

static bool same_name(struct span host_a, struct span host_b)
{
	struct span a = link_target_name(host_a), b = link_target_name(host_b);
	return a.n > 2 && span_ieq(a, b);
}

/* The sender's own house: his From, his return path, or the machine that handed it over. */
static bool is_senders(const struct check_view *view, struct span domain)
{
	const struct sender *s = &view->sender;
	return domain.n && (span_ieq(domain, s->from_org) || span_ieq(domain, s->envelope_org) || span_ieq(domain, s->client_org));
}

static int kind_of(const struct check_view *view, uint32_t index, const struct url *shown)
{
	const struct links *links = &view->content->links;
	const struct link *link = &links->list.v[index];
	if (url_same_organisation(shown->host, link->url.host) || check_is_own(&view->own, shown->host) ||
	    same_name(shown->host, link->url.host) || link_target_reaches(links, index, shown->host))
		return -1;
	if (link->url.host_kind == URL_HOST_IPV4 || link->url.host_kind == URL_HOST_IPV6)
		return shown->host_kind == URL_HOST_DOMAIN && !ip_is_private(&link->url.ip) ? ADDRESS : -1;
	if (shown->host_kind != URL_HOST_DOMAIN || !link->domain.n)
		return -1;
	if (link_target_counted(link) || is_senders(view, link->domain))
		return COUNTED;
	return view->sender.list ? LIST : OTHER;
}

static struct link_finding judge(const struct check_view *view, uint32_t index, void *context)
{
	const struct link *link = &view->content->links.list.v[index];
	struct url shown;
	(void)context;
	if (!link->shown.n || !link_is_clicked(link) || !link_target_shown(link, view->arena, &shown))
		return LINK_FINDS_NOTHING;
	return (struct link_finding){ kind_of(view, index, &shown), shown.host, link->url.host };
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	struct link_findings findings = { defs, set, 0 };
	link_findings_collect(view, judge, NULL, &findings);
}

const struct check check_link_shown_host = {
	.name = "link_shown_host",
	.purpose = "Does the text of a link show another host than the one it goes to?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
