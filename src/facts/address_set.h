/* facts/address_set.h - which network holds this address? One generation of a list: exact, mapped, never changed, any number of readers.
 *
 * Tens of millions of IPv4 and IPv6 networks and single addresses, a class each. Of several that hold an address the narrowest decides; one
 * of the class ADDRESS_EXCEPTION says that the address is not on this list, whatever wider ones say. The two families are worlds of their
 * own: ::/0 is all of IPv6 and no IPv4 address (those are ::ffff:a.b.c.d, base/ip.h, and lie in 0.0.0.0/0).
 *
 * Promises: a look-up allocates nothing; of an IPv4 address it reads one place of a directory and one or two neighbouring cache lines
 * (address_format.h), whether it is listed or not; of an IPv6 address the same for each width of host and for the networks. Opening checks
 * the size, the checksum and every offset, so that whatever the bytes are no look-up leaves them; a file that is refused is named with the
 * reason. Does not: watch the file. A new generation is written beside the old one and renamed over it (address_build.h): whoever reads
 * opens the new one, and closes the old one between two events. A mapped generation stays what it is until then, renamed over or not.
 * Owner: whoever opened it, until address_set_close; classes and texts are bytes of the file. */
#ifndef FACTS_ADDRESS_SET_H
#define FACTS_ADDRESS_SET_H

#include "base/ip.h"

enum {
	ADDRESS_EXCEPTION = 0, /* class of an entry that takes its network off the list */
	ADDRESS_CLASSES = 65535,
	ADDRESS_CLASS_NAME = 31,  /* bytes of a name at most */
	ADDRESS_CLASS_TEXT = 255, /* a character string of the DNS (RFC 1035 3.3) */
	ADDRESS_WHY_MAX = 256,
};

/* What a class says. Several may share a name: they differ in what a DNS zone answers for them. */
struct address_class {
	struct span name; /* "block", "trap"; of ADDRESS_EXCEPTION: "none" */
	struct span text; /* for people, may be empty; $ stands for the address */
	uint32_t answer;  /* of a DNS zone: 127.0.0.2 as 0x7f000002 */
};

/* The entry that decides. */
struct address_match {
	uint16_t class;
	uint8_t bits; /* of its network, in the mapped form (struct ip_net): a single address has 128 */
};

struct address_set;

/* ERR_IO (errno says why), ERR_SYNTAX (damaged), ERR_UNSUPPORTED (another version's). ret_why: "PATH: what is wrong". */
int address_set_open(const char *path, char ret_why[ADDRESS_WHY_MAX], struct address_set **ret_set);
/* The same from a descriptor that somebody else opened, who keeps it; name is for the reason only. */
int address_set_open_fd(int fd, const char *name, char ret_why[ADDRESS_WHY_MAX], struct address_set **ret_set);
/* The same from bytes, which must outlive the set and be aligned to 8. */
int address_set_read(struct span bytes, const char *name, char ret_why[ADDRESS_WHY_MAX], struct address_set **ret_set);
/* Do these first bytes of a file say that it is one? 16 are enough. */
bool address_set_begins(struct span bytes);
void address_set_close(struct address_set *set); /* NULL allowed */

/* False: no entry holds it, and *ret_match says nothing (it is written without asking: a branch here would be guessed wrong). An exception
 * is an entry. */
bool address_set_find(const struct address_set *set, const struct ip *ip, struct address_match *ret_match);
/* n, the memory of those that follow asked for beforehand: what a DNS server wants of a batch of questions. found[i] is address_set_find's
 * answer. */
void address_set_find_many(const struct address_set *set, const struct ip *ips, size_t n, struct address_match *ret_matches,
			   bool *ret_found);

/* n is below address_set_classes. */
struct address_class address_set_class(const struct address_set *set, uint16_t n);
uint32_t address_set_classes(const struct address_set *set);

struct address_set_size {
	uint64_t entries;  /* networks and addresses, exceptions included */
	uint64_t bytes;    /* of the file */
	int64_t made;      /* base/clock.h: when it was built */
	uint64_t checksum; /* tells generations apart */
};
struct address_set_size address_set_size(const struct address_set *set);
/* Each entry that is not hidden by others of the same network, in no useful order; false from visit ends it. */
bool address_set_each(const struct address_set *set, bool (*visit)(void *context, const struct ip_net *net, uint16_t class), void *context);

#endif
