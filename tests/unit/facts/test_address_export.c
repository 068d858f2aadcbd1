/* facts/address_export: ranges that say of each address what the lists say, joined, and as networks. */
#include "base/clock.h"
#include "facts/address_export.h"
#include "tests/address_test.h"

#include <unistd.h>

struct seen {
	struct address_range ranges[4096];
	struct address_listing listings[4096];
	size_t n;
	uint64_t networks;
	struct ip next; /* behind the last network */
};

static bool keep(void *context, const struct address_range *range)
{
	struct seen *seen = context;
	assert_true(seen->n < COUNT(seen->ranges));
	seen->ranges[seen->n] = *range;
	seen->listings[seen->n++] = *range->listing;
	return true;
}

static void count_network(void *context, const struct ip_net *net)
{
	struct seen *seen = context;
	if (seen->networks++ == 0)
		assert_true(ip_eq(&net->ip, &seen->ranges[0].first));
}

static void as_the_lists(void **state)
{
	(void)state;
	static struct plain_list plain;
	static struct seen seen;
	char folder[] = "/tmp/postern-export-XXXXXX", path[64], why[ADDRESS_WHY_MAX];
	uint64_t seed = 12;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/live", folder);
	for (unsigned round = 0; round < 20; round++) {
		struct address_build *builds[2] = { address_build_new(), address_build_new() };
		struct address_set *sets[2];
		struct address_live *live;
		assert_int_equal(address_live_open(path, ADDRESS_LIVE_WRITE, why, &live), 0);
		struct address_lists lists = { .n = 2, .live = live };
		plain.n = 0;
		for (unsigned i = 0; i < 2; i++) {
			struct span bytes;
			uint16_t class;
			address_build_class(builds[i], &(struct address_class){ SPAN("x"), span_none, i }, &class);
			for (unsigned k = 0; k < 60; k++) {
				struct ip_net net = plain_network(&seed, plain_random(&seed) & 1);
				net.exclude = plain_random(&seed) % 4 == 0;
				address_build_add(builds[i], &net, class);
				plain.v[plain.n++].net = net;
			}
			assert_int_equal(address_build_finish(builds[i], 0, &bytes), 0);
			assert_int_equal(address_set_read(bytes, "t", why, &sets[i]), 0);
			lists.v[i] = (struct address_list){ SPAN("t"), i ? ADDRESS_ALLOW : ADDRESS_BLOCK, sets[i] };
		}
		for (unsigned k = 0; k < 20; k++) {
			struct address_live_entry entry = { .net = plain_network(&seed, plain_random(&seed) & 1),
							    .expires = 50 + (int)k * 5 };
			entry.net.exclude = k % 3 == 0;
			assert_int_equal(address_live_put(live, &entry, 0), 0);
			plain.v[plain.n++].net = entry.net;
		}
		seen.n = 0;
		assert_true(address_export_each(&lists, 100, keep, &seen));
		for (unsigned k = 0; k < 2000; k++) {
			struct ip ip = plain_question(&plain, &seed, plain_random(&seed) & 1);
			struct address_listing listing;
			bool found = address_lists_find(&lists, &ip, 100, &listing);
			const struct address_range *in = NULL;
			for (size_t i = 0; i < seen.n; i++)
				if (ip_is_v4(&seen.ranges[i].first) == ip_is_v4(&ip) && memcmp(seen.ranges[i].first.b, ip.b, 16) <= 0 &&
				    memcmp(ip.b, seen.ranges[i].last.b, 16) <= 0) {
					assert_null(in); /* they do not overlap */
					in = &seen.ranges[i];
				}
			assert_true(found == !!in);
			if (in)
				assert_true(seen.listings[in - seen.ranges].action == listing.action &&
					    seen.listings[in - seen.ranges].list == listing.list);
		}
		seen.networks = 0;
		if (seen.n)
			address_export_networks(&seen.ranges[0], count_network, &seen);
		assert_true(seen.networks <= 254);
		for (unsigned i = 0; i < 2; i++) {
			address_set_close(sets[i]);
			address_build_free(builds[i]);
		}
		address_live_close(live);
		unlink(path);
	}
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(as_the_lists) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
