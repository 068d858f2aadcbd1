/* facts/address_value.h - what a list of rbldnsd(8) answers for its entries: ":127.0.0.2:text", $-variables, the base template.
 *
 * Owner: texts borrow the list's bytes or lie in the arena. */
#ifndef FACTS_ADDRESS_VALUE_H
#define FACTS_ADDRESS_VALUE_H

#include "base/arena.h"
#include "facts/address_set.h"

enum { ADDRESS_ANSWER = 0x7f000002 }; /* 127.0.0.2 (RFC 5782 2.1) */

struct address_value {
	uint32_t answer;
	struct span text; /* $ stands for the address, $$ for a $ */
};
/* Where a list stands while it is read. */
struct address_values {
	struct address_value preset;
	struct span variables[10]; /* $0 to $9 */
	struct span base;          /* $=; span_none: there is none */
};

/* text is what stands behind an entry, or a whole line that begins with a colon; empty or a remark: the preset. False: not understood. */
bool address_value_read(const struct address_values *values, struct span text, struct arena *arena, struct address_value *ret_value);

#endif
