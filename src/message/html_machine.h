/* message/html_machine.h - what the files that make up html_parse share: html.c (the pass), html_text.c, html_link.c,
 * html_outlook.c. Nobody else
 * includes it. */
#ifndef MESSAGE_HTML_MACHINE_H
#define MESSAGE_HTML_MACHINE_H

#include "message/html.h"
#include "message/html_stack.h"
#include "message/html_tokenizer.h"

/* What may stand between two letters of a word without showing. */
enum html_gap {
	HTML_GAP_TAG = 1 << 0,    /* a comment, an unknown tag, or a start tag and its end tag */
	HTML_GAP_HIDDEN = 1 << 1, /* hidden text or zero-width characters */
};

/* Text with blanks collapsed: a blank is only written when something follows it. */
struct html_writer {
	uint8_t *p;
	size_t n, cap;
	uint8_t pending; /* 0, ' ' or '\n' */
	bool letter;     /* the last byte written belongs to a word */
};

/* Newsletters repeat their style attributes: each is read once while it stays in its slot. */
enum { HTML_STYLE_SLOTS = 64 };

struct html_style_slot {
	struct span style; /* as in the source */
	struct css css;
};

struct html_machine {
	struct span source;
	uint16_t part;
	struct arena *arena;
	struct anomalies *anomalies;
	struct html *html;
	struct html_writer seen, hidden;
	struct html_writer outlook;     /* what Outlook alone shows; allocated when there is some */
	bool in_outlook;                /* text goes there */
	uint32_t gap;                   /* enum html_gap since the last visible character */
	bool run_open;                  /* the newest hidden run goes on */
	uint32_t runs_at_top;           /* hidden runs that began before any real text was seen */
	uint32_t *run_at;               /* where each run begins in the hidden text */
	uint32_t token_from, token_to;  /* in the source */
	uint32_t link;                  /* the open anchor: index into html->links plus 1 */
	size_t link_at, link_hidden_at; /* where its text begins in seen and hidden */
	bool text_full;
	struct css_sheet sheet;
	struct html_style_slot styles[HTML_STYLE_SLOTS];
	struct html_stack stack;
};

/* html_text.c: shows text as the innermost open element looks. */
void html_text_start(struct html_machine *m);
void html_text_add(struct html_machine *m, struct span text, bool references);
void html_text_break(struct html_machine *m, uint8_t blank); /* ' ' or '\n' */
void html_text_finish(struct html_machine *m);

/* html_link.c: links, forms and images of a start tag. */
void html_link_start_tag(struct html_machine *m, const struct html_token *token, const struct css *css);
void html_link_close_anchor(struct html_machine *m);
/* Adds a link whose address stands at raw in the source; NULL when it is empty or one too many. */
struct html_link *html_link_add(struct html_machine *m, enum html_link_kind kind, struct span raw);
void html_link_of_css(struct html_machine *m, struct span text, bool sheet);

/* html_outlook.c: a comment that Outlook may read, and the end of the page. */
void html_outlook_read(struct html_machine *m, struct span comment);
void html_outlook_finish(struct html_machine *m);

#endif
