/* session/outside_mark.h - fields that only this server may write, noted as they come in, so that a message that is passed unjudged does
 * not bring its own verdict: X-Spam-*, X-Postern-*, and Authentication-Results in this server's name (RFC 8601 5).
 *
 * A judged message needs none of this: its outcome removes them. Owner: the arena. */
#ifndef SESSION_OUTSIDE_MARK_H
#define SESSION_OUTSIDE_MARK_H

#include "action/outcome.h"

struct outside_marks {
	VEC(struct header_edit) list; /* their removal */
	bool too_many;                /* beyond LIMIT_OUTSIDE_MARKS */
	uint32_t results;             /* Authentication-Results of anybody, so far */
};

void outside_marks_note(struct outside_marks *marks, struct arena *arena, struct span name, struct span value, struct span hostname);
/* Adds their removal to the edits; false: there were too many. */
bool outside_marks_remove(const struct outside_marks *marks, struct arena *arena, struct outcome *outcome);

#endif
