/* app/keep.h - `postern scan --keep DIR`: a case file and the content of each message, as serve keeps them: to rehearse on an archive.
 *
 * Promises: may be called by any number of threads. Owner: the caller. */
#ifndef APP_KEEP_H
#define APP_KEEP_H

#include "app/learner.h"
#include "app/options.h"

struct keep;

/* NULL: said on stderr. learner may be NULL. */
struct keep *keep_open(struct options *options, const struct learner *learner);
void keep_message(struct keep *keep, const struct pipeline *pipeline, const struct judgement *judgement);
/* False: some could not be kept; said. */
bool keep_close(struct keep *keep);

#endif
