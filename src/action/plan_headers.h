/* action/plan_headers.h - the header edits of an outcome: what a message brought along and may not, what is said above it. */
#ifndef ACTION_PLAN_HEADERS_H
#define ACTION_PLAN_HEADERS_H

#include "action/plan.h"

/* Deletes what claims to be ours, changes the Subject where that is set, and inserts what outcome says. */
void plan_headers(const struct plan_source *source, struct arena *arena, struct outcome *outcome);
/* Of a message that was not read: X-Postern-Why alone. */
void plan_headers_unjudged(struct arena *arena, struct outcome *outcome);

#endif
