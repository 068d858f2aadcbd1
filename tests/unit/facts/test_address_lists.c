/* facts/address_lists: which of several lists decides. */
#include "base/clock.h"
#include "base/limits.h"
#include "facts/address_lists.h"
#include "tests/address_test.h"

#include <unistd.h>

static struct address_set *set_of(struct address_build *build, const char *const *nets)
{
	char why[ADDRESS_WHY_MAX];
	struct address_set *set;
	struct span bytes;
	uint16_t class;
	address_build_class(build, &(struct address_class){ SPAN("drop"), SPAN("SBL1"), 0x7f000004 }, &class);
	for (; *nets; nets++) {
		struct ip_net net;
		assert_true(ip_net_parse(span_cstr(*nets), &net));
		address_build_add(build, &net, class);
	}
	assert_int_equal(address_build_finish(build, 0, &bytes), 0);
	assert_int_equal(address_set_read(bytes, "t", why, &set), 0);
	return set;
}

static void decides(void **state)
{
	static const char *const block[] = { "192.0.2.0/24", "!192.0.2.16/28", "198.51.100.0/24", "203.0.113.7", NULL };
	static const char *const allow[] = { "192.0.2.128/25", "198.51.100.0/24", NULL };
	static const struct {
		const char *net, *class;
		bool exclude;
	} live_entries[] = {
		{ "203.0.113.0/24", "trap", false },
		{ "192.0.2.64/26", "none", true },
		{ "192.0.2.96", "trap", false },
		{ "192.0.2.200", "allow", false },
	};
	static const struct {
		const char *asked;
		int list; /* -1: none, 9: live */
		enum address_action action;
		const char *class;
	} cases[] = {
		{ "192.0.2.1", 0, ADDRESS_BLOCK, "drop" },
		{ "192.0.2.17", -1, 0, "" },
		{ "192.0.2.129", 1, ADDRESS_ALLOW, "drop" },
		{ "192.0.2.200", 9, ADDRESS_ALLOW, "allow" },
		{ "192.0.2.70", -1, 0, "" },
		{ "192.0.2.96", 9, ADDRESS_BLOCK, "trap" },
		{ "198.51.100.1", 0, ADDRESS_BLOCK, "drop" },
		{ "203.0.113.7", 0, ADDRESS_BLOCK, "drop" },
		{ "203.0.113.8", 9, ADDRESS_BLOCK, "trap" },
		{ "8.8.8.8", -1, 0, "" },
		{ "2001:db8::1", -1, 0, "" },
	};
	(void)state;
	char folder[] = "/tmp/postern-lists-XXXXXX", path[64], why[ADDRESS_WHY_MAX];
	struct address_live *live;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/live", folder);
	assert_int_equal(address_live_open(path, ADDRESS_LIVE_WRITE, why, &live), 0);
	for (size_t i = 0; i < COUNT(live_entries); i++) {
		struct address_live_entry entry = { .since = 5, .expires = 1000 };
		assert_true(ip_net_parse(span_cstr(live_entries[i].net), &entry.net));
		entry.net.exclude = live_entries[i].exclude;
		snprintf(entry.class, sizeof entry.class, "%s", live_entries[i].class);
		assert_int_equal(address_live_put(live, &entry, 0), 0);
	}
	struct address_build *builds[] = { address_build_new(), address_build_new() };
	struct address_set *sets[] = { set_of(builds[0], block), set_of(builds[1], allow) };
	struct address_lists lists = { .n = 2, .live = live };
	lists.v[0] = (struct address_list){ SPAN("block.set"), ADDRESS_BLOCK, sets[0] };
	lists.v[1] = (struct address_list){ SPAN("allow.set"), ADDRESS_ALLOW, sets[1] };
	assert_true(LIMIT_ADDRESS_LISTS >= 2);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct address_listing listing;
		struct ip ip;
		assert_true(ip_parse(span_cstr(cases[i].asked), &ip));
		bool found = address_lists_find(&lists, &ip, 999, &listing);
		int list = !found ? -1 : listing.list ? (int)(listing.list - lists.v) : 9;
		if (list != cases[i].list ||
		    (found && (listing.action != cases[i].action || !span_eq(listing.class.name, span_cstr(cases[i].class)))))
			fail_msg("%s: list %d, should be %d", cases[i].asked, list, cases[i].list);
		if (found) {
			assert_true(ip_net_has(&listing.net, &ip));
			assert_true(listing.entry.expires == (listing.list ? CLOCK_NONE : 1000));
		}
		/* later the live set says nothing any more */
		if (cases[i].list == 9 && address_lists_find(&lists, &ip, 1000, &listing))
			assert_non_null(listing.list);
	}
	for (unsigned i = 0; i < 2; i++) {
		address_set_close(sets[i]);
		address_build_free(builds[i]);
	}
	address_live_close(live);
	unlink(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(decides) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
