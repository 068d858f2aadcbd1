/* app/trap_look.h - recipients at the doors that are traps: whoever names one is told to the keeper, and nobody is told so.
 *
 * The door answers as to any recipient, for a trap that is recognised by its reply is none. Who came from a machine that is trusted, or
 * logged in, is a user of ours and tells nothing. Owner: the front. */
#ifndef APP_TRAP_LOOK_H
#define APP_TRAP_LOOK_H

#include "app/keeping.h"

struct trap_look {
	const struct settings *settings;
	struct keeping *keeping;
	enum session_door door;
	const struct ip *ip;
	struct span helo, mail_from;
};

/* True: it was one, and the keeper knows. */
bool trap_look(const struct trap_look *who, struct span recipient);
/* The first of a message's recipients that is one. */
void trap_look_at_message(const struct settings *settings, struct keeping *keeping, const struct session_request *request);

#endif
