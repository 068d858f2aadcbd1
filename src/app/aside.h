/* app/aside.h - messages on which a worker died, kept apart for whoever mends postern: TIME.eml, and beside it TIME.why.
 *
 * At most ASIDE_MOST of them: those who choose our mail must not fill the disk. Nothing here is ever read again by the service. */
#ifndef APP_ASIDE_H
#define APP_ASIDE_H

#include "base/err.h"
#include "base/span.h"

enum { ASIDE_MOST = 100 };

/* In data_directory/aside, which is made. ERR_LIMIT: there are enough. ERR_IO: errno. */
int aside_keep(const char *data_directory, struct span message, struct span why, uint64_t microseconds);

#endif
