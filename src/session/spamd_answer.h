/* session/spamd_answer.h - what spamc and Exim read: status line, header, and what the command asked for.
 *
 * Promises: pure. Before version 1.3 a client knows one header line only, as spamd itself had it. */
#ifndef SESSION_SPAMD_ANSWER_H
#define SESSION_SPAMD_ANSWER_H

#include "action/outcome.h"
#include "session/spamd_engine.h"

/* sysexits.h, as the protocol uses it. */
enum spamd_status {
	SPAMD_OK = 0,
	SPAMD_UNAVAILABLE = 69,
	SPAMD_TEMPORARY = 75,
	SPAMD_PROTOCOL = 76,
	SPAMD_TOO_LARGE = 98,
};

/* raw: the message. */
void spamd_answer_outcome(struct buf *out, const struct spamd_engine *engine, const struct outcome *outcome, struct span raw);
/* After TELL; done: something was changed. */
void spamd_answer_told(struct buf *out, const struct spamd_engine *engine, bool done);
void spamd_answer_failure(struct buf *out, enum spamd_status status, struct span why);

#endif
