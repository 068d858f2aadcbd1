/* tests/address_test.h - entries kept the plain way, looked through one by one, beside what the sets of addresses say. */
#ifndef TESTS_ADDRESS_TEST_H
#define TESTS_ADDRESS_TEST_H

#include "facts/address_build.h"
#include "tests/test.h"

#include <stdlib.h>

struct plain_entry {
	struct ip_net net;
	uint16_t class;
};
struct plain_list {
	struct plain_entry v[4096];
	size_t n;
};

static inline uint64_t plain_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545F4914F6CDD1Du;
}

static inline bool plain_is_v4(const struct ip_net *net) { return net->bits >= 96 && ip_is_v4(&net->ip); }

/* The narrowest network, and of equal ones the last. */
static inline const struct plain_entry *plain_find(const struct plain_list *list, const struct ip *ip)
{
	const struct plain_entry *best = NULL;
	for (size_t i = 0; i < list->n; i++) {
		const struct plain_entry *e = &list->v[i];
		if (plain_is_v4(&e->net) == ip_is_v4(ip) && ip_net_has(&e->net, ip) && (!best || e->net.bits >= best->net.bits))
			best = e;
	}
	return best;
}

/* Networks crowded into few places, so that most lie within others; hosts often; edges of the address space often. */
static inline struct ip_net plain_network(uint64_t *state, bool v4)
{
	struct ip_net net = { .bits = 128 };
	uint64_t r = plain_random(state);
	unsigned first = v4 ? 96 : 0;
	if (v4)
		net.ip = ip_from_v4(r & 1 ? 0x0a000000u | (uint32_t)(r >> 8 & 0x3ff) : (uint32_t)(r >> 20));
	else
		for (unsigned i = 0; i < 16; i++)
			net.ip.b[i] = r & 1 && i != 7 && i != 15 ? 0x20 : (uint8_t)plain_random(state);
	if ((r & 0x60) == 0x60)
		for (unsigned i = v4 ? 12 : 0; i < 16; i++)
			net.ip.b[i] = r & 0x80 ? 0xff : 0;
	if (r & 2)
		net.bits = (uint8_t)(first + plain_random(state) % (129 - first));
	else if (!v4 && r & 4)
		net.bits = 64;
	for (unsigned bit = net.bits; bit < 128; bit++)
		net.ip.b[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
	return net;
}

/* An address to ask for: the first or last of an entry, just outside it, or any. */
static inline struct ip plain_question(const struct plain_list *list, uint64_t *state, bool v4)
{
	uint64_t r = plain_random(state);
	if (list->n == 0 || r % 4 == 0)
		return plain_network(state, v4).ip;
	struct ip_net net = list->v[(r >> 8) % list->n].net;
	bool is_v4 = plain_is_v4(&net);
	int by = r >> 60 & 1 ? 1 : -1;
	if (r % 4 >= 2)
		for (unsigned bit = net.bits; bit < 128; bit++)
			net.ip.b[bit / 8] |= (uint8_t)(0x80u >> bit % 8);
	if (r % 4 == 3)
		for (int i = 15; i >= (is_v4 ? 12 : 0) && (uint8_t)(net.ip.b[i] += (uint8_t)by) == (by == 1 ? 0 : 0xff); i--)
			;
	return net.ip;
}

#endif
