/* action/outcome_log.h - the line of the log that each message leaves: who brought it, what was decided and done, why, and how long it
 * took.
 *
 * Of persons it names only sender and login, not the recipients: how many there are. It fills a line; session and app write it. */
#ifndef ACTION_OUTCOME_LOG_H
#define ACTION_OUTCOME_LOG_H

#include "action/outcome.h"
#include "base/log.h"
#include "message/path.h"

struct outcome_told {
	const char *door; /* "milter" */
	const struct connection *connection;
	struct span queue_id; /* may be empty */
	uint64_t bytes;       /* of the message */
	uint64_t took;        /* microseconds from its end to the answer */
};

void outcome_log(const struct outcome *outcome, const struct outcome_told *told, struct log_line *line);

#endif
