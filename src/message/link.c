/* message/link.c - see link.h */
#include "message/link.h"

void links_from_text(struct span text, uint16_t part, uint8_t in, struct arena *arena, struct anomalies *anomalies, struct links *links) { (void)text; (void)part; (void)in; (void)arena; (void)anomalies; (void)links; }
void links_from_html(const struct html *html, uint16_t part, uint32_t extra_flags, struct arena *arena, struct anomalies *anomalies, struct links *links) { (void)html; (void)part; (void)extra_flags; (void)arena; (void)anomalies; (void)links; }
