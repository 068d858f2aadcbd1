/* base/utf8.h - characters to bytes and back (RFC 3629). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/span.h"

#define UTF8_REPLACEMENT 0xFFFDu

/* Writes 1 to 4 bytes and returns how many; surrogates and values above U+10FFFF become U+FFFD. */
size_t utf8_encode(uint32_t character, uint8_t ret_bytes[4]);
/* Reads one character at offset at (which must be < s.n); returns its length in bytes, 1 for a byte that is not
 * UTF-8 (then *ret_character is U+FFFD). Overlong forms and surrogates are not UTF-8. */
size_t utf8_decode(struct span s, size_t at, uint32_t *ret_character);
/* True when all bytes are valid UTF-8. ASCII runs are skipped eight bytes at a time. */
bool utf8_valid(struct span s);
/* True when no byte is above 0x7F. */
bool utf8_is_ascii(struct span s);

#endif
