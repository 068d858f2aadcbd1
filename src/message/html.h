/* message/html.h - HTML to what a person sees, and to what was meant not to be seen (WHATWG HTML 13.2.5, tokenisation).
 *
 * No tree: one pass over the source with a bounded stack of open elements and the styles they impose.
 * Promises: linear time on any input; text, links, forms and images come out in the order of the source; each run of hidden text says
 * why it is hidden; nothing is fetched, no script runs.
 * What Outlook alone shows, out of conditional comments, stands behind the text that all show, and its links among the links.
 * Does not: lay out, apply external style sheets, or resolve URLs (message/link.c does).
 * Owner: the arena; source must outlive the result. */
#ifndef MESSAGE_HTML_H
#define MESSAGE_HTML_H

#include "message/anomaly.h"

enum html_hidden {
	HTML_HIDDEN_DISPLAY, /* display:none, hidden attribute, <template> ... */
	HTML_HIDDEN_VISIBILITY,
	HTML_HIDDEN_TINY,      /* font of 0 to 2 px, zero height with overflow hidden, zero width */
	HTML_HIDDEN_COLOUR,    /* colour equal or near to its background */
	HTML_HIDDEN_OFFSCREEN, /* positioned or indented out of view, clipped */
	HTML_HIDDEN_OPACITY,
	HTML_HIDDEN_PREHEADER, /* hidden text at the very top that feeds the inbox preview: every newsletter has it */
	HTML_HIDDEN_KINDS
};

struct html_hidden_run {
	enum html_hidden why;
	struct span text;  /* UTF-8, blanks collapsed */
	uint32_t from, to; /* in the source */
};

enum html_link_kind {
	HTML_LINK_ANCHOR,  /* a, area */
	HTML_LINK_FORM,    /* form action, button formaction */
	HTML_LINK_IMAGE,   /* img src/srcset, background, input type=image, CSS url() in style attributes */
	HTML_LINK_REFRESH, /* meta refresh */
	HTML_LINK_FRAME,   /* iframe, frame, embed, object */
	HTML_LINK_SCRIPT,
	HTML_LINK_SHEET, /* link href, style @import */
	HTML_LINK_KINDS
};

struct html_link {
	enum html_link_kind kind;
	struct span href;            /* attribute value, character references decoded, UTF-8 */
	struct span shown;           /* anchors: visible text inside, alt texts of images included; else span_none */
	uint32_t from, to;           /* the attribute's value in the source */
	uint32_t text_from, text_to; /* the shown text within html.text (empty range when none) */
	bool has_image;              /* an image stands inside the anchor */
	bool hidden;                 /* the anchor itself is not seen */
	bool outlook;                /* an anchor that Outlook alone shows */
};

struct html_counts {
	uint32_t tags, bytes_of_tags, comments, bytes_of_comments;
	uint32_t images, images_tiny;      /* 0 or 1 px wide or high */
	uint32_t forms, inputs, passwords; /* <input>, and those of type password */
	uint32_t scripts, event_handlers;  /* <script>, on*= attributes */
	uint32_t words_split_by_tags;      /* a letter, an inline tag or comment without text, a letter: "Vi<b></b>agra" */
	uint32_t words_split_by_hidden;    /* the same by hidden text or zero-width characters */
	uint32_t invisible_characters;     /* zero-width, soft hyphen, fillers */
	uint32_t bidi_overrides;           /* U+202A..U+202E, U+2066..U+2069 */
	uint32_t entities_needless;        /* &#97; for a plain letter or digit */
};

struct html {
	struct span text;    /* what a person sees, UTF-8, blanks collapsed, one \n per block or <br> */
	size_t outlook_from; /* text from here on is shown by Outlook alone; its size when there is none */
	struct span hidden;  /* all hidden text but preheaders, runs separated by \n */
	struct span title;   /* <title>, span_none when absent */
	struct span base;    /* <base href>, span_none when absent */
	VEC(struct html_hidden_run) hidden_runs;
	VEC(struct html_link) links;
	struct html_counts counts;
	uint64_t steps; /* bytes and stack entries touched: tests hold it linear */
};

/* source is UTF-8 (part.text). part is for the places of anomalies (PLACE_DECODED). */
void html_parse(struct span source, uint16_t part, struct arena *arena, struct anomalies *anomalies, struct html *ret_html);

/* Decodes character references of an attribute value or text (WHATWG 13.2.5.72-80); returns the input when it has none. */
struct span html_decode_references(struct span text, bool in_attribute, struct arena *arena);

#endif
