/* app/listen.h - the sockets that clients come to: bound by master before it gives up anything, or handed over by systemd.
 *
 * Owner: the caller owns the descriptors. */
#ifndef APP_LISTEN_H
#define APP_LISTEN_H

#include "config/settings.h"
#include "session/handlers.h"

struct listener {
	enum session_door door;
	struct settings_address address;
	int type; /* SOCK_STREAM, or SOCK_DGRAM for questions to the DNS zone */
	int fd;
};
struct listeners {
	struct listener v[(DOORS + 1) * LIMIT_LISTEN]; /* the DNS zone's are two for each address */
	size_t n;
};

/* Those of the settings; one that `before` has already (NULL: none) is shared with it. Sockets of systemd (LISTEN_FDS, each named milter,
 * spamd, http and so on by FileDescriptorName=) take the place of all that the settings say of that door. ERR_IO: none is open, and
 * ret_error says which failed and why. */
int listen_open(const struct settings *settings, const struct listeners *before, struct arena *arena, struct listeners *ret_listeners,
		struct span *ret_error);
void listen_close(struct listeners *listeners);
/* "milter on 127.0.0.1:11332"; the port that the system chose, where the settings say 0. */
struct span listen_says(const struct listener *listener, struct arena *arena);

#endif
