/* report/style.h - how text for people looks: colour and width. Colour only on a terminal and never with NO_COLOR. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

#include "base/buf.h"

struct style {
	bool colour;
	unsigned width; /* columns; 0: do not wrap */
};

enum style_kind { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_WARN, STYLE_BAD };

/* Text with its colour around it. Control characters in text must already be harmless (style_safe). */
void style_put(const struct style *style, struct buf *out, enum style_kind kind, struct span text);
/* A copy fit for a terminal: control, escape and bidi characters become visible escapes, invalid UTF-8 becomes \xNN. */
struct span style_safe(struct span text, struct arena *arena);
/* Words of text wrapped to the style's width, each following line indented. Width is counted in characters. */
void style_wrap(const struct style *style, struct buf *out, unsigned indent, struct span text);

#endif
