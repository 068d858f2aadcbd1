/* base/ascii.h - what kind of byte is this? ASCII only, the locale is never asked. */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include <stdbool.h>
#include <stdint.h>

static inline bool ascii_is_digit(int c) { return c >= '0' && c <= '9'; }
static inline bool ascii_is_lower(int c) { return c >= 'a' && c <= 'z'; }
static inline bool ascii_is_upper(int c) { return c >= 'A' && c <= 'Z'; }
static inline bool ascii_is_alpha(int c) { return ascii_is_lower(c | 0x20) && c < 0x80; }
static inline bool ascii_is_alnum(int c) { return ascii_is_alpha(c) || ascii_is_digit(c); }
/* Space, tab, CR, LF: the white space of RFC 5322. */
static inline bool ascii_is_space(int c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
static inline bool ascii_is_print(int c) { return c >= 0x20 && c < 0x7f; }
static inline uint8_t ascii_lower(uint8_t c) { return ascii_is_upper(c) ? (uint8_t)(c | 0x20) : c; }
static inline uint8_t ascii_upper(uint8_t c) { return ascii_is_lower(c) ? (uint8_t)(c & ~0x20) : c; }
/* 0 to 15, or -1. */
static inline int ascii_hex(int c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
