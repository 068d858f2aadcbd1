/* session/client_text.h - scores and reports in the words of clients that know SpamAssassin or rspamd.
 *
 * The score of a whole message is outcome_client_score; a symbol's share is put on the same straight line. The shares add up to the score
 * less what that line gives to no evidence at all, and where a group of correlated evidence is capped they add up to more. */
#ifndef SESSION_CLIENT_TEXT_H
#define SESSION_CLIENT_TEXT_H

#include "action/outcome.h"

enum { CLIENT_MARK = 50, CLIENT_REJECT = 150 }; /* tenths: what `mark` and `reject` are on that scale */

/* Hundredths of a point. */
int32_t client_text_symbol_score(const struct outcome *outcome, int32_t weight);
void client_text_tenths(struct buf *out, int32_t tenths);         /* "7.1", "-0.3" */
void client_text_hundredths(struct buf *out, int32_t hundredths); /* "7.12" */
/* What REPORT answers: the verdict and its reasons, for a person. Lines end with LF. */
void client_text_report(struct buf *out, const struct outcome *outcome);

#endif
