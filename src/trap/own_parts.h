/* trap/own_parts.h - the inside of own_address: the tables of one set, and one file for each family of spellings. Not for others. */
#ifndef TRAP_OWN_PARTS_H
#define TRAP_OWN_PARTS_H

#include "trap/own_address.h"

__extension__ typedef unsigned __int128 own_u128;

#define OWN_NONE UINT32_MAX

/* Open addressing; at most half full. The filter says no to nearly all that is not there without a miss of the cache. */
struct own_slot {
	own_u128 key;
	uint32_t which; /* OWN_NONE: free */
	uint8_t spelling;
	uint8_t digits; /* the number must be written with so many; 0: any */
};
struct own_map {
	struct own_slot *slots;
	uint32_t mask;
	uint64_t filter[256];
};
const struct own_slot *own_map_find(const struct own_map *map, own_u128 key);

struct own_names; /* trap/own_name.c */

struct own_set {
	struct own_map v4;      /* key: the address */
	struct own_map numbers; /* key: a number that spells an IPv4 address without separators */
	struct own_map v6;      /* key: the address, its hex digits reversed, or itself as a number */
	bool has_v4, has_v6;
	const struct own_names *names; /* NULL: none */
};

/* Bytes as they are searched, and where each stands in what was given. */
struct own_text {
	struct span bytes;
	enum own_wrapping wrapping;
	size_t base;        /* of bytes[0] */
	const uint32_t *at; /* of each byte, from base; NULL: one for one */
	bool base64;        /* three bytes for four */
};

struct own_search {
	const struct own_set *set;
	struct own_text text;
	struct arena *arena;
	struct own_finds *finds;
};
/* [from, to) of search->text.bytes spells list entry which. */
void own_search_found(struct own_search *search, uint32_t which, enum own_spelling spelling, size_t from, size_t to);

static inline uint32_t own_octets(uint64_t a, uint64_t b, uint64_t c, uint64_t d) { return (uint32_t)(a << 24 | b << 16 | c << 8 | d); }

void own_numbers_scan(struct own_search *search); /* decimal and octal */
void own_hex_scan(struct own_search *search);
void own_ip6_scan(struct own_search *search);
void own_name_scan(struct own_search *search);
/* names[which], empty ones left out. ERR_LIMIT. */
int own_name_build(const struct span *names, size_t n, struct arena *arena, const struct own_names **ret_names);

#endif
