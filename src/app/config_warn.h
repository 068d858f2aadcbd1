/* app/config_warn.h - what is right in a settings file and yet probably not meant. */
#ifndef APP_CONFIG_WARN_H
#define APP_CONFIG_WARN_H

#include "config/settings.h"

/* Says each on stderr, as "file:line:column: warning: ..."; looks at this machine: which files are there, and who may read them. */
void config_warn(const struct settings *settings, const struct settings_report *report, struct arena *arena);

#endif
