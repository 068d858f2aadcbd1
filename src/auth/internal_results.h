/* auth/internal_results.h - what our own servers noted when the message came in, where it can no longer be looked up.
 *
 * Mail that is judged later, or behind another server, carries the Authentication-Results of the machine that took it from outside
 * (RFC 8601). They stand in only for what ended as a temporary error here. Believed are fields above the Received line of the boundary,
 * since only machines of ours can have written there; and, where the user has said which networks are his, the fields that this machine
 * wrote beneath its own line under its own name, because such servers remove what claims to be theirs (RFC 8601 5). */
#ifndef AUTH_INTERNAL_RESULTS_H
#define AUTH_INTERNAL_RESULTS_H

#include "auth/authentication.h"

/* Sets authentication->told_by when something was taken over. */
void internal_results_apply(const struct authentication_source *source, struct arena *arena, struct authentication *authentication);

#endif
