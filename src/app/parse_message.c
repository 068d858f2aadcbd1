/* app/parse_message.c - the tree of a message's parts, and what a person sees of its HTML. */
#include "app/parse.h"

void parse_mime_message(struct span raw, bool json, struct arena *arena, struct buf *out) { (void)raw; (void)json; (void)arena; (void)out; }
void parse_html_message(struct span raw, bool json, struct arena *arena, struct buf *out) { (void)raw; (void)json; (void)arena; (void)out; }
