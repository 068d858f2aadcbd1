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

static int kind_of(const struct check_view *view, const struct link *link, struct span own, struct span own_dashed)
{
	struct span host = link->url.host;
	if (known_gateway(host))
		return -1;
	if (has_labels(host, own))
		return view->own.certain ? HOST : HOST_LIKELY;
	if (own_dashed.n > 6 && (span_starts(host, own_dashed) || has_labels(host, own_dashed)))
		return HOST_DASHED;
	return in_path(link->url.path, own) ? PATH : -1;
}

static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions,
			    struct evidence_set *set)
{
	const struct links *links = &view->content->links;
	bool said[sizeof defs / sizeof *defs] = { false };
	(void)answers;
	(void)questions;
	if (view->path->outgoing)
		return CHECK_DONE;
	for (uint32_t o = 0; o < view->own.domains.n && o < 8; o++) {
		struct span own = view->own.domains.v[o], own_dashed = dashed(own, view->arena);
		if (!memchr(own.p, '.', own.n))
			continue;
		for (uint32_t i = 0; i < links->list.n; i++) {
			const struct link *link = &links->list.v[i];
			if (!link_has_host(link) || link->url.host_kind != URL_HOST_DOMAIN || check_is_own(&view->own, link->url.host))
				continue;
			int kind = kind_of(view, link, own, own_dashed);
			if (kind < 0 || said[kind] || (kind == PATH && !link_is_clicked(link)))
				continue;
			said[kind] = true;
			link_target_say(set, &defs[kind], link, link->url.host, own);
		}
	}
	return CHECK_DONE;
}

const struct check check_link_own_labels = {
	.name = "link_own_labels",
	.purpose = "Does a link's host carry the recipient's own domain in front of a foreign one?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.step = step,
};
