/* auth/internal_results.h - what our own servers noted when the message came in, where it can no longer be looked up.
 *
 * Mail that is judged later, or behind another server, carries the Authentication-Results of the machine that took it from outside
 * (RFC 8601). They stand in only for what ended as a temporary error here. Believed are fields above the Received line of the boundary,
 * since only machines of ours can have written there; and those beneath it, where servers write theirs too, under the authserv-id that the
 * user has told, or, where he has told which networks are his, under the name of the machine that wrote the line: such servers remove what
 * claims to be theirs on arrival (RFC 8601 5). */
#ifndef AUTH_INTERNAL_RESULTS_H
#define AUTH_INTERNAL_RESULTS_H

#include "auth/authentication.h"

/* Sets authentication->told_by when something was taken over. */
void internal_results_apply(const struct authentication_source *source, struct arena *arena, struct authentication *authentication);

#endif
