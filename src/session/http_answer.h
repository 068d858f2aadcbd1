/* session/http_answer.h - an outcome as JSON: in rspamd's words for its clients, and in postern's own.
 *
 * Promises: pure; one object. docs/serve.md tells what each member means. */
#ifndef SESSION_HTTP_ANSWER_H
#define SESSION_HTTP_ANSWER_H

#include "action/outcome.h"

/* legacy: as /check of rspamd before 1.6 had it, everything in "default". */
void http_answer_rspamd(struct buf *out, const struct outcome *outcome, bool legacy);
void http_answer_scan(struct buf *out, const struct outcome *outcome);
void http_answer_error(struct buf *out, struct span why); /* {"error":...} */

#endif
