/* app/say.h - the log of a process of `postern serve`: one for each, opened from the settings, used by all of app/.
 *
 * Before say_open lines go to stderr as logfmt. */
#ifndef APP_SAY_H
#define APP_SAY_H

#include "base/log.h"
#include "config/settings.h"

/* settings NULL: as before, but for the role. Before the sandbox closes: syslog's socket is opened here. */
void say_open(const struct settings *settings, const char *role);
/* level: of syslog(3). event: a word of ours that programs may look for; what follows is the sentence for people. */
void say(int level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* For lines with fields of their own. */
struct log *say_log(void);

#endif
