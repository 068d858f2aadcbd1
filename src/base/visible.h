/* base/visible.h - hostile text made fit to be shown: what would act on a terminal or hide from the eye is spelled out.
 *
 * Promises: the result is valid UTF-8 in one line; control characters, line ends, bidirectional and invisible characters become \uNNNN
 * (\n, \r, \t, \e for the common ones), bytes that are not UTF-8 become \xNN; anything else stays as it is. Linear time. */
#ifndef BASE_VISIBLE_H
#define BASE_VISIBLE_H

#include "base/buf.h"

enum { VISIBLE_ALL = 0 };

/* Appends text. Of a longer one only the first max bytes of input (whole characters) are shown, then "..."; VISIBLE_ALL: no end. */
void visible_put(struct buf *out, struct span text, size_t max);
/* The same as a span: text itself when there is nothing to change. */
struct span visible_text(struct span text, size_t max, struct arena *arena);
/* True for characters a person does not see, or that reorder what he sees. */
bool visible_is_hidden(uint32_t character);

#endif
