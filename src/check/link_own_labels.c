/* check/link_own_labels.c - my own domain as labels inside a foreign host: http://clientsite.co.nz.secure.certificates-db.com/
 *
 * Readers take the beginning of a host for the whole. Nobody sets up such a host name for an honest purpose but a few gateways, which are
 * known by name: library proxies (example.com.ezproxy.university.edu), translators and caches (example-com.translate.goog).
 * In path or query one's domain is common (reports, profiles, counted clicks), so there it weighs next to nothing. */
#include "base/ascii.h"
#include "check/link_target.h"

enum { HOST, HOST_LIKELY, HOST_DASHED, PATH };
static const struct evidence_def defs[] = {
	[HOST] = { "link.own_labels", GROUP_LINK, 3500, 0, "A link goes to {1}, which only begins like your own domain {2}",
		   "A host that carries somebody else's whole domain in front of its own is made to be misread; proxies that do so are "
		   "left out." },
	[HOST_LIKELY] = { "link.own_labels_likely", GROUP_LINK, 2500, 0,
			  "A link goes to {1}, which only begins like the recipient's domain {2}",
			  "The same with the domain inferred from the recipient." },
	[HOST_DASHED] = { "link.own_labels_dashed", GROUP_LINK, 2000, 0,
			  "A link goes to {1}, which spells the recipient's domain {2} with dashes",
			  "Hosting services name customers' test sites like that: less than dots." },
	[PATH] = { "link.own_domain_in_path", GROUP_LINK, 200, 0, "A link to {1} carries the recipient's domain {2} in its path",
		   "Phishing pages build their form from it; so do reports, listings and many counted clicks." },
};

enum { DOMAINS_MOST = 8 };

static bool known_gateway(struct span host)
{
	static const struct span marks[] = { SPAN_INIT("proxy"),          SPAN_INIT("translate.goog"),  SPAN_INIT("ampproject.org"),
					     SPAN_INIT("mcas.ms"),        SPAN_INIT("onmicrosoft.com"), SPAN_INIT("outlook.com"),
					     SPAN_INIT("web.archive.org") };
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (span_has(host, marks[i]))
			return true;
	return false;
}

/* needle as whole labels in host, with more labels behind it. */
static bool has_labels(struct span host, struct span needle)
{
	for (size_t at = 0; (at = span_find(host, needle, at)) != SPAN_NPOS; at++)
		if ((at == 0 || host.p[at - 1] == '.' || host.p[at - 1] == '-') && span_at(host, at + needle.n) == '.')
			return true;
	return false;
}

static struct span dashed(struct span domain, struct arena *arena)
{
	uint8_t *out = arena_alloc(arena, domain.n);
	for (size_t i = 0; i < domain.n; i++)
		out[i] = domain.p[i] == '.' ? '-' : ascii_lower(domain.p[i]);
	return span_of(out, domain.n);
}

/* "/example.com/": a whole piece of the path. */
static bool in_path(struct span path, struct span domain)
{
	size_t at = span_ifind(path, domain, 0);
	int after = at == SPAN_NPOS ? -1 : span_at(path, at + domain.n);
	return at != SPAN_NPOS && at > 0 && path.p[at - 1] == '/' && (after < 0 || after == '/');
}

struct own {
	struct span domain, dashed;
};

static struct link_finding judge(const struct check_view *view, uint32_t index, void *context)
{
	const struct link *link = &view->content->links.list.v[index];
	const struct own *own = context;
	struct span host = link->url.host;
	int kind = -1;
	if (link->url.host_kind != URL_HOST_DOMAIN || check_is_own(&view->own, host) || known_gateway(host))
		kind = -1;
	else if (has_labels(host, own->domain))
		kind = view->own.certain ? HOST : HOST_LIKELY;
	else if (own->dashed.n > 6 && (span_starts(host, own->dashed) || has_labels(host, own->dashed)))
		kind = HOST_DASHED;
	else if (in_path(link->url.path, own->domain) && link_is_clicked(link))
		kind = PATH;
	return (struct link_finding){ kind, host, own->domain };
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	struct link_findings findings = { defs, set, 0 };
	for (uint32_t i = 0; i < view->own.domains.n && i < DOMAINS_MOST; i++) {
		struct own own = { view->own.domains.v[i], dashed(view->own.domains.v[i], view->arena) };
		if (memchr(own.domain.p, '.', own.domain.n))
			link_findings_collect(view, judge, &own, &findings);
	}
}

const struct check check_link_own_labels = {
	.name = "link_own_labels",
	.purpose = "Does a link's host carry the recipient's own domain in front of a foreign one?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
