/* learn/label_leaks.h - header fields that betray a message's label, cut before an evaluation may judge it.
 *
 * Collections of labelled mail went through other people's filters, and often each class through its own: a score is only honest without
 * what they wrote. label_leaks.def lists the fields, and the tags that gateways put into Subject.
 * Only `evaluate` cuts these; `scan` and `learn` see the message as it is. Only the message's own header is looked at, not the headers of
 * messages within it.
 *
 * Promises: a field goes with its continuation lines; all other bytes stay as they are, in order; linear time.
 * Owner: the result borrows raw where nothing was cut, else it is a copy in the arena. */
#ifndef LEARN_LABEL_LEAKS_H
#define LEARN_LABEL_LEAKS_H

#include "base/arena.h"

struct span label_leaks_cut(struct span raw, struct arena *arena);
/* Is this the name of a field that is cut? Without case; white space around it does not matter. */
bool label_leaks_field(struct span name);

#endif
