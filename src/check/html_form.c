/* check/html_form.c - does its HTML do what belongs on a web page: ask for a password, run programs, lead away by itself?
 *
 * Mail programs run no scripts and most send no forms, so an honest sender gains nothing from them; many a newsletter made from a
 * web page carries them all the same, which is why they weigh little. */
#include "check/check.h"

enum { FIELDS_MIN = 3 };

enum { PASSWORD, FORM, HANDLER, SCRIPT, REFRESH };

static const struct evidence_def defs[] = {
	[PASSWORD] = { "html.password", GROUP_FORM, 2500, 0, "It asks for a password in the mail itself",
		       "Nobody honest has passwords typed into a mail." },
	[FORM] = { "html.form", GROUP_FORM, 200, 0, "It is a form to fill in, and sends what is entered to {1}",
		   "Surveys and search boxes of newsletters are forms too." },
	[HANDLER] = { "html.event_handlers", GROUP_FORM, 700, 0, "Its HTML carries program code on its links and buttons",
		      "No mail program runs it: the page was copied from the web, and phishing pages are. Newsletters made from web pages "
		      "have it, seldom." },
	[SCRIPT] = { "html.script", GROUP_FORM, 200, 0, "Its HTML carries a script",
		     "No mail program runs it; some newsletters made from web pages have one." },
	[REFRESH] = { "html.refresh", GROUP_FORM, 1500, 0, "It wants to lead away to another page without being asked: {1}",
		      "A mail that replaces itself by a web page hides what it leads to." },
};

static const struct html_link *first_link(const struct html *html, enum html_link_kind kind)
{
	for (uint32_t i = 0; i < html->links.n; i++)
		if (html->links.v[i].kind == kind)
			return &html->links.v[i];
	return NULL;
}

static void say(struct evidence_set *set, int which, const struct body *body, const struct html_link *link)
{
	struct evidence *e = evidence_add(set, &defs[which], link ? link->href : span_none, span_none, span_none);
	evidence_at(e, link ? (struct place){ link->from, link->to, body->part, PLACE_DECODED }
			    : (struct place){ 0, (uint32_t)body->text.n, body->part, PLACE_TEXT });
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	for (uint32_t i = 0; i < view->content->bodies.n; i++) {
		const struct body *body = &view->content->bodies.v[i];
		const struct html *html = body->html;
		if (!html)
			continue;
		const struct html_link *form = first_link(html, HTML_LINK_FORM), *refresh = first_link(html, HTML_LINK_REFRESH);
		/* Forms, handlers and scripts come together, from one copied page: the most telling speaks for all. */
		if (html->counts.passwords)
			say(set, PASSWORD, body, form);
		else if (html->counts.event_handlers)
			say(set, HANDLER, body, NULL);
		else if (html->counts.scripts)
			say(set, SCRIPT, body, first_link(html, HTML_LINK_SCRIPT));
		else if (form && html->counts.inputs >= FIELDS_MIN)
			say(set, FORM, body, form);
		if (refresh)
			say(set, REFRESH, body, refresh);
		return; /* the first page says it all: alternatives repeat it */
	}
}

const struct check check_html_form = {
	.name = "html_form",
	.purpose = "Does its HTML do what belongs on a web page: ask for a password, run programs, lead away by itself?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
