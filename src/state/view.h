/* state/view.h - a case file as one recipient may see it: who else got the message is not told.
 *
 * Promises: other recipients are taken out of the list, and their addresses out of every sentence; linear in the case for each recipient.
 * What the message itself shows in its header it shows to everyone; here it goes all the same where it is a recipient's address. */
#ifndef STATE_VIEW_H
#define STATE_VIEW_H

#include "verdict/casefile.h"

/* False, and nothing is changed: the recipient did not get it. */
bool view_restrict(struct casefile *casefile, struct span recipient, struct arena *arena);

#endif
