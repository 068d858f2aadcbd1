/* message/html.c - one pass over the tokens of HTML; see html.h
 *
 *	tokenizer -> html_style (what the tag says of its looks) -> html_stack (what that means for the text inside)
 *	          -> html_text (visible and hidden text) and html_link (links, forms, images) */
#include "base/ascii.h"
#include "message/html_machine.h"

/* font size=1 to 7, in thousandths of a pixel (WHATWG HTML 15.3.4). */
static const int32_t font_sizes[8] = { 0, 10000, 13000, 16000, 18000, 24000, 32000, 48000 };

static void set_colour(struct css *css, uint32_t fact, struct span value)
{
	int32_t colour = css_colour_attribute(value);
	if (colour == COLOUR_UNKNOWN)
		return;
	css->set |= fact;
	*(fact == CSS_HAS_INK ? &css->ink : &css->paper) = colour;
}

/* What bgcolor, color, size, hidden and the like say: weaker than any style sheet. True when there was one. */
static bool read_hints(const struct html_token *token, struct css *css)
{
	memset(css, 0, sizeof *css);
	bool font = token->element == HTML_ELEMENT_FONT;
	for (uint32_t i = 0; i < token->n_attributes; i++) {
		struct span value = token->attributes[i].value;
		switch (token->attributes[i].id) {
		case HTML_ATTRIBUTE_BGCOLOR: set_colour(css, CSS_HAS_PAPER, value); break;
		case HTML_ATTRIBUTE_BACKGROUND:
			css->set |= CSS_HAS_PAPER;
			css->paper = COLOUR_UNKNOWN;
			return true; /* whatever bgcolor says lies below the image */
		case HTML_ATTRIBUTE_COLOR:
			if (font)
				set_colour(css, CSS_HAS_INK, value);
			break;
		case HTML_ATTRIBUTE_TEXT:
			if (token->element == HTML_ELEMENT_BODY)
				set_colour(css, CSS_HAS_INK, value);
			break;
		case HTML_ATTRIBUTE_SIZE:
			if (font && value.n == 1 && value.p[0] >= '1' && value.p[0] <= '7') {
				css->set |= CSS_HAS_FONT;
				css->font = font_sizes[value.p[0] - '0'];
			}
			break;
		case HTML_ATTRIBUTE_HIDDEN:
			css->set |= CSS_IS_NONE;
			css->on |= CSS_IS_NONE;
			break;
		default: break;
		}
	}
	return css->set != 0;
}

/* Not a good hash, but one that is ready before the bytes are in the cache: ends and middle. */
static uint32_t slot_of(struct span style)
{
	uint64_t a = 0, b = 0, c = 0;
	size_t n = style.n < 8 ? style.n : 8;
	memcpy(&a, style.p, n);
	memcpy(&b, style.p + (style.n - n) / 2, n);
	memcpy(&c, style.p + style.n - n, n);
	return (uint32_t)(((a ^ b << 1 ^ c << 2 ^ style.n) * 0x9E3779B97F4A7C15u) >> 58);
}

static const struct css *read_style_attribute(struct html_machine *m, struct span style)
{
	struct html_style_slot *slot = &m->styles[slot_of(style)];
	if (!span_eq(slot->style, style)) {
		slot->style = style;
		css_read(html_decode_references(style, true, m->arena), &slot->css);
		m->html->steps += style.n;
	}
	return &slot->css;
}

/* All that styles this tag, the strongest last; false when nothing does. */
static bool read_style(struct html_machine *m, const struct html_token *token, struct css *css)
{
	bool styled = read_hints(token, css);
	if (token->element == HTML_ELEMENT_A && html_token_value(token, HTML_ATTRIBUTE_HREF).p) {
		css->set |= CSS_HAS_INK; /* links have a colour of their own */
		css->ink = 0x0000EE;
		styled = true;
	}
	if (m->sheet.rules.n) {
		css_sheet_apply(&m->sheet, token->element, html_token_value(token, HTML_ATTRIBUTE_CLASS),
				html_token_value(token, HTML_ATTRIBUTE_ID), css);
		styled |= css->set != 0;
	}
	struct span style = html_token_value(token, HTML_ATTRIBUTE_STYLE);
	if (style.n) {
		css_lay(css, read_style_attribute(m, style));
		styled = true;
	}
	return styled;
}

static void start_tag(struct html_machine *m, const struct html_token *token)
{
	enum html_element element = token->element;
	uint16_t flags = html_element_flags[element];
	struct css css;
	bool styled = (token->n_attributes || m->sheet.rules.n) && read_style(m, token, &css);

	html_stack_imply(&m->stack, element);
	if (flags & HTML_BLOCK || element == HTML_ELEMENT_BR)
		html_text_break(m, '\n');
	else if (flags & HTML_CELL)
		html_text_break(m, ' ');
	bool again = flags & HTML_ONCE && m->stack.last[element];
	if (!(flags & HTML_VOID) && element != HTML_ELEMENT_HEAD && !again)
		html_stack_open(&m->stack, element, styled ? &css : NULL);
	if (element == HTML_ELEMENT_UNKNOWN)
		m->gap |= HTML_GAP_TAG;
	if (token->n_attributes || token->handlers || element == HTML_ELEMENT_A || element == HTML_ELEMENT_SCRIPT ||
	    element == HTML_ELEMENT_FORM || element == HTML_ELEMENT_IMG || element == HTML_ELEMENT_INPUT)
		html_link_start_tag(m, token, styled ? &css : NULL);
}

static void end_tag(struct html_machine *m, enum html_element element)
{
	uint16_t flags = html_element_flags[element];
	if (element == HTML_ELEMENT_A)
		html_link_close_anchor(m);
	if (element == HTML_ELEMENT_UNKNOWN)
		m->gap |= HTML_GAP_TAG;
	html_stack_close(&m->stack, element);
	if (m->link && !m->stack.last[HTML_ELEMENT_A] && !m->stack.deeper)
		html_link_close_anchor(m);
	if ((flags & HTML_BLOCK && !(flags & HTML_ONCE)) || element == HTML_ELEMENT_BR) /* </br> is <br> */
		html_text_break(m, '\n');
	else if (flags & HTML_CELL)
		html_text_break(m, ' ');
}

static void add_title(struct html_machine *m, struct span text)
{
	if (m->html->title.p || m->stack.last[HTML_ELEMENT_SVG])
		return;
	m->html->title = span_trim(html_decode_references(text, false, m->arena));
}

static void text_token(struct html_machine *m, const struct html_token *token)
{
	switch (token->element) {
	case HTML_ELEMENT_STYLE:
		css_sheet_read(&m->sheet, token->text, m->arena);
		html_link_of_css(m, token->text, true);
		break;
	case HTML_ELEMENT_TITLE: add_title(m, token->text); break;
	case HTML_ELEMENT_SCRIPT:
	case HTML_ELEMENT_IFRAME:
	case HTML_ELEMENT_NOEMBED:
	case HTML_ELEMENT_NOFRAMES: break;
	default: html_text_add(m, token->text, !token->raw);
	}
}

static void run(struct html_machine *m)
{
	struct html_tokenizer tokenizer;
	struct html_token token;
	struct html_counts *counts = &m->html->counts;
	enum html_element opened = HTML_ELEMENT_UNKNOWN; /* by the token just before */
	html_tokenizer_start(&tokenizer, m->source);
	while (html_tokenizer_next(&tokenizer, &token)) {
		enum html_element just_opened = opened;
		opened = HTML_ELEMENT_UNKNOWN;
		m->token_from = token.from;
		m->token_to = token.to;
		switch (token.kind) {
		case HTML_TOKEN_TEXT: text_token(m, &token); continue;
		case HTML_TOKEN_START:
			start_tag(m, &token);
			opened = token.element;
			break;
		case HTML_TOKEN_CLOSE:
			if (just_opened && just_opened == token.element)
				m->gap |= HTML_GAP_TAG;
			end_tag(m, token.element);
			break;
		case HTML_TOKEN_COMMENT:
			counts->comments++;
			counts->bytes_of_comments += token.to - token.from;
			m->gap |= HTML_GAP_TAG;
			if (token.true_comment)
				html_outlook_read(m, token.text);
			continue;
		case HTML_TOKEN_DOCTYPE: continue;
		}
		counts->tags++;
		counts->bytes_of_tags += token.to - token.from;
	}
	m->html->steps += m->source.n + m->stack.steps + m->sheet.steps;
}

void html_parse(struct span source, uint16_t part, struct arena *arena, struct anomalies *anomalies, struct html *ret_html)
{
	struct html_machine m;
	memset(ret_html, 0, sizeof *ret_html);
	memset(&m, 0, offsetof(struct html_machine, stack));
	m.source = source;
	m.part = part;
	m.arena = arena;
	m.anomalies = anomalies;
	m.html = ret_html;
	html_stack_start(&m.stack);
	html_text_start(&m);
	run(&m);
	html_link_close_anchor(&m);
	html_outlook_finish(&m);
	html_text_finish(&m);
	if (m.sheet.cut)
		anomaly_add(anomalies, arena, ANOMALY_HTML_STYLE_LIMIT, (struct place){ 0, (uint32_t)source.n, part, PLACE_DECODED });
	if (m.stack.cut)
		anomaly_add(anomalies, arena, ANOMALY_HTML_DEPTH_LIMIT, (struct place){ 0, (uint32_t)source.n, part, PLACE_DECODED });
}
