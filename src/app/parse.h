/* app/parse.h - what `postern parse WHAT` shows, one function for each WHAT. Each writes whole lines. */
#ifndef APP_PARSE_H
#define APP_PARSE_H

#include "base/buf.h"
#include "report/style.h"

struct parse_line {
	struct span text; /* without its line end */
	uint64_t number;  /* from 1 */
};

/* received, urls and addresses read a line at a time ... */
void parse_received_line(const struct parse_line *line, bool json, struct arena *arena, struct buf *out);
void parse_urls_line(const struct parse_line *line, bool json, struct arena *arena, struct buf *out);
void parse_addresses_line(const struct parse_line *line, bool json, struct arena *arena, struct buf *out);
/* ... mime and html a whole message. */
void parse_mime_message(struct span raw, bool json, struct arena *arena, struct buf *out);
void parse_html_message(struct span raw, bool json, struct arena *arena, struct buf *out);

#endif
