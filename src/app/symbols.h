/* app/symbols.h - every kind of evidence as rspamd tells its symbols: by group, with its points and a sentence. */
#ifndef APP_SYMBOLS_H
#define APP_SYMBOLS_H

#include "base/buf.h"
#include "verdict/verdict.h"

/* [{"group":"links","rules":[{"symbol":"link.disguise","weight":1.5,"description":"..."}]}]: points as clients are told them, which lie on
 * a straight line through the thresholds. What the model finds has a weight of its own in every message; 0 stands there. */
void symbols_put(const struct verdict_thresholds *thresholds, struct buf *out);

#endif
