/* app/history.h - what history, why and quarantine share: kept cases searched and told. */
#ifndef APP_HISTORY_H
#define APP_HISTORY_H

#include "app/command.h"
#include "state/store.h"

/* All that options->store.query finds, a line each; 1 when that is nothing, which is said. */
enum exit_status history_search(struct options *options, const char *nothing);
/* One object, line end included; story: with all that `why` tells. */
void history_json(const struct store_case *found, bool story, struct buf *out);
/* `postern why ID...`: the story of each. */
enum exit_status history_why(struct options *options);

#endif
