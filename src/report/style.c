/* report/style.c - see style.h */
#include "report/style.h"

void style_put(const struct style *style, struct buf *out, enum style_kind kind, struct span text) { (void)style; (void)kind; buf_put(out, text); }
struct span style_safe(struct span text, struct arena *arena) { (void)arena; return text; }
void style_wrap(const struct style *style, struct buf *out, unsigned indent, struct span text) { (void)style; (void)indent; buf_put(out, text); }
