/* message/html_stack.c - see html_stack.h */
#include "message/html_stack.h"
#include "message/html.h"

enum {
	TINY = 2000,       /* thousandths of a pixel: nobody reads that */
	NEAR = 24,         /* colours closer than this cannot be told apart */
	RESTYLED_MAX = 16, /* elements that are looked at again when a formatting element closes across them */
	FONT_MAX = 1000000,
};

void html_stack_start(struct html_stack *s)
{
	memset(s->last, 0, sizeof s->last);
	s->n = 1;
	s->deeper = 0;
	s->cut = false;
	s->steps = 0;
	s->open[0] = (struct html_open){ .look = { .ink = 0x000000, .paper = 0xffffff, .font = 16000 } };
}

/* Distance of two colours as the eye weighs them: green most, blue least. */
static bool colours_near(int32_t a, int32_t b)
{
	if (a < 0 || b < 0)
		return false;
	int32_t r = (a >> 16 & 255) - (b >> 16 & 255), g = (a >> 8 & 255) - (b >> 8 & 255), blue = (a & 255) - (b & 255);
	return (3 * r * r + 6 * g * g + blue * blue) / 10 < NEAR * NEAR;
}

static void conclude(struct html_look *look)
{
	look->hidden = look->gone                                                          ? look->gone
		       : look->invisible                                                   ? HTML_HIDDEN_VISIBILITY + 1
		       : look->font <= TINY                                                ? HTML_HIDDEN_TINY + 1
		       : look->ink == COLOUR_CLEAR || colours_near(look->ink, look->paper) ? HTML_HIDDEN_COLOUR + 1
											   : 0;
}

/* Why a style hides everything inside, plus 1. */
static uint8_t gone_by(const struct css *css)
{
	uint32_t on = css->on;
	if (on & CSS_IS_NONE)
		return HTML_HIDDEN_DISPLAY + 1;
	if (on & CSS_IS_CLEAR)
		return HTML_HIDDEN_OPACITY + 1;
	if ((on & CSS_CUTS && on & (CSS_IS_FLAT | CSS_IS_NARROW)) || on & CSS_IS_SHRUNK)
		return HTML_HIDDEN_TINY + 1;
	if (on & CSS_IS_INDENTED || (on & CSS_IS_PLACED && on & (CSS_IS_FAR | CSS_IS_CLIPPED)))
		return HTML_HIDDEN_OFFSCREEN + 1;
	return 0;
}

static void restyle(struct html_look *look, const struct css *css)
{
	if (!look->gone)
		look->gone = gone_by(css);
	if (css->set & CSS_IS_INVISIBLE)
		look->invisible = (css->on & CSS_IS_INVISIBLE) != 0;
	if (css->set & CSS_HAS_FONT) {
		int64_t font = css->font_unit == CSS_FONT_EM ? (int64_t)look->font * css->font / 1000 : css->font;
		look->font = (int32_t)(font > FONT_MAX ? FONT_MAX : font);
	}
	if (css->set & CSS_HAS_INK)
		look->ink = css->ink;
	if (css->set & CSS_HAS_PAPER && css->paper != COLOUR_CLEAR)
		look->paper = css->paper;
	conclude(look);
}

static void pop(struct html_stack *s)
{
	const struct html_open *top = &s->open[--s->n];
	if (!top->closed)
		s->last[top->element] = top->previous;
	s->steps++;
}

static void pop_to(struct html_stack *s, uint32_t index)
{
	while (s->n > index)
		pop(s);
}

void html_stack_open(struct html_stack *s, enum html_element element, const struct css *css)
{
	uint16_t flags = html_element_flags[element];
	s->steps++;
	if (s->n > LIMIT_HTML_DEPTH) {
		s->deeper++;
		s->cut = true;
		return;
	}
	const struct html_open *parent = &s->open[s->n - 1];
	struct html_open *open = &s->open[s->n];
	uint16_t here = (uint16_t)s->n;
	open->look = parent->look;
	open->element = (uint16_t)element;
	open->previous = s->last[element];
	open->closed = 0;
	open->special = flags & (HTML_BLOCK | HTML_SPECIAL) ? here : parent->special;
	open->scope = flags & HTML_SCOPE ? here : parent->scope;
	open->table = flags & HTML_TABLE ? here : parent->table;
	if (css)
		restyle(&open->look, css);
	if (flags & HTML_UNSEEN && !open->look.gone) {
		open->look.gone = HTML_HIDDEN_DISPLAY + 1;
		conclude(&open->look);
	}
	s->last[element] = here;
	s->n++;
}

/* A formatting element ends while others inside it stay open: what they have from it, they lose (13.2.6.4.7, adoption agency). */
static void close_across(struct html_stack *s, uint32_t index)
{
	if (s->n - index > RESTYLED_MAX)
		return;
	struct html_open *closed = &s->open[index];
	const struct html_look was = closed->look, *parent = &s->open[index - 1].look;
	s->last[closed->element] = closed->previous;
	closed->closed = 1;
	for (uint32_t i = index; i < s->n; i++) {
		struct html_look *look = &s->open[i].look;
		s->steps++;
		if (look->ink == was.ink)
			look->ink = parent->ink;
		if (look->paper == was.paper)
			look->paper = parent->paper;
		if (look->font == was.font)
			look->font = parent->font;
		if (look->gone == was.gone)
			look->gone = parent->gone;
		if (look->invisible == was.invisible)
			look->invisible = parent->invisible;
		conclude(look);
	}
}

void html_stack_close(struct html_stack *s, enum html_element element)
{
	uint16_t flags = html_element_flags[element];
	if (flags & (HTML_VOID | HTML_ONCE))
		return;
	if (s->deeper) {
		s->deeper--;
		return;
	}
	uint32_t index = s->last[element];
	const struct html_open *top = &s->open[s->n - 1];
	if (!index)
		return;
	/* Cells and rows end across anything but their table; tables and blocks across anything in scope; the rest not across blocks. */
	bool in_table = flags & (HTML_CELL | HTML_TABLE) || element == HTML_ELEMENT_TR || element == HTML_ELEMENT_TBODY ||
			element == HTML_ELEMENT_THEAD || element == HTML_ELEMENT_TFOOT;
	if (in_table) {
		if (index >= top->table)
			pop_to(s, index);
	} else if (flags & (HTML_BLOCK | HTML_SPECIAL)) {
		if (index >= top->scope)
			pop_to(s, index);
	} else if (index >= top->special) {
		pop_to(s, index);
	} else if (flags & HTML_FORMATTING && index > top->scope) {
		close_across(s, index);
	}
}

/* Closes element when it is open and nothing from barrier on stands between. */
static void close_within(struct html_stack *s, enum html_element element, uint32_t barrier)
{
	if (s->last[element] > barrier)
		pop_to(s, s->last[element]);
}

void html_stack_imply(struct html_stack *s, enum html_element element)
{
	const struct html_open *top = &s->open[s->n - 1];
	uint32_t scope = top->scope, table = top->table;
	uint16_t flags = html_element_flags[element];
	if (s->deeper)
		return;
	switch (element) {
	case HTML_ELEMENT_LI: {
		uint32_t ul = s->last[HTML_ELEMENT_UL], ol = s->last[HTML_ELEMENT_OL];
		uint32_t list = ul > ol ? ul : ol;
		close_within(s, element, list > scope ? list : scope);
		break;
	}
	case HTML_ELEMENT_DD:
	case HTML_ELEMENT_DT: {
		uint32_t list = s->last[HTML_ELEMENT_DL] > scope ? s->last[HTML_ELEMENT_DL] : scope;
		close_within(s, HTML_ELEMENT_DD, list);
		close_within(s, HTML_ELEMENT_DT, list);
		break;
	}
	case HTML_ELEMENT_OPTION: close_within(s, element, s->last[HTML_ELEMENT_SELECT]); return;
	case HTML_ELEMENT_TD:
	case HTML_ELEMENT_TH:
		close_within(s, HTML_ELEMENT_TD, table);
		close_within(s, HTML_ELEMENT_TH, table);
		return;
	case HTML_ELEMENT_TR:
	case HTML_ELEMENT_TBODY:
	case HTML_ELEMENT_THEAD:
	case HTML_ELEMENT_TFOOT:
		close_within(s, HTML_ELEMENT_TR, table);
		if (element == HTML_ELEMENT_TR)
			return;
		close_within(s, HTML_ELEMENT_TBODY, table);
		close_within(s, HTML_ELEMENT_THEAD, table);
		return;
	default: break;
	}
	if (flags & HTML_BLOCK && !(flags & HTML_ONCE))
		close_within(s, HTML_ELEMENT_P, s->open[s->n - 1].scope);
}
