/* facts/address_format.h - how a generation of addresses lies in its file; for the address_* files alone.
 *
 *	header | texts of classes | classes | for each plane: codes, directory, items | XXH3 of all before it
 *
 * All offsets are multiples of 8, numbers little-endian. Nearly all entries of real lists are single hosts: one IPv4 address, or one /64 or
 * address of IPv6. Each of these widths has a *plane* of its own, a set of keys. All other networks of a family are cut where one begins or
 * ends into ranges that know their narrowest network; where each range begins is a plane, too. So a look-up is: exactly this key among the
 * hosts? else, the last beginning at or before it.
 *
 * A plane is a sorted array, coded as Elias and Fano did, with fixed fields. Of a key (left-aligned in 128 bits) the first `head` bits are
 * the same in all and stand once; the next `directory` bits number a bucket, whose first item's index stands in a directory of 32-bit
 * numbers; the next `suffix` bits stand in the item itself, above `code` bits that number a pair of class and width; the rest is zero in
 * all. How many bits the directory has is chosen so that the whole is smallest. Ten million IPv4 addresses of up to four classes so take
 * 16 bits each and 0.8 of directory (the information bound is 10.2 bits, roaring bitmaps take 16.5); the forty of a bucket lie in one cache
 * line or two, and are compared eight at a time. */
#ifndef FACTS_ADDRESS_FORMAT_H
#define FACTS_ADDRESS_FORMAT_H

#include "facts/address_set.h"

__extension__ typedef unsigned __int128 address_key; /* left-aligned: an IPv4 address is in the highest 32 bits */

#define ADDRESS_MAGIC "postern address\n"
enum {
	ADDRESS_VERSION = 1,
	ADDRESS_NOTHING = 0xffff, /* "class" of a range that no network holds */
	ADDRESS_ITEM_WIDE = 20,   /* bytes of an item; or 2, 4 or 8, which are read at once */
	ADDRESS_SPARE = 72,       /* bytes behind the items, so that loads may reach over */
};

enum address_plane_id { PLANE_V4_RANGES, PLANE_V4_32, PLANE_V6_RANGES, PLANE_V6_64, PLANE_V6_128, PLANES };

/* What the number of a plane says. bits: of its networks in the mapped form; 0: ranges. */
struct address_plane_kind {
	bool v4;
	uint8_t bits;
};
static const struct address_plane_kind address_plane_kinds[PLANES] = {
	[PLANE_V4_RANGES] = { true, 0 }, [PLANE_V4_32] = { true, 128 },   [PLANE_V6_RANGES] = { false, 0 },
	[PLANE_V6_64] = { false, 64 },   [PLANE_V6_128] = { false, 128 },
};

struct address_plane_record {
	uint64_t n;
	uint64_t head_high, head_low; /* the first key with all behind the head cleared */
	uint64_t directory_at, items_at, codes_at;
	uint8_t head, directory, suffix, code; /* bits */
	uint8_t item;                          /* bytes */
	uint8_t unused[3];
};
struct address_code {
	uint16_t class;
	uint8_t bits; /* mapped form */
	uint8_t unused;
};
struct address_class_record {
	uint32_t name_at, text_at; /* in the texts */
	uint32_t answer;
	uint8_t name_n, text_n;
	uint8_t unused[2];
};
struct address_header {
	char magic[16];
	uint32_t version, n_classes;
	uint64_t bytes; /* of the file */
	uint64_t entries;
	int64_t made;
	uint64_t texts_at, texts_n, classes_at;
	struct address_plane_record planes[PLANES];
};

static inline address_key address_key_of(const struct ip *ip, bool v4)
{
	uint64_t high, low;
	if (v4)
		return (address_key)ip_v4(ip) << 96;
	memcpy(&high, ip->b, 8);
	memcpy(&low, ip->b + 8, 8);
	return (address_key)__builtin_bswap64(high) << 64 | __builtin_bswap64(low);
}
static inline struct ip address_key_ip(address_key key, bool v4)
{
	if (v4)
		return ip_from_v4((uint32_t)(key >> 96));
	struct ip ip;
	uint64_t high = __builtin_bswap64((uint64_t)(key >> 64)), low = __builtin_bswap64((uint64_t)key);
	memcpy(ip.b, &high, 8);
	memcpy(ip.b + 8, &low, 8);
	return ip;
}
/* The first n bits set. */
static inline address_key address_mask(unsigned n) { return n == 0 ? 0 : ~(address_key)0 << (128 - n); }
static inline address_key address_low_mask(unsigned n) { return n >= 128 ? ~(address_key)0 : ((address_key)1 << n) - 1; }
/* How many bits the widest network has that begins at first and ends at last or before; both within the family, last with all behind its
 * own bits set. */
static inline unsigned address_key_widest(address_key first, address_key last, bool v4)
{
	unsigned behind = v4 ? 96 : 0;
	while (behind < 128 && (first & address_low_mask(behind + 1)) == 0 && (first | address_low_mask(behind + 1)) <= last)
		behind++;
	return 128 - behind;
}

#endif
