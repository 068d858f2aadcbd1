/* message/html.c - see html.h */
#include "message/html.h"

void html_parse(struct span source, uint16_t part, struct arena *arena, struct anomalies *anomalies, struct html *ret_html)
{
	(void)part; (void)arena; (void)anomalies;
	memset(ret_html, 0, sizeof *ret_html);
	ret_html->text = source;
}
struct span html_decode_references(struct span text, bool in_attribute, struct arena *arena) { (void)in_attribute; (void)arena; return text; }
