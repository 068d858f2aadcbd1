/* facts/address_v4.h - the IPv4 half of a generation of addresses, where its bytes lie (address_format.h).
 *
 * Promises: a look-up reads one place of the directory and one block, has no branch that is hard to guess (so that the processor is at the
 * next ones while this one waits for its memory), and costs the same whether the address is listed or not. Checked when it is opened, in
 * time linear in the bytes, so that whatever they are no look-up leaves them. Does not: own the bytes. */
#ifndef FACTS_ADDRESS_V4_H
#define FACTS_ADDRESS_V4_H

#include "facts/address_format.h"

struct address_v4 {
	const uint32_t *directory, *blocks;
	const struct address_code *host_codes, *range_codes;
	uint64_t words;
	uint32_t head, head_mask, suffix_mask, n_blocks;
	uint32_t host_code_mask, range_code_mask;
	uint8_t head_bits, suffix, host_code, range_code, host; /* host: bytes */
};

/* False: the bytes, of which the header is the first, do not fit together. */
bool address_v4_read(const struct address_header *header, struct address_v4 *ret_v4);
/* Where the directory tells of the block of an address: to ask its memory for beforehand. */
const uint32_t *address_v4_place(const struct address_v4 *v4, uint32_t ip);
/* Asks for the memory of that block. */
void address_v4_fetch(const struct address_v4 *v4, const uint32_t *place);
/* What decides for the address, whose place that is; class ADDRESS_NOTHING: nothing. */
struct address_code address_v4_find(const struct address_v4 *v4, const uint32_t *place, uint32_t ip);
/* Each host, and where each range begins (several times the same one). False from visit ends it. */
bool address_v4_each(const struct address_v4 *v4, bool (*visit)(void *context, uint32_t ip, struct address_code code), void *context);

#endif
