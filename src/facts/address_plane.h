/* facts/address_plane.h - one sorted set of keys of the IPv6 half of a generation, where its bytes lie (address_format.h).
 *
 * Promises: a look-up reads one place of the directory and the few neighbouring items of a bucket. Checked when it is opened, in time
 * linear in the bytes, so that whatever they are no look-up leaves them. Does not: own the bytes. */
#ifndef FACTS_ADDRESS_PLANE_H
#define FACTS_ADDRESS_PLANE_H

#include "facts/address_format.h"

struct address_plane {
	const uint32_t *directory;
	const uint8_t *items;
	const struct address_code *codes;
	uint64_t n;
	uint64_t near_bits, near_mask; /* of narrow ones: the first 64 bits of these */
	address_key head_bits, head_mask;
	uint64_t code_mask, suffix_mask;         /* the latter of narrow ones */
	uint8_t head, suffix, code, item, shift; /* item: bytes */
	bool narrow;                             /* what tells keys apart is in their first 64 bits, and so is an item */
};

/* False: the bytes, of which the header is the first, do not fit together. */
bool address_plane_read(const struct address_header *header, enum address_plane_id id, struct address_plane *ret_plane);
/* Where the directory tells of the key; its first place, where nothing has to be known: to ask its memory for beforehand. */
const uint32_t *address_plane_place(const struct address_plane *plane, address_key key);
/* Asks for the memory of that bucket. */
void address_plane_fetch(const struct address_plane *plane, const uint32_t *place);
/* The host of exactly that key. */
bool address_plane_host(const struct address_plane *plane, address_key key, struct address_code *ret_code);
/* The range in which the key lies; false: in none, or in one that no network holds. */
bool address_plane_range(const struct address_plane *plane, address_key key, struct address_code *ret_code);
/* Each key. False from visit ends it. */
bool address_plane_each(const struct address_plane *plane, bool (*visit)(void *context, address_key key, struct address_code code),
			void *context);

#endif
