/* facts/address_build.h - makes a generation of addresses (address_set.h) from entries in any order.
 *
 *	struct address_build *build = address_build_new();
 *	address_build_class(build, &(struct address_class){ SPAN("block"), span_none, 0x7f000002 }, &block);
 *	address_build_add(build, &net, block); ...
 *	address_build_write(build, "/var/lib/postern/block.set", clock_now(), why);
 *
 * Promises: time linear in the entries, ten million in about a second; of entries for the same network the one added last holds; the same
 * entries in the same order make the same bytes. A file is written beside its place, synced and renamed over what stood there: whoever
 * reads sees the old generation or the new one, after a loss of power too.
 * Owner: the caller, until address_build_free. Out of memory ends the process. */
#ifndef FACTS_ADDRESS_BUILD_H
#define FACTS_ADDRESS_BUILD_H

#include "facts/address_set.h"

struct address_build;

struct address_build *address_build_new(void);
void address_build_free(struct address_build *build); /* NULL allowed */
/* The number of such a class, new or known; class ADDRESS_EXCEPTION is there from the start. Name and text within their limits of
 * address_set.h. ERR_LIMIT: there are ADDRESS_CLASSES others. */
int address_build_class(struct address_build *build, const struct address_class *class, uint16_t *ret_number);
/* What lies outside the network's bits is ignored; exclude makes it an exception. */
void address_build_add(struct address_build *build, const struct ip_net *net, uint16_t class);
/* All from first to last, as the fewest networks; false when they are of two families or in the wrong order. */
bool address_build_add_range(struct address_build *build, const struct ip *first, const struct ip *last, uint16_t class);
/* Entries added so far. */
uint64_t address_build_added(const struct address_build *build);

/* Nothing may be added afterwards. The bytes are the build's, the same at each call. ERR_LIMIT: more than LIMIT_ADDRESS_ENTRIES. */
int address_build_finish(struct address_build *build, int64_t made, struct span *ret_bytes);
/* Finishes, and writes them. ERR_LIMIT, ERR_IO; ret_why as in address_set_open. */
int address_build_write(struct address_build *build, const char *path, int64_t made, char ret_why[ADDRESS_WHY_MAX]);

#endif
