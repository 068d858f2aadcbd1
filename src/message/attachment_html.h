/* message/attachment_html.h - HTML and SVG that come as files: parsed like bodies, and searched for scripts that build files or themselves.
 *
 * A browser runs their scripts when they are opened, which no mail program does with a body.
 * Promises: a fixed number of linear passes over at most LIMIT_TEXT_BYTES. */
#ifndef MESSAGE_ATTACHMENT_HTML_H
#define MESSAGE_ATTACHMENT_HTML_H

#include "message/attachment_work.h"

/* source is UTF-8. collect_links: false when the part is shown as a body, whose links are collected already. */
void attachment_html_examine(struct attachment_work *work, struct span source, bool collect_links);

#endif
