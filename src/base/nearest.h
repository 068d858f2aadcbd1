/* base/nearest.h - "did you mean ...?": the word of a list that is closest to a mistyped one. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include "base/span.h"

/* words[i] is read at stride bytes from one to the next, so that a column of any table will do:
 *	nearest_word(word, &table[0].name, sizeof table[0], n)
 * NULL when none is within two edits, or one edit for each three letters of the word, whichever is less. */
const char *nearest_word(struct span word, const char *const *first, size_t stride, size_t n);

#endif
