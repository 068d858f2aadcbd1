/* message/encoded_word.h - =?charset?B?...?= to UTF-8 (RFC 2047, RFC 2231 5), as mail programs show it.
 *
 * Adjacent words are joined: blanks between them vanish, and pieces of one character, or of one base64 run, split between
 * two words of the same charset and encoding are put together. Malformed words that most clients decode are decoded
 * and recorded (ENCODED_WORD_BAD); others stay as they are. */
#ifndef MESSAGE_ENCODED_WORD_H
#define MESSAGE_ENCODED_WORD_H

#include "message/anomaly.h"

/* text is unfolded. Returns text itself when there is nothing to decode and it is ASCII or valid UTF-8. anomalies may be NULL. */
struct span encoded_words_decode(struct span text, struct arena *arena, struct anomalies *anomalies, struct place at);

#endif
