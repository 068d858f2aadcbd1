/* action/field.h - the value of a header field that we write: folded, and encoded where it is not plain ASCII.
 *
 * Promises: whatever the text is, the result is one value: every line end in it is followed by a blank, no line has more than 78
 * characters where it can be helped (RFC 5322 2.1.1), 76 with encoded words (RFC 2047 2); nothing but printable ASCII; a text that looks
 * like an encoded word is encoded itself, so that no reader decodes what a sender wrote.
 * A value begins with the blank behind the colon; column is where it begins, at most 40. */
#ifndef ACTION_FIELD_H
#define ACTION_FIELD_H

#include "base/buf.h"

/* Text for people, UTF-8. What follows in the same field is put behind a blank of its own. */
void field_put_text(struct buf *out, size_t column, struct span text);
/* Printable words, as Authentication-Results has them: folded at blanks, and behind commas where a word is too long for a line. Line ends
 * that stand in it already are kept. */
void field_put_words(struct buf *out, size_t column, struct span words);

#endif
