/* session/milter_answer.h - an outcome in the words of the milter protocol: edits, recipients, quarantine, and the last word.
 *
 * Promises: pure. Fields are changed and removed from the last to the first, so that the numbers of those above stay true whether the mail
 * server counts a removed field (sendmail) or not (Postfix); what is added comes after that, each on top of all.
 * A reply is one line of printable ASCII within LIMIT_REPLY_TEXT, its percent signs doubled, as libmilter's smfi_setreply has it. */
#ifndef SESSION_MILTER_ANSWER_H
#define SESSION_MILTER_ANSWER_H

#include "action/outcome.h"
#include "session/milter_engine.h"

/* One packet. */
void milter_answer_packet(struct buf *out, uint8_t letter, struct span data);
/* All packets that end the message. arena: for sorting. */
void milter_answer_outcome(struct buf *out, const struct milter_engine *engine, const struct outcome *outcome, struct arena *arena);

#endif
