/* message/link.c - links of HTML attributes, and what all finders share; see link.h */
#include "message/link.h"
#include "base/ascii.h"
#include "base/err.h"
#include "base/limits.h"
#include "message/link_finder.h"

void link_finder_say(struct link_finder *f, enum anomaly_kind limit, uint32_t from, uint32_t to)
{
	if (f->anomalies && f->anomalies->count[limit] == 0)
		anomaly_add(f->anomalies, f->arena, limit, (struct place){ .from = from, .to = to, .part = f->part, .in = f->in });
}

bool link_finder_full(struct link_finder *f)
{
	if (f->links->list.n < LIMIT_LINKS)
		return false;
	link_finder_say(f, ANOMALY_LINK_LIMIT, 0, 0);
	return true;
}

void link_finder_add(struct link_finder *f, enum link_kind kind, uint32_t flags, struct span raw, const struct url *url, uint32_t from,
		     uint32_t to)
{
	if (link_finder_full(f))
		return;
	struct link *link = vec_push(f->arena, &f->links->list);
	link->kind = kind;
	link->flags = flags | f->flags;
	link->raw = raw;
	link->inside = f->carrier ? f->carrier - 1 : LINK_NONE;
	link->at = (struct place){ .from = from, .to = to, .part = f->part, .in = f->in };
	if (!url) {
		link->flags |= LINK_BROKEN;
		return;
	}
	link->url = *url;
	if (url->host_kind == URL_HOST_DOMAIN)
		link->domain = url_registrable(url->host);
	if (span_eq(url->scheme, SPAN("mailto")))
		link->flags |= LINK_MAILTO;
	else
		link_inner_find(f, f->links->list.n - 1);
}

static uint32_t flags_of(const struct html_link *html_link)
{
	static const uint32_t flags[HTML_LINK_KINDS] = {
		[HTML_LINK_ANCHOR] = 0,         [HTML_LINK_FORM] = LINK_FORM,
		[HTML_LINK_IMAGE] = LINK_IMAGE, [HTML_LINK_REFRESH] = LINK_REFRESH,
		[HTML_LINK_FRAME] = LINK_IMAGE, [HTML_LINK_SCRIPT] = LINK_IMAGE,
		[HTML_LINK_SHEET] = LINK_IMAGE,
	};
	return flags[html_link->kind] | (html_link->hidden ? LINK_HIDDEN : 0);
}

/* What is carried in the message itself, or leads nowhere: no link. */
static bool leads_nowhere(const struct html_link *l, struct span href)
{
	bool loaded = flags_of(l) & LINK_IMAGE;
	return href.n == 0 || href.p[0] == '#' || span_istarts(href, SPAN("cid:")) || span_istarts(href, SPAN("about:")) ||
	       (loaded && span_istarts(href, SPAN("data:")));
}

/* href="www.example.com/a" or "//example.com/a": no base to complete it, so mail programs take it for a web address. */
static bool parse_without_scheme(struct span href, struct arena *arena, struct span *ret_raw, struct url *ret_url)
{
	if (span_starts(href, SPAN("//"))) {
		*ret_raw = arena_printf(arena, "http:%.*s", SPAN_ARG(href));
		return url_parse(*ret_raw, NULL, arena, ret_url) == 0;
	}
	size_t n = 0;
	while (n < href.n && href.p[n] != '/' && href.p[n] != '?' && href.p[n] != '#' && href.p[n] != ':')
		n++;
	if (!link_text_host_plausible(span_first(href, n), true))
		return false;
	*ret_raw = arena_printf(arena, "http://%.*s", SPAN_ARG(href));
	return url_parse(*ret_raw, NULL, arena, ret_url) == 0;
}

static void add_html_link(struct link_finder *f, const struct html_link *l, const struct url *base)
{
	struct span href = span_trim(l->href), raw = href;
	uint32_t flags = flags_of(l), before = f->links->list.n;
	struct url url;
	if (leads_nowhere(l, href))
		return;
	int err = url_parse(href, base, f->arena, &url);
	if (err == ERR_SYNTAX && !base && parse_without_scheme(href, f->arena, &raw, &url)) {
		flags |= LINK_SCHEME_ADDED;
		err = 0;
	}
	if (err == ERR_LIMIT)
		link_finder_say(f, ANOMALY_URL_LIMIT, l->from, l->to);
	link_finder_add(f, LINK_ATTRIBUTE, flags, raw, err ? NULL : &url, l->from, l->to);
	if (f->links->list.n > before && l->kind == HTML_LINK_ANCHOR)
		f->links->list.v[before].shown = l->shown;
}

void links_from_html(const struct html *html, uint16_t part, uint32_t extra_flags, struct arena *arena, struct anomalies *anomalies,
		     struct links *links)
{
	struct link_finder f = {
		.arena = arena, .anomalies = anomalies, .links = links, .part = part, .in = PLACE_DECODED, .flags = extra_flags
	};
	struct url base;
	bool has_base = html->base.p && url_parse(html->base, NULL, arena, &base) == 0;
	size_t text_at = 0;
	for (uint32_t i = 0; i < html->links.n && !link_finder_full(&f); i++)
		add_html_link(&f, &html->links.v[i], has_base ? &base : NULL);
	/* Visible text between the anchors: programs linkify that, too. What Outlook alone shows stands behind all other text. */
	for (uint64_t i = 0; i < 2ull * html->links.n; i++) {
		const struct html_link *l = &html->links.v[i % html->links.n];
		if (l->outlook != (i >= html->links.n) || l->kind != HTML_LINK_ANCHOR || l->text_to <= l->text_from ||
		    l->text_from < text_at)
			continue;
		links_from_text_range(html->text, text_at, l->text_from, part, PLACE_TEXT, extra_flags, arena, anomalies, links);
		text_at = l->text_to;
	}
	links_from_text_range(html->text, text_at, html->text.n, part, PLACE_TEXT, extra_flags, arena, anomalies, links);
}
