/* message/html_link.c - links, forms, images and the like of html_parse's start tags. */
#include "base/ascii.h"
#include "message/html_machine.h"

enum { SRCSET_MAX = 8 };

struct html_link *html_link_add(struct html_machine *m, enum html_link_kind kind, struct span raw)
{
	struct html *html = m->html;
	struct span href = html_decode_references(raw, true, m->arena);
	if (!href.n)
		return NULL;
	uint32_t from = span_within(m->source, raw) ? (uint32_t)(raw.p - m->source.p) : m->token_from;
	uint32_t to = span_within(m->source, raw) ? from + (uint32_t)raw.n : m->token_to;
	if (html->links.n >= LIMIT_LINKS) {
		anomaly_add(m->anomalies, m->arena, ANOMALY_LINK_LIMIT, (struct place){ from, to, m->part, PLACE_DECODED });
		return NULL;
	}
	struct html_link *link = vec_push(m->arena, &html->links);
	*link = (struct html_link){ .kind = kind, .href = href, .from = from, .to = to, .hidden = html_stack_look(&m->stack)->hidden != 0 };
	return link;
}

/* Ends the open anchor: what was written since it began is what it shows. */
void html_link_close_anchor(struct html_machine *m)
{
	if (!m->link)
		return;
	struct html_link *link = &m->html->links.v[m->link - 1];
	struct span seen = span_of(m->seen.p + m->link_at, m->seen.n - m->link_at);
	struct span hidden = span_of(m->hidden.p + m->link_hidden_at, m->hidden.n - m->link_hidden_at);
	m->link = 0;
	size_t blank = 0;
	while (blank < seen.n && ascii_is_space(seen.p[blank]))
		blank++;
	link->text_from = (uint32_t)(m->link_at + blank);
	link->text_to = (uint32_t)m->seen.n;
	link->shown = seen.n ? span_skip(seen, blank) : link->hidden && hidden.n ? span_trim(hidden) : span_none;
}

static void open_anchor(struct html_machine *m, struct span href)
{
	html_link_close_anchor(m);
	if (!href.p || !html_link_add(m, HTML_LINK_ANCHOR, href))
		return;
	m->link = m->html->links.n;
	m->link_at = m->seen.n;
	m->link_hidden_at = m->hidden.n;
}

/* srcset: "address description, address description". */
static void add_srcset(struct html_machine *m, struct span set)
{
	for (unsigned n = 0; n < SRCSET_MAX; n++) {
		size_t at = 0;
		while (at < set.n && (ascii_is_space(set.p[at]) || set.p[at] == ','))
			at++;
		size_t end = at;
		while (end < set.n && !ascii_is_space(set.p[end]))
			end++;
		struct span address = span_slice(set, at, end);
		while (span_ends(address, SPAN(",")))
			address.n--;
		if (!address.n)
			return;
		html_link_add(m, HTML_LINK_IMAGE, address);
		size_t comma = span_find_byte(set, ',', end ? end - 1 : 0);
		set = comma == SPAN_NPOS ? span_of(set.p, 0) : span_skip(set, comma + 1);
	}
}

/* <meta http-equiv=refresh content="5; url=address"> (WHATWG HTML 4.2.5.3). */
static void add_refresh(struct html_machine *m, struct span content)
{
	struct span rest = span_trim(content);
	while (rest.n && (ascii_is_digit(rest.p[0]) || rest.p[0] == '.'))
		rest = span_skip(rest, 1);
	while (rest.n && (ascii_is_space(rest.p[0]) || rest.p[0] == ';' || rest.p[0] == ','))
		rest = span_skip(rest, 1);
	if (span_istarts(rest, SPAN("url"))) {
		struct span after = span_trim(span_skip(rest, 3));
		if (span_starts(after, SPAN("=")))
			rest = span_trim(span_skip(after, 1));
	}
	if (rest.n && (rest.p[0] == '"' || rest.p[0] == '\'')) {
		size_t close = span_find_byte(rest, rest.p[0], 1);
		rest = span_slice(rest, 1, close == SPAN_NPOS ? rest.n : close);
	}
	html_link_add(m, HTML_LINK_REFRESH, rest);
}

static bool is_tiny(struct span size)
{
	size = span_trim(size);
	return size.n && (size.p[0] == '0' || size.p[0] == '1') && (size.n == 1 || !ascii_is_digit(size.p[1])) &&
	       !span_ends(size, SPAN("%"));
}

static void add_image(struct html_machine *m, const struct html_token *token, const struct css *css)
{
	struct span width = html_token_value(token, HTML_ATTRIBUTE_WIDTH), height = html_token_value(token, HTML_ATTRIBUTE_HEIGHT);
	m->html->counts.images++;
	m->html->counts.images_tiny += is_tiny(width) || is_tiny(height) || (css && css->on & (CSS_IS_FLAT | CSS_IS_NARROW));
	if (m->link)
		m->html->links.v[m->link - 1].has_image = true;
	/* A picture is seen whatever the size and colour of letters are: newsletters set "font-size:0" around pictures against gaps. */
	struct html_look *look = &m->stack.open[m->stack.n - 1].look;
	uint8_t hidden = look->hidden;
	look->hidden = look->gone || look->invisible ? hidden : 0;
	html_text_break(m, ' ');
	html_text_add(m, html_token_value(token, HTML_ATTRIBUTE_ALT), true);
	html_text_break(m, ' ');
	look->hidden = hidden;
}

static void add_input(struct html_machine *m, const struct html_token *token)
{
	struct span type = span_trim(html_token_value(token, HTML_ATTRIBUTE_TYPE));
	m->html->counts.inputs++;
	m->html->counts.passwords += span_ieq(type, SPAN("password"));
	if (span_ieq(type, SPAN("hidden")))
		return;
	if (span_ieq(type, SPAN("image")))
		html_link_add(m, HTML_LINK_IMAGE, html_token_value(token, HTML_ATTRIBUTE_SRC));
	html_text_break(m, ' ');
	html_text_add(m, html_token_value(token, HTML_ATTRIBUTE_VALUE), true);
	html_text_break(m, ' ');
	html_text_add(m, html_token_value(token, HTML_ATTRIBUTE_PLACEHOLDER), true);
	html_text_break(m, ' ');
}

/* Attributes that load or lead somewhere, by element. */
static const struct {
	uint8_t element, attribute, kind;
} simple[] = {
	{ HTML_ELEMENT_AREA, HTML_ATTRIBUTE_HREF, HTML_LINK_ANCHOR },       { HTML_ELEMENT_AUDIO, HTML_ATTRIBUTE_SRC, HTML_LINK_IMAGE },
	{ HTML_ELEMENT_BUTTON, HTML_ATTRIBUTE_FORMACTION, HTML_LINK_FORM }, { HTML_ELEMENT_EMBED, HTML_ATTRIBUTE_SRC, HTML_LINK_FRAME },
	{ HTML_ELEMENT_FORM, HTML_ATTRIBUTE_ACTION, HTML_LINK_FORM },       { HTML_ELEMENT_FRAME, HTML_ATTRIBUTE_SRC, HTML_LINK_FRAME },
	{ HTML_ELEMENT_IFRAME, HTML_ATTRIBUTE_SRC, HTML_LINK_FRAME },       { HTML_ELEMENT_IMG, HTML_ATTRIBUTE_SRC, HTML_LINK_IMAGE },
	{ HTML_ELEMENT_INPUT, HTML_ATTRIBUTE_FORMACTION, HTML_LINK_FORM },  { HTML_ELEMENT_LINK, HTML_ATTRIBUTE_HREF, HTML_LINK_SHEET },
	{ HTML_ELEMENT_OBJECT, HTML_ATTRIBUTE_DATA, HTML_LINK_FRAME },      { HTML_ELEMENT_SCRIPT, HTML_ATTRIBUTE_SRC, HTML_LINK_SCRIPT },
	{ HTML_ELEMENT_SOURCE, HTML_ATTRIBUTE_SRC, HTML_LINK_IMAGE },       { HTML_ELEMENT_VIDEO, HTML_ATTRIBUTE_SRC, HTML_LINK_IMAGE },
};

static void add_simple(struct html_machine *m, const struct html_token *token)
{
	for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
		if (simple[i].element == token->element)
			html_link_add(m, (enum html_link_kind)simple[i].kind,
				      html_token_value(token, (enum html_attribute_id)simple[i].attribute));
	struct span set = html_token_value(token, HTML_ATTRIBUTE_SRCSET);
	if (set.n && (token->element == HTML_ELEMENT_IMG || token->element == HTML_ELEMENT_SOURCE))
		add_srcset(m, set);
}

void html_link_start_tag(struct html_machine *m, const struct html_token *token, const struct css *css)
{
	struct html *html = m->html;
	struct html_counts *counts = &html->counts;
	counts->event_handlers += token->handlers;
	switch (token->element) {
	case HTML_ELEMENT_A: open_anchor(m, html_token_value(token, HTML_ATTRIBUTE_HREF)); break;
	case HTML_ELEMENT_BASE: {
		struct span href = html_token_value(token, HTML_ATTRIBUTE_HREF);
		if (href.p && !html->base.p)
			html->base = html_decode_references(href, true, m->arena);
		break;
	}
	case HTML_ELEMENT_META:
		if (span_ieq(span_trim(html_token_value(token, HTML_ATTRIBUTE_HTTP_EQUIV)), SPAN("refresh")))
			add_refresh(m, html_token_value(token, HTML_ATTRIBUTE_CONTENT));
		break;
	case HTML_ELEMENT_FORM:
		counts->forms++;
		add_simple(m, token);
		break;
	case HTML_ELEMENT_SCRIPT:
		counts->scripts++;
		add_simple(m, token);
		break;
	case HTML_ELEMENT_IMG:
		add_simple(m, token);
		add_image(m, token, css);
		break;
	case HTML_ELEMENT_INPUT:
		add_simple(m, token);
		add_input(m, token);
		break;
	case HTML_ELEMENT_AREA:
	case HTML_ELEMENT_AUDIO:
	case HTML_ELEMENT_BUTTON:
	case HTML_ELEMENT_EMBED:
	case HTML_ELEMENT_FRAME:
	case HTML_ELEMENT_IFRAME:
	case HTML_ELEMENT_LINK:
	case HTML_ELEMENT_OBJECT:
	case HTML_ELEMENT_SOURCE:
	case HTML_ELEMENT_VIDEO: add_simple(m, token); break;
	default: break;
	}
	struct span background = html_token_value(token, HTML_ATTRIBUTE_BACKGROUND);
	if (background.n)
		html_link_add(m, HTML_LINK_IMAGE, background);
	if (css && css->set & CSS_HAS_URL)
		html_link_of_css(m, html_token_value(token, HTML_ATTRIBUTE_STYLE), false);
}

/* url(...) of a style attribute, or of a style sheet; what @import names is a sheet. */
void html_link_of_css(struct html_machine *m, struct span text, bool sheet)
{
	size_t at = 0, before = 0;
	struct span url;
	while (css_next_url(text, &at, &url)) {
		struct span lead = span_slice(text, before, (size_t)(url.p - text.p));
		size_t import = sheet ? span_ifind(lead, SPAN("@import"), 0) : SPAN_NPOS;
		html_link_add(m, import != SPAN_NPOS && span_find_byte(lead, ';', import) == SPAN_NPOS ? HTML_LINK_SHEET : HTML_LINK_IMAGE,
			      url);
		before = at;
	}
}
