/* message/html_style.h - the little of CSS that decides whether text is seen: declarations, colours, simple style sheets.
 *
 * Promises: linear time; unknown properties, units and selectors are skipped, as a browser does.
 * Does not: know layout, inheritance (html_stack.h does) or selectors beyond "element.class#id". Media blocks are skipped: a rule
 * that hides text on one device shows its twin on another.
 * Owner: sheets live in the arena. */
#ifndef MESSAGE_HTML_STYLE_H
#define MESSAGE_HTML_STYLE_H

#include "base/vec.h"
#include "message/html_names.h"

/* One bit a fact. css.set has it when a declaration speaks of it, css.on when it then tends to hide. */
enum css_fact {
	CSS_IS_NONE = 1 << 0,      /* display: none */
	CSS_IS_INVISIBLE = 1 << 1, /* visibility: hidden or collapse */
	CSS_HAS_FONT = 1 << 2,     /* css.font */
	CSS_HAS_INK = 1 << 3,      /* css.ink */
	CSS_HAS_PAPER = 1 << 4,    /* css.paper */
	CSS_IS_CLEAR = 1 << 5,     /* opacity: 0 */
	CSS_IS_PLACED = 1 << 6,    /* position: absolute or fixed */
	CSS_IS_FAR = 1 << 7,       /* left, top, right: far out of view */
	CSS_IS_INDENTED = 1 << 8,  /* text-indent, margin-left, margin-top: far out of view */
	CSS_IS_CLIPPED = 1 << 9,   /* clip, clip-path: to nothing */
	CSS_CUTS = 1 << 10,        /* overflow: hidden */
	CSS_IS_FLAT = 1 << 11,     /* height or max-height: 0 or 1 px */
	CSS_IS_NARROW = 1 << 12,   /* width or max-width: 0 or 1 px */
	CSS_HAS_URL = 1 << 13,     /* some value has url(...) */
	CSS_IS_SHRUNK = 1 << 14,   /* transform: scale(0) */
};

enum css_font_unit { CSS_FONT_PX, CSS_FONT_EM }; /* thousandths of a pixel; thousandths of the parent's size */

enum { COLOUR_UNKNOWN = -1, COLOUR_CLEAR = -2 }; /* else 0xRRGGBB */

struct css {
	uint32_t set, on, important; /* enum css_fact */
	int32_t font;
	enum css_font_unit font_unit;
	int32_t ink, paper;
};

/* Declarations ("color:red;display:none"), references already decoded. */
void css_read(struct span declarations, struct css *ret_css);
/* Lays over onto under: what over sets wins, unless under is more important. */
void css_lay(struct css *under, const struct css *over);
/* A colour as CSS writes it; COLOUR_UNKNOWN when it is none. */
int32_t css_colour(struct span value);
/* A colour as HTML attributes write it: CSS's, or hex digits without '#'. */
int32_t css_colour_attribute(struct span value);
/* The next url(...) at or after *at in text; advances *at. */
bool css_next_url(struct span text, size_t *at, struct span *ret_url);

struct css_rule {
	enum html_element element; /* 0: any */
	struct span class, id;     /* empty: any */
	struct css css;
	uint32_t next; /* in the same bucket, plus 1; 0 ends */
};

struct css_sheet {
	VEC(struct css_rule) rules;
	uint32_t *buckets; /* by class, else id: index of a rule plus 1 */
	uint32_t by_element[HTML_ELEMENTS];
	uint64_t steps;
	bool cut; /* rules were left out */
};

/* Adds the rules of one <style>, at most LIMIT_HTML_STYLE_RULES in all. */
void css_sheet_read(struct css_sheet *sheet, struct span text, struct arena *arena);
/* What the sheet says of an element, laid together in the order of weight. class and id are attribute values. */
void css_sheet_apply(struct css_sheet *sheet, enum html_element element, struct span class, struct span id, struct css *css);

#endif
