/* trap/own_address.h - finds an address or a name of ours in any bytes, however it is spelled.
 *
 * Who looks for open relays puts the address that was tried into the message, so that the message tells, when it arrives, which server let
 * it through: "BC_192.0.2.1" in the subject, "1D9808AFD:8080" in the body (hex and port of 217.128.138.253, seen in 2003).
 *
 *	own_address_build(list, n, &arena, &set);                  // once
 *	own_address_find(set, bytes, &arena, &finds);              // any bytes, any number of times; finds add up
 *
 * Promises: linear in the bytes, whatever they are and however many addresses the set has; at most LIMIT_OWN_FINDS finds, each spelling of
 * an address told once with the number of times it was seen; the set is read only, so threads may share it.
 * Does not: decide that a message is a probe (trap/probe.h); decode MIME: give it decoded parts as well as the raw bytes.
 * Owner: set and finds live in the arenas given. */
#ifndef TRAP_OWN_ADDRESS_H
#define TRAP_OWN_ADDRESS_H

#include "base/err.h"
#include "base/ip.h"
#include "base/limits.h"
#include "base/vec.h"

enum own_spelling {
#define SPELLING(symbol, name, weight, words) OWN_##symbol,
#include "trap/own_spellings.def"
#undef SPELLING
	OWN_SPELLINGS
};

/* What was put around the spelling. */
enum own_wrapping {
	OWN_PLAIN,
	OWN_MENDED, /* as %31 or =31, or parted by line ends */
	OWN_BASE64,
	OWN_ROT13,
	OWN_WRAPPINGS
};

struct own_address {
	struct ip ip;     /* when name is span_none */
	struct span name; /* of a host: at least six bytes and a dot, ASCII; others are left out */
};

struct own_set;

/* Of n addresses and names, which are copied. ERR_LIMIT: more than LIMIT_OWN_ADDRESSES, or names beyond LIMIT_OWN_NAME_BYTES together. */
int own_address_build(const struct own_address *list, size_t n, struct arena *arena, struct own_set **ret_set);

struct own_find {
	uint32_t which; /* index in the list the set was built of */
	uint8_t spelling, wrapping;
	uint16_t port;   /* written behind it; 0: none */
	size_t from, to; /* the first time, in the bytes that were searched */
	uint32_t times;
	int32_t weight; /* thousandths of a nat */
};

struct own_finds {
	VEC(struct own_find) list;
};

void own_address_find(const struct own_set *set, struct span bytes, struct arena *arena, struct own_finds *finds);
/* The find of the greatest weight, or NULL. */
const struct own_find *own_address_best(const struct own_finds *finds);
const char *own_spelling_name(enum own_spelling spelling);  /* "hex" */
const char *own_spelling_words(enum own_spelling spelling); /* "in hex" */
const char *own_wrapping_words(enum own_wrapping wrapping); /* "in base64"; "" for plain */

#endif
