/* trap/planted.h - addresses planted for harvesters, another one for each visitor: mail to it tells who took it, and when.
 *
 * The local part is a word, a dot and the sealed visitor: address and hour, encrypted and authenticated with a key of this server
 * (a synthetic IV, as RFC 5297 builds one, over HMAC-SHA-256). Nobody without the key can make or read one; nothing is stored.
 * "anna.k3d0f..." has at most 64 bytes (RFC 5321 section 4.5.3.1.1), in lower case, letters and digits only.
 * Promises: pure; one visitor and hour, one address. Does not: publish it (a web page does, by `postern trap plant`). */
#ifndef TRAP_PLANTED_H
#define TRAP_PLANTED_H

#include "base/ip.h"

enum { PLANTED_KEY = 32, PLANTED_TEXT = 65 };

struct planted {
	struct ip visitor;
	int64_t time; /* of the visit, to the hour */
};

/* The local part, NUL-terminated; returns its length. */
size_t planted_make(const uint8_t key[PLANTED_KEY], const struct planted *visit, char ret_local[PLANTED_TEXT]);
/* Has it the shape of one? Needs no key, and says no to nearly all else. */
bool planted_looks(struct span local);
/* Whose address is this? False: none of ours. */
bool planted_read(const uint8_t key[PLANTED_KEY], struct span local, struct planted *ret_visit);

#endif
