/* message/charset.h - any charset to UTF-8, by ICU, with detection when the label lies.
 *
 * Promises: ASCII and UTF-8 cost one validating pass and no copy; converters are cached per thread; result is valid UTF-8
 * (bytes without meaning become U+FFFD). A label that is missing, unknown or impossible for the bytes leads to: byte order mark,
 * valid UTF-8, UTF-16 by its NULs, ISO-2022-JP by its escapes, else ICU's detector above 64 bytes, else Windows-1252;
 * ISO-8859-1 and US-ASCII mean Windows-1252, GB2312 means GB18030, as the WHATWG Encoding Standard has it. */
#ifndef MESSAGE_CHARSET_H
#define MESSAGE_CHARSET_H

#include "base/arena.h"

enum charset_fact {
	CHARSET_AS_LABELLED = 0,
	CHARSET_WAS_UNLABELLED,
	CHARSET_WAS_UNKNOWN,       /* label names nothing */
	CHARSET_WAS_LYING,         /* bytes cannot be, or clearly are not, in the labelled charset */
	CHARSET_HAD_INVALID_BYTES, /* converted as labelled, with replacement characters */
};

/* label may be span_none. *ret_name gets the charset that was used ("utf-8", "windows-1251"), static or in the arena. */
struct span charset_to_utf8(struct span bytes, struct span label, struct arena *arena, enum charset_fact *ret_fact, struct span *ret_name);
/* Opens what ICU loads at run time, before a sandbox locks; call once per process. */
void charset_warm_up(void);
/* Closes the calling thread's converters. */
void charset_thread_release(void);

#endif
