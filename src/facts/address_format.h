/* facts/address_format.h - how a generation of addresses lies in its file; for the address_* files alone.
 *
 *	header | texts of classes | classes | IPv4: codes, directory, blocks | for each plane of IPv6: codes, directory, items |
 *	XXH3 of all before it
 *
 * All offsets are multiples of 8, numbers little-endian. Nearly all entries of real lists are single hosts: one IPv4 address, or one /64 or
 * address of IPv6. They are kept apart from all other networks of their family; those are cut where one begins or ends into ranges that
 * know their narrowest network. A *code* numbers a pair of class and width.
 *
 * IPv4 (facts/address_v4.h): all that decides for neighbouring addresses lies together in a *block* of 4-byte words, so that a look-up
 * reads a place of the directory and then one or two neighbouring cache lines, whatever the answer is. Of an address the first `head` bits
 * are the same in all keys and stand once; the next `directory` bits number its block; the rest is its *suffix*. A block is
 *
 *	one word   how many changes follow, above the code of the range in which the block begins
 *	changes    a word each, rising: the suffix where another range begins, above its code
 *	hosts      2 or 4 bytes each, rising: suffix above code; the last one again where a word would not be full
 *
 * and before the first block and behind the last lies one for what does not share the head. Ten million addresses of up to four classes
 * and 100,000 networks so take 18.5 bits each (the information bound of the addresses alone is 10.2, roaring bitmaps take 16.5), and a
 * block has 84 bytes.
 *
 * IPv6 (facts/address_plane.h): each width of host has a *plane* of its own, a set of keys; where each range begins is a plane, too. So a
 * look-up is: exactly this key among the hosts? else, the last beginning at or before it. A plane is a sorted array, coded as Elias and
 * Fano did, with fixed fields. Of a key (left-aligned in 128 bits) the first `head` bits are the same in all and stand once; the next
 * `directory` bits number a bucket, whose first item's index stands in a directory of 32-bit numbers; the next `suffix` bits stand in the
 * item itself, above its code; the rest is zero in all. */
#ifndef FACTS_ADDRESS_FORMAT_H
#define FACTS_ADDRESS_FORMAT_H

#include "facts/address_set.h"

__extension__ typedef unsigned __int128 address_key; /* left-aligned: an IPv4 address is in the highest 32 bits */

#define ADDRESS_MAGIC "postern address\n"
enum {
	ADDRESS_VERSION = 2,
	ADDRESS_NOTHING = 0xffff, /* "class" of a range that no network holds */
	ADDRESS_ITEM = 8,         /* bytes of a plane's item, which are read at once; or */
	ADDRESS_ITEM_WIDE = 20,
	ADDRESS_SPARE = 128, /* bytes behind blocks and items, so that loads may reach over */
};

enum address_plane_id { PLANE_RANGES, PLANE_64, PLANE_128, PLANES };

/* Of a plane's networks in the mapped form; 0: ranges. */
static const uint8_t address_plane_bits[PLANES] = { [PLANE_RANGES] = 0, [PLANE_64] = 64, [PLANE_128] = 128 };

struct address_v4_record {
	uint64_t directory_at, blocks_at, host_codes_at, range_codes_at;
	uint64_t words;                /* of all blocks */
	uint32_t head;                 /* the rest is zero */
	uint8_t head_bits, directory;  /* bits */
	uint8_t host_code, range_code; /* bits */
	uint8_t host;                  /* bytes of one */
	uint8_t unused[7];
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
	struct address_v4_record v4;
	struct address_plane_record planes[PLANES];
};

/* n things of that size at an aligned offset of the file. */
static inline bool address_lies_within(const struct address_header *h, uint64_t at, uint64_t n, uint64_t size)
{
	return at % 8 == 0 && at >= sizeof *h && at <= h->bytes - 8 && n <= (h->bytes - 8 - at) / size;
}
/* 2^bits codes that may be looked up: of classes that there are, and of networks of that width, or of ranges (0). */
static inline bool address_codes_fit(const struct address_code *codes, unsigned code_bits, bool v4, unsigned bits, uint32_t n_classes)
{
	bool fit = true;
	for (uint64_t i = 0; i < (uint64_t)1 << code_bits; i++) {
		bool nothing = codes[i].class == ADDRESS_NOTHING && bits == 0;
		fit &= nothing || codes[i].class < n_classes;
		fit &= codes[i].bits <= 128 && codes[i].bits >= (v4 ? 96 : 0) && (bits == 0 || codes[i].bits == bits);
	}
	return fit;
}

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
