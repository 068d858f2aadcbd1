/* message/html_names.h - names of elements, attributes, CSS properties and colours as small integers.
 *
 * One hash, one compare, no allocation. html_names.c is made by tools/make-html-tables from the three .def files. */
#ifndef MESSAGE_HTML_NAMES_H
#define MESSAGE_HTML_NAMES_H

#include "base/span.h"

enum html_element_flags {
	HTML_VOID = 1 << 0,    /* has no content and no end tag */
	HTML_BLOCK = 1 << 1,   /* starts a line; also special in the sense of WHATWG HTML 13.2.4.2 */
	HTML_SPECIAL = 1 << 2, /* special, but in line */
	HTML_SCOPE = 1 << 3,   /* end tags do not reach through it */
	HTML_TABLE = 1 << 4,   /* end tags of cells and rows do not reach through it either */
	HTML_CELL = 1 << 5,
	HTML_LIST = 1 << 6,
	HTML_FORMATTING = 1 << 7, /* may be closed across other elements */
	HTML_RAW_TEXT = 1 << 8,   /* content is text without tags or character references */
	HTML_TITLE_TEXT = 1 << 9, /* content is text without tags */
	HTML_UNSEEN = 1 << 10,    /* content is not shown */
	HTML_ONCE = 1 << 11,      /* html, head, body: never closed by their end tags, for text after them is shown too */
};

enum html_element {
	HTML_ELEMENT_UNKNOWN,
#define ELEMENT(symbol, name, flags) HTML_ELEMENT_##symbol,
#include "message/html_elements.def"
#undef ELEMENT
	HTML_ELEMENTS
};

enum html_attribute_id {
	HTML_ATTRIBUTE_UNKNOWN,
#define ATTRIBUTE(symbol, name) HTML_ATTRIBUTE_##symbol,
#include "message/html_attributes.def"
#undef ATTRIBUTE
	HTML_ATTRIBUTES
};

enum css_property {
	CSS_UNKNOWN,
#define PROPERTY(symbol, name) CSS_##symbol,
#include "message/css_properties.def"
#undef PROPERTY
	CSS_PROPERTIES
};

extern const uint16_t html_element_flags[HTML_ELEMENTS];

/* ASCII case is ignored; 0 (..._UNKNOWN) for any other name. */
enum html_element html_element_of(struct span name);
enum html_attribute_id html_attribute_of(struct span name);
enum css_property html_css_property_of(struct span name);
/* 0xRRGGBB of a CSS colour name, or -1. */
int32_t html_colour_of(struct span name);

#endif
