/* app/askers.h - who asks on this event loop: the asker of the settings that hold now, and those of earlier ones while they owe answers.
 *
 * All are on one event loop, and none with a zone that delays its answers.
 * Owner: the caller; all zero at first. The askers are owned from askers_add on. */
#ifndef APP_ASKERS_H
#define APP_ASKERS_H

#include "net/asker.h"

struct askers {
	struct askers_entry *newest;
};

/* What is asked from now on it is asked. */
void askers_add(struct askers *askers, struct asker *asker);
/* Of what is asked from now on. None was added: nothing is done. */
void askers_set_deadline(struct askers *askers, uint32_t milliseconds);
/* True: a round is under way, and askers_take gives it back, or calls call->over, when it is over; false: all was answered at once. */
bool askers_ask(struct askers *askers, const struct questions *questions, const struct asker_call *call);
/* A round that is over; NULL: none is just now. Frees earlier askers that owe nothing any more. */
struct asker_round *askers_take(struct askers *askers);
/* What is on its way is forgotten: before the arenas of its rounds go. */
void askers_free(struct askers *askers);

#endif
