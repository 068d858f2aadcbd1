/* check/few_words.c - is there anything to read, or only a picture or a link to press?
 *
 * A stranger who writes says who he is and what he wants. A page of HTML with a handful of words and something to click on leaves a
 * filter nothing to judge, which is its purpose. Answers to earlier mail are left alone: people do reply "thanks" above a logo. */
#include "check/check.h"

enum {
	PICTURE_TEXT_MAX = 200, /* bytes of shown text, alternative texts of pictures included */
	LINK_TEXT_MAX = 300,
};

enum { PICTURE, LINK };

static const struct evidence_def defs[] = {
	[PICTURE] = { "few_words.picture", GROUP_FORM, 1500, 0,
		      "There is hardly a word to read, only a picture from the web that leads somewhere when pressed: {1}",
		      "Says in a picture what a filter would judge in words. Pictures that travel inside the message (photographs) do not "
		      "count, nor do "
		      "answers with a logo in the signature." },
	[LINK] = { "few_words.link", GROUP_FORM, 800, 0, "There is hardly a word to read beside a link: {1}",
		   "Wrong for terse notices (a code, a confirmation of an address); those rarely come as HTML with so few words." },
};

static bool is_web(struct span href)
{
	return span_istarts(span_trim(href), SPAN("http:")) || span_istarts(span_trim(href), SPAN("https:"));
}

static struct place place_of(const struct body *body, const struct html_link *link)
{
	return (struct place){ link->from, link->to, body->part, PLACE_DECODED };
}

/* The first link that leads to the web, and the first with a picture from the web in it. */
static void find_links(const struct html *html, const struct html_link **ret_link, const struct html_link **ret_picture)
{
	bool web_picture = false;
	*ret_link = *ret_picture = NULL;
	for (uint32_t i = 0; i < html->links.n; i++) {
		const struct html_link *link = &html->links.v[i];
		if (link->kind == HTML_LINK_IMAGE && is_web(link->href))
			web_picture = true;
		if (link->kind != HTML_LINK_ANCHOR || !is_web(link->href))
			continue;
		if (!*ret_link)
			*ret_link = link;
		if (!*ret_picture && link->has_image)
			*ret_picture = link;
	}
	if (!web_picture)
		*ret_picture = NULL;
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct headers *headers = message_headers(view->message);
	if (header_first(headers, HEADER_IN_REPLY_TO) || header_first(headers, HEADER_REFERENCES))
		return;
	/* Text in any part is something to read; a plain alternative counts like the page it stands for. */
	size_t shown = 0;
	const struct body *body = NULL;
	for (uint32_t i = 0; i < view->content->bodies.n; i++) {
		shown += view->content->bodies.v[i].text.n;
		if (view->content->bodies.v[i].html && !body)
			body = &view->content->bodies.v[i];
	}
	if (!body || shown >= LINK_TEXT_MAX)
		return;
	const struct html_link *link, *picture;
	find_links(body->html, &link, &picture);
	if (picture && shown < PICTURE_TEXT_MAX)
		evidence_at(evidence_add(set, &defs[PICTURE], picture->href, span_none, span_none), place_of(body, picture));
	else if (link)
		evidence_at(evidence_add(set, &defs[LINK], link->href, span_none, span_none), place_of(body, link));
}

const struct check check_few_words = {
	.name = "few_words",
	.purpose = "Is there anything to read, or only a picture or a link to press?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
