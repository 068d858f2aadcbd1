/* tests/fuzz/fuzz_address_set.c - a generation built from the bytes; then bytes of it are changed, as the bytes say, under a right
 * checksum: it is refused, or looked up in and enumerated without leaving the file. The first byte says how many entries there are. */
#include "base/cursor.h"
#include "facts/address_build.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <xxhash.h>

enum { ENTRY = 18, CHANGE = 4, ASKED = 32 };

static struct ip_net net_of(struct span b)
{
	struct ip_net net = { .bits = b.p[16] & 0x7f };
	memcpy(net.ip.b, b.p, 16);
	if (b.p[16] & 0x80) {
		net.ip = ip_from_v4((uint32_t)b.p[0] << 24 | (uint32_t)b.p[1] << 16 | (uint32_t)b.p[2] << 8 | b.p[3]);
		net.bits = (uint8_t)(96 + net.bits % 33);
	} else {
		net.bits += net.bits == 0x7f;
	}
	return net;
}

static bool count(void *context, const struct ip_net *net, uint16_t class)
{
	uint64_t *left = context;
	(void)class;
	if (net->bits > 128)
		abort();
	return --*left > 0;
}

static void look(const struct address_set *set, struct span data)
{
	struct ip asked[ASKED];
	struct address_match matches[ASKED], match;
	bool found[ASKED];
	uint64_t left = 100000;
	for (size_t i = 0; i < ASKED; i++) {
		struct span b = span_slice(data, i * ENTRY, i * ENTRY + ENTRY);
		asked[i] = b.n == ENTRY ? net_of(b).ip : ip_from_v4((uint32_t)i << 27);
	}
	address_set_find_many(set, asked, ASKED, matches, found);
	for (size_t i = 0; i < ASKED; i++) {
		if (address_set_find(set, &asked[i], &match) != found[i] || (found[i] && match.class != matches[i].class))
			abort();
		if (found[i])
			address_set_class(set, match.class);
	}
	address_set_each(set, count, &left);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(span_of(data, size));
	struct address_build *build = address_build_new();
	struct address_set *set;
	struct span bytes;
	char why[ADDRESS_WHY_MAX];
	uint16_t class = 0;
	for (unsigned n = cursor_u8(&c); n && cursor_left(&c) >= ENTRY; n--) {
		struct span entry = cursor_take(&c, ENTRY);
		struct ip_net net = net_of(entry);
		address_build_class(build, &(struct address_class){ SPAN("x"), span_none, entry.p[17] }, &class);
		address_build_add(build, &net, class);
	}
	if (address_build_finish(build, 0, &bytes) < 0)
		abort();
	uint8_t *copy = malloc(bytes.n); /* not a byte more, for the sanitizer to see */
	memcpy(copy, bytes.p, bytes.n);
	bool changed = cursor_left(&c) >= CHANGE;
	while (cursor_left(&c) >= CHANGE) {
		uint16_t at = cursor_u16(&c);
		copy[at % (bytes.n - 8)] ^= cursor_u8(&c);
		copy[(at + 1u) % (bytes.n - 8)] ^= cursor_u8(&c);
	}
	uint64_t sum = XXH3_64bits(copy, bytes.n - 8);
	memcpy(copy + bytes.n - 8, &sum, 8);
	int err = address_set_read(span_of(copy, bytes.n), "fuzz", why, &set);
	if (err == 0) {
		look(set, span_of(data, size));
		address_set_close(set);
	} else if (!changed) {
		abort();
	}
	free(copy);
	address_build_free(build);
	return 0;
}
