/* app/service_settings.h - the settings of a running service with all that children are told of them: read whole or not at all. */
#ifndef APP_SERVICE_SETTINGS_H
#define APP_SERVICE_SETTINGS_H

#include "config/settings.h"

struct service_settings {
	struct arena arena; /* of all below */
	struct settings settings;
	struct span wire;     /* payload of WIRE_SETTINGS */
	struct span tls;      /* payload of WIRE_TLS to front */
	struct span trap_tls; /* and to the trap */
	struct span model;    /* path of what was learned; a NUL follows */
};

/* path: NULL, the defaults. False: every error is said, and there is nothing to release. */
bool service_settings_read(const char *path, struct service_settings *ret);
void service_settings_release(struct service_settings *settings);

#endif
