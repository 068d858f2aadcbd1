/* message/html_outlook.c - what Outlook alone takes out of conditional comments: <!--[if mso]> ... <![endif]-->
 *
 * Newsletters put tables and buttons (shapes of VML) there, with words that they show to all others outside the comment; a lure may show
 * them to Outlook only. The text goes behind all other text of the page, one line a comment, and counts as seen: never as hidden.
 * Does not: style it, or read <xml> and <style>, which set Word's options and are not shown. */
#include "message/html_machine.h"

enum { CONDITION_MAX = 64 };

/* What stands behind "[if mso]>", "[if gte mso 9]>", "[if (mso)|(IE)]>", "[if gte vml 1]>"; empty when Outlook sees nothing there. */
static struct span shown_by_outlook(struct span comment)
{
	size_t end = span_istarts(comment, SPAN("[if")) ? span_find_byte(comment, ']', 0) : SPAN_NPOS;
	struct span condition = span_first(comment, end);
	if (end == SPAN_NPOS || end > CONDITION_MAX || span_find_byte(condition, '!', 0) != SPAN_NPOS ||
	    !(span_ihas(condition, SPAN("mso")) || span_ihas(condition, SPAN("IE")) || span_ihas(condition, SPAN("vml"))))
		return span_none;
	size_t begin = span_find_byte(comment, '>', end);
	return begin == SPAN_NPOS ? span_none : span_skip(comment, begin + 1);
}

/* The anchor or shape that is open in a comment. */
struct anchor {
	struct span name; /* of its tag */
	uint32_t link;    /* index into html->links plus 1, 0 when none is open */
	size_t at;        /* where its text begins */
};

static void close_anchor(struct html_machine *m, struct anchor *anchor)
{
	if (!anchor->link)
		return;
	struct html_link *link = &m->html->links.v[anchor->link - 1];
	link->text_from = (uint32_t)anchor->at;
	link->text_to = (uint32_t)m->outlook.n;
	link->shown = m->outlook.n > anchor->at ? span_trim(span_of(m->outlook.p + anchor->at, m->outlook.n - anchor->at)) : span_none;
	anchor->link = 0;
}

static bool is_shape(struct span name) { return name.n > 2 && (name.p[0] | 0x20) == 'v' && name.p[1] == ':'; }

static void start_tag(struct html_machine *m, const struct html_token *token, struct anchor *anchor)
{
	/* <a>, and the shapes of VML that newsletters draw buttons with: <v:roundrect href=...>, <v:fill src=...> */
	bool shape = is_shape(token->text);
	struct span href = html_token_value(token, HTML_ATTRIBUTE_HREF), src = html_token_value(token, HTML_ATTRIBUTE_SRC);
	if (href.n && (shape || token->element == HTML_ELEMENT_A)) {
		close_anchor(m, anchor);
		struct html_link *link = html_link_add(m, HTML_LINK_ANCHOR, href);
		if (link) {
			link->outlook = true;
			*anchor = (struct anchor){ token->text, m->html->links.n, m->outlook.n };
		}
	}
	if (src.n && (shape || token->element == HTML_ELEMENT_IMG))
		html_link_add(m, HTML_LINK_IMAGE, src);
	if (token->element == HTML_ELEMENT_IMG)
		html_text_add(m, html_token_value(token, HTML_ATTRIBUTE_ALT), true);
}

static void read_tag(struct html_machine *m, const struct html_token *token, struct anchor *anchor)
{
	uint16_t flags = html_element_flags[token->element];
	if (flags & HTML_BLOCK || token->element == HTML_ELEMENT_BR)
		html_text_break(m, '\n');
	else if (flags & HTML_CELL)
		html_text_break(m, ' ');
	if (token->kind == HTML_TOKEN_START)
		start_tag(m, token, anchor);
	else if (anchor->link && span_ieq(token->text, anchor->name))
		close_anchor(m, anchor);
}

void html_outlook_read(struct html_machine *m, struct span comment)
{
	struct html_tokenizer tokenizer;
	struct html_token token;
	struct anchor anchor = { 0 };
	bool options = false; /* inside <xml> */
	uint32_t gap = m->gap;
	struct span source = shown_by_outlook(comment);
	if (!source.n)
		return;
	m->in_outlook = true;
	html_text_break(m, '\n');
	html_tokenizer_start(&tokenizer, source);
	while (html_tokenizer_next(&tokenizer, &token)) {
		bool tag = token.kind == HTML_TOKEN_START || token.kind == HTML_TOKEN_CLOSE;
		if (tag && span_ieq(token.text, SPAN("xml")))
			options = token.kind == HTML_TOKEN_START;
		else if (tag)
			read_tag(m, &token, &anchor);
		else if (token.kind == HTML_TOKEN_TEXT && !options && token.element == HTML_ELEMENT_UNKNOWN)
			html_text_add(m, token.text, true);
	}
	close_anchor(m, &anchor);
	m->in_outlook = false;
	m->gap = gap;
	m->html->steps += comment.n;
}

void html_outlook_finish(struct html_machine *m)
{
	size_t room = m->seen.cap - m->seen.n;
	m->html->outlook_from = m->seen.n;
	if (!m->outlook.n)
		return;
	if (m->outlook.n + 1 > room) {
		m->text_full = true;
		return;
	}
	if (m->seen.n)
		m->seen.p[m->seen.n++] = '\n';
	for (uint32_t i = 0; i < m->html->links.n; i++) {
		struct html_link *link = &m->html->links.v[i];
		if (link->outlook) {
			link->text_from += (uint32_t)m->seen.n;
			link->text_to += (uint32_t)m->seen.n;
		}
	}
	m->html->outlook_from = m->seen.n;
	memcpy(m->seen.p + m->seen.n, m->outlook.p, m->outlook.n);
	m->seen.n += m->outlook.n;
}
