/* tests/bench/addresses.c - a set of ten million addresses and 100,000 networks: how long it takes to build, how large it is, and what a
 * look-up costs, beside one read of a random line of as much memory, which is the least that any look-up can cost: when the processor may
 * read several at once, and when each read must wait for the one before, as the first one of a single look-up does. */
#include "facts/address_build.h"
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOSTS = 10000000, NETWORKS = 100000, LOOKS = 4 * 1024 * 1024, BATCH = 64, LINE = 64, CLIENTS = 100000 };

static uint64_t random64(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545F4914F6CDD1Du;
}

static void fill(struct address_build *build, uint64_t *seed)
{
	uint16_t class;
	address_build_class(build, &(struct address_class){ SPAN("block"), span_none, 0x7f000002 }, &class);
	for (unsigned i = 0; i < HOSTS + NETWORKS; i++) {
		uint64_t r = random64(seed);
		struct ip_net net = { ip_from_v4((uint32_t)(r >> 32)), (uint8_t)(i < HOSTS ? 128 : 96 + 16 + r % 13), false };
		address_build_add(build, &net, class);
	}
}

static double each(uint64_t began) { return (double)(microseconds() - began) * 1000 / LOOKS; }

/* chained: the place of each read depends on what the one before brought. */
static double read_lines(const uint8_t *memory, size_t n, uint64_t seed, bool chained)
{
	uint64_t sum = 0, lines = n / LINE, began = microseconds();
	for (unsigned i = 0; i < LOOKS; i++)
		sum += memory[((random64(&seed) >> 32) + (chained ? sum & 1 : 0)) * lines / ((uint64_t)UINT32_MAX + 2) * LINE];
	double ns = each(began);
	return sum == 1 ? 0 : ns;
}

static void look(const struct address_set *set, const struct ip *asked, const char *what)
{
	struct address_match match, matches[BATCH];
	bool found[BATCH];
	uint64_t listed = 0, again = 0, began = microseconds();
	for (unsigned i = 0; i < LOOKS; i++)
		listed += address_set_find(set, &asked[i], &match);
	double single = each(began);
	began = microseconds();
	for (unsigned i = 0; i < LOOKS; i += BATCH) {
		address_set_find_many(set, asked + i, BATCH, matches, found);
		for (unsigned k = 0; k < BATCH; k++)
			again += found[k];
	}
	printf("  look-up, %-16s %5.1f ns each, %5.1f ns in batches of %d%s\n", what, single, each(began), BATCH,
	       listed == again ? "" : ", AND THEY DISAGREE");
}

/* By Zipf's law: of 100,000 clients, half of them listed, the one of rank k comes 1/k as often as the first. */
static void as_clients_come(struct ip *asked, const struct ip *listed, uint64_t *seed)
{
	double *up_to = malloc(CLIENTS * sizeof *up_to), all = 0;
	struct ip *clients = malloc(CLIENTS * sizeof *clients);
	for (unsigned i = 0; i < CLIENTS; i++) {
		up_to[i] = all += 1.0 / (i + 1);
		clients[i] = i & 1 ? listed[i] : ip_from_v4((uint32_t)(random64(seed) >> 32));
	}
	for (unsigned i = 0; i < LOOKS; i++) {
		double at = (double)(random64(seed) >> 11) * 0x1p-53 * all;
		unsigned first = 0, last = CLIENTS - 1;
		while (first < last) {
			unsigned middle = (first + last) / 2;
			if (up_to[middle] < at)
				first = middle + 1;
			else
				last = middle;
		}
		asked[i] = clients[first];
	}
	free(clients);
	free(up_to);
}

void addresses_bench(void)
{
	struct address_build *build = address_build_new();
	struct address_set *set;
	struct span bytes;
	char why[ADDRESS_WHY_MAX];
	uint64_t seed = 5, began = microseconds();
	fill(build, &seed);
	if (address_build_finish(build, 0, &bytes) < 0 || address_set_read(bytes, "bench", why, &set) < 0)
		abort();
	uint64_t entries = address_set_size(set).entries;
	printf("addresses: %d random ones and %d networks of IPv4\n", HOSTS, NETWORKS);
	printf("  build %.2f s, %.1f bits an entry\n", (double)(microseconds() - began) / 1e6, (double)bytes.n * 8 / (double)entries);
	printf("  one read of a random line of those %zu MB: %.1f ns, %.1f ns when each waits for the one before\n", bytes.n >> 20,
	       read_lines(bytes.p, bytes.n, seed, false), read_lines(bytes.p, bytes.n, seed, true));
	struct ip *asked = malloc(LOOKS * sizeof *asked), *listed = malloc(LOOKS * sizeof *listed);
	uint64_t again = 5; /* the first four million of the list again, in disorder */
	for (unsigned i = 0; i < LOOKS; i++) {
		asked[i] = ip_from_v4((uint32_t)(random64(&seed) >> 32));
		listed[i] = ip_from_v4((uint32_t)(random64(&again) >> 32));
	}
	look(set, asked, "any address");
	look(set, listed, "listed ones");
	for (unsigned i = 0; i < LOOKS; i++)
		asked[i] = random64(&seed) & 1 ? listed[i] : asked[i];
	look(set, asked, "half of them");
	as_clients_come(asked, listed, &seed);
	look(set, asked, "100,000 clients");
	free(listed);
	free(asked);
	address_set_close(set);
	address_build_free(build);
}
