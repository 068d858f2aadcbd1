/* check/link_own_server.c - a link that claims to lead to my own server: by its text while it goes elsewhere, or truly, to a program.
 *
 * Example: http://telecomtally.com/ssl/patch88131.exe shown to the owner of telecomtally.com,
 * http://telecomtally.com.secure.certificates-db.com/ behind it. One's own gateway may rewrite links, one's own newsletter counts clicks:
 * then the target stands in the parameters, or the link looks like a counted click, and weighs little. */
#include "check/link_target.h"
#include "message/filetype.h"

enum { ELSEWHERE, ELSEWHERE_LIKELY, COUNTED, PROGRAM };
static const struct evidence_def defs[] = {
	[ELSEWHERE] = { "link.own_server", GROUP_LINK, 3200, 0, "A link shows your own server {1} but goes to {2}",
			"Outside mail that offers something on one's own server and leads away from it wants one's trust." },
	[ELSEWHERE_LIKELY] = { "link.own_server_likely", GROUP_LINK, 2000, 0, "A link shows the recipient's own domain {1} but goes to {2}",
			       "The same with the domain inferred from the recipient." },
	[COUNTED] = { "link.own_server_counted", GROUP_LINK, 200, 0, "A link shows your own server {1} and goes there by way of {2}",
		      "Services that send for you count clicks; gateways rewrite links." },
	[PROGRAM] = { "link.own_server_program", GROUP_LINK, 1200, 0, "Mail from outside offers a program on your own server: {1} on {2}",
		      "A stranger does not know what lies on your server; perhaps it was put there." },
};

static int kind_of(const struct check_view *view, uint32_t index, struct url *ret_shown)
{
	const struct links *links = &view->content->links;
	const struct link *link = &links->list.v[index];
	if (check_is_own(&view->own, link->url.host)) {
		const struct file_type *type = file_type_named(url_percent_decode(link->url.path, view->arena));
		return view->own.certain && file_starts(type) && !span_iends(link->url.path, SPAN(".js")) ? PROGRAM : -1;
	}
	if (!link->shown.n || !link_target_shown(link, view->arena, ret_shown) || !check_is_own(&view->own, ret_shown->host) ||
	    link_target_reaches(links, index, ret_shown->host))
		return -1;
	if (link_target_counted(link) && !span_ihas(link->url.host, view->own.domains.v[0]))
		return COUNTED;
	return view->own.certain ? ELSEWHERE : ELSEWHERE_LIKELY;
}

static struct link_finding judge(const struct check_view *view, uint32_t index, void *context)
{
	const struct link *link = &view->content->links.list.v[index];
	struct url shown = { .host = link->url.path }; /* what is quoted: the path, unless the text shows a host */
	(void)context;
	if (!link_is_clicked(link))
		return LINK_FINDS_NOTHING;
	int kind = kind_of(view, index, &shown);
	return (struct link_finding){ kind, shown.host, link->url.host };
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	struct link_findings findings = { defs, set, 0 };
	if (view->sender.outside && view->own.domains.n)
		link_findings_collect(view, judge, NULL, &findings);
}

const struct check check_link_own_server = {
	.name = "link_own_server",
	.purpose = "Does a link claim to lead to the recipient's own server?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
