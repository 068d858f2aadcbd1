/* app/owner.h - the user that the service runs as, and its folder in that user's hands, for one service at a time. */
#ifndef APP_OWNER_H
#define APP_OWNER_H

#include "config/settings.h"

#include <sys/types.h>

struct owner {
	uid_t uid;
	gid_t gid;
	bool drop; /* to uid and gid; not: the service stays who started it */
};

/* Started by root it is the user of the settings. False: there is none; said, with what to do. */
bool owner_find(const struct settings *settings, struct owner *ret);
/* For good. False: the system said no, and nothing may go on. */
bool owner_become(const struct owner *owner);
/* Makes the folder of what is kept, gives it to owner and locks it until this process ends. False: said. */
bool owner_take_folder(const struct owner *owner, const struct settings *settings, struct arena *arena);

#endif
