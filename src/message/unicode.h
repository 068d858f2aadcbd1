/* message/unicode.h - letters that are not what they look like (UTS #39), by ICU. */
#ifndef MESSAGE_UNICODE_H
#define MESSAGE_UNICODE_H

#include "base/arena.h"

/* NFKC, case-folded, invisible characters dropped, confusable letters folded to the Latin letter they imitate ("рауpаl" in Cyrillic and
 * Latin gives the same as "paypal"; "l", "1", "I" and "i" fall together, and "0" and "o": case is gone, so what looks like either case of a
 * letter is that letter). Returns the input when it folds to itself.
 * Only for comparing with another skeleton. At most 4096 bytes are folded, the rest is cut. */
struct span unicode_skeleton(struct span text, struct arena *arena);
/* NFKC case-fold without confusables: for finding words. */
struct span unicode_fold(struct span text, struct arena *arena);

struct unicode_facts {
	uint32_t invisible;      /* zero-width, soft hyphen, variation selectors outside emoji, fillers, tags */
	uint32_t bidi_overrides; /* U+202A..U+202E, U+2066..U+2069 */
	uint32_t letters, latin, cyrillic, greek, armenian, han_kana_hangul, arabic_hebrew, other;
	uint32_t mixed_words;    /* words that mix Latin with Cyrillic, Greek, Armenian or Cherokee letters */
	uint32_t styled;         /* mathematical and enclosed letters used as text */
	struct span first_mixed; /* the first such word */
};
/* One linear pass over UTF-8. */
struct unicode_facts unicode_examine(struct span text);
/* Zero-width, soft hyphen, fillers, tags: takes no room where it stands (variation selectors are not meant: emoji need them). */
bool unicode_is_invisible(uint32_t character);
/* Embeddings, overrides and isolates of writing direction: U+202A..U+202E, U+2066..U+2069. */
bool unicode_is_bidi(uint32_t character);
/* Opens ICU's tables (uspoof 9 ms); call once per process before threads start. */
void unicode_warm_up(void);

#endif
