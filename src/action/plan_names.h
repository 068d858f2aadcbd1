/* action/plan_names.h - the hosts and the addresses that a message names, as clients of rspamd read them under "urls" and "emails".
 *
 * Each once, in the order of the message, at most LIMIT_CLIENT_NAMES of each; made visible. Linear for that. Owner: the arena. */
#ifndef ACTION_PLAN_NAMES_H
#define ACTION_PLAN_NAMES_H

#include "action/outcome.h"
#include "message/link.h"

void plan_names(const struct links *links, struct arena *arena, struct outcome *outcome);

#endif
