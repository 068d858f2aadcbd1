/* check/link_target.c - see link_target.h */
#include "check/link_target.h"
#include "base/ascii.h"

enum { SHOWN_LONGEST = 300, TOKEN_LEAST = 20 };

bool link_target_shown(const struct link *link, struct arena *arena, struct url *ret_shown)
{
	struct span shown = span_trim(link->shown);
	while (shown.n && memchr("<([\"'", shown.p[0], 5))
		shown = span_skip(shown, 1);
	if (shown.n < 4 || shown.n > SHOWN_LONGEST || !memchr(shown.p, '.', shown.n))
		return false;
	for (size_t i = 0; i < shown.n; i++)
		if (shown.p[i] <= ' ')
			return false;
	struct links links = { 0 };
	links_from_text(shown, 0, PLACE_TEXT, arena, NULL, &links);
	/* A word that only contains a host ("Yahoo!.com-News") is no claim. */
	if (links.list.n == 0 || links.list.v[0].at.from != 0 || links.list.v[0].at.to + 2 < shown.n || links.list.v[0].kind != LINK_TEXT ||
	    !link_has_host(&links.list.v[0]))
		return false;
	*ret_shown = links.list.v[0].url;
	return true;
}

bool link_target_reaches(const struct links *links, uint32_t index, struct span host)
{
	/* Links found inside another stand right behind it. */
	for (uint32_t i = index + 1; i < links->list.n && links->list.v[i].flags & LINK_REDIRECTED; i++)
		if (url_same_organisation(links->list.v[i].url.host, host))
			return true;
	return false;
}

struct span link_target_name(struct span host)
{
	struct span domain = url_registrable(host);
	size_t dot = span_find_byte(domain, '.', 0);
	return dot == SPAN_NPOS ? host : span_first(domain, dot);
}

/* First labels of hosts that count clicks, as the large mailing services name them. */
static bool counting_host(struct span host)
{
	static const struct span labels[] = { SPAN_INIT("click"),    SPAN_INIT("clicks"),   SPAN_INIT("link"),       SPAN_INIT("links"),
					      SPAN_INIT("track"),    SPAN_INIT("tracking"), SPAN_INIT("trk"),        SPAN_INIT("email"),
					      SPAN_INIT("mail"),     SPAN_INIT("e"),        SPAN_INIT("t"),          SPAN_INIT("go"),
					      SPAN_INIT("url"),      SPAN_INIT("cl"),       SPAN_INIT("clk"),        SPAN_INIT("r"),
					      SPAN_INIT("redirect"), SPAN_INIT("news"),     SPAN_INIT("newsletter"), SPAN_INIT("em"),
					      SPAN_INIT("lnk") };
	struct span first = host;
	size_t dot = span_find_byte(host, '.', 0);
	first.n = dot == SPAN_NPOS ? 0 : dot;
	while (first.n > 1 && ascii_is_digit(first.p[first.n - 1]))
		first.n--;
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		if (span_eq(first, labels[i]))
			return true;
	return false;
}

static bool shortener(struct span domain)
{
	static const struct span known[] = { SPAN_INIT("t.co"),        SPAN_INIT("bit.ly"),  SPAN_INIT("goo.gl"),  SPAN_INIT("ow.ly"),
					     SPAN_INIT("tinyurl.com"), SPAN_INIT("buff.ly"), SPAN_INIT("lnkd.in"), SPAN_INIT("is.gd"),
					     SPAN_INIT("j.mp"),        SPAN_INIT("fb.me"),   SPAN_INIT("amzn.to"), SPAN_INIT("dlvr.it"),
					     SPAN_INIT("youtu.be"),    SPAN_INIT("aka.ms"),  SPAN_INIT("g.co") };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (span_eq(domain, known[i]))
			return true;
	return false;
}

/* A run of letters, digits, '-' and '_' with letters and digits mixed, longer than any word. */
static bool has_token(struct span text)
{
	size_t run = 0, digits = 0;
	for (size_t i = 0; i <= text.n; i++) {
		int c = span_at(text, i);
		if (ascii_is_alnum(c) || c == '-' || c == '_' || c == '%' || c == '=' || c == '~') {
			run++;
			digits += ascii_is_digit(c);
			continue;
		}
		if (run >= TOKEN_LEAST && digits >= 3)
			return true;
		run = digits = 0;
	}
	return false;
}

bool link_target_counted(const struct link *link)
{
	const struct url *url = &link->url;
	if (url->host_kind != URL_HOST_DOMAIN)
		return false;
	return counting_host(url->host) || shortener(link->domain) || has_token(url->path) || has_token(url->query);
}

void link_findings_add(struct link_findings *findings, const struct link *link, struct link_finding finding)
{
	if (finding.kind < 0 || findings->said >> finding.kind & 1)
		return;
	findings->said |= 1u << finding.kind;
	evidence_at(evidence_add(findings->set, &findings->defs[finding.kind], finding.detail1, finding.detail2, span_none), link->at);
}

void link_findings_collect(const struct check_view *view, link_judge *judge, void *context, struct link_findings *findings)
{
	const struct links *links = &view->content->links;
	for (uint32_t i = 0; i < links->list.n && !view->path->outgoing; i++)
		if (link_has_host(&links->list.v[i]))
			link_findings_add(findings, &links->list.v[i], judge(view, i, context));
}
