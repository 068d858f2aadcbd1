/* app/trap_gate: who is kept out by one hit and who is not, with and without a name; several within a minute are one; a flood of new
 * addresses is bounded, all together and of one network. */
#include "app/trap_gate.h"
#include "base/clock.h"

#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

static struct settings settings;
static struct trap_pace pace;
static struct address_live *live;
static char path[] = "/tmp/postern-trap-gate-XXXXXX";

static int open_live(void **state)
{
	char why[ADDRESS_WHY_MAX];
	(void)state;
	memset(&pace, 0, sizeof pace);
	settings_defaults(&settings);
	return address_live_open(path, ADDRESS_LIVE_WRITE, why, &live);
}

static int close_live(void **state)
{
	(void)state;
	address_live_close(live);
	return unlink(path);
}

static enum trap_gate_did hit(const char *ip, const struct trap_known *known, bool gathered)
{
	struct trap_gate gate = { .settings = &settings, .pace = &pace, .live = live };
	struct trap_hit hit = { .known = known, .what = "used a false open relay", .gathered = gathered };
	const char *why = NULL;
	assert_true(ip_parse(span_cstr(ip), &hit.ip));
	enum trap_gate_did did = trap_gate_hit(&gate, &hit, &why);
	assert_non_null(why);
	return did;
}

static struct trap_known named(enum gate_name name, const char *text)
{
	struct trap_known known = { .name = name };
	memcpy(known.text, text, strlen(text));
	return known;
}

/* Without a location database the name decides. */
static void by_name(void **state)
{
	(void)state;
	static const struct {
		enum gate_name name;
		const char *text;
		enum trap_gate_did want;
	} cases[] = {
		{ GATE_NAME_NONE, "", TRAP_GATE_NEW },
		{ GATE_NAME_CONFIRMED, "host9.dyn.example.net", TRAP_GATE_NEW },
		{ GATE_NAME_CONFIRMED, "mail-sor-f41.google.com", TRAP_GATE_GUARDED },
		{ GATE_NAME_CONFIRMED, "notgoogle.com", TRAP_GATE_NEW },
		{ GATE_NAME_FALSE, "mail-sor-f41.google.com", TRAP_GATE_NEW }, /* anybody can write that */
		{ GATE_NAME_UNKNOWN, "", TRAP_GATE_UNCHECKED },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct trap_known known = named(cases[i].name, cases[i].text);
		char ip[] = "203.0.113.0";
		ip[10] = (char)('0' + i);
		if (hit(ip, &known, false) != cases[i].want)
			fail_msg("%zu: %s", i, cases[i].text);
	}
	assert_int_equal(hit("203.0.113.99", NULL, false), TRAP_GATE_UNCHECKED);
	assert_int_equal(hit("10.1.2.3", NULL, false), TRAP_GATE_GUARDED);
	assert_int_equal(address_live_count(live), 4);
	struct trap_known allowed = named(GATE_NAME_NONE, "");
	allowed.allowed = true; /* its network stands in allow_addresses */
	assert_int_equal(hit("203.0.113.50", &allowed, false), TRAP_GATE_DECIDED);
}

static void again(void **state)
{
	(void)state;
	struct trap_known none = named(GATE_NAME_NONE, "");
	struct address_live_entry entry, mine = { .class = "allow", .since = clock_now(), .expires = CLOCK_NONE };
	assert_int_equal(hit("203.0.113.1", &none, true), TRAP_GATE_NEW);
	assert_int_equal(hit("203.0.113.1", &none, true), TRAP_GATE_GATHERED);
	assert_int_equal(hit("203.0.113.1", &none, false), TRAP_GATE_KEPT_OUT);
	struct ip ip;
	assert_true(ip_parse(SPAN("203.0.113.1"), &ip));
	assert_true(address_live_find(live, &ip, clock_now(), &entry) && trap_gate_is_ours(&entry) && entry.hits >= 1900);
	assert_true(ip_net_parse(SPAN("198.51.100.0/24"), &mine.net));
	assert_int_equal(address_live_put(live, &mine, clock_now()), 0);
	assert_int_equal(hit("198.51.100.7", &none, false), TRAP_GATE_DECIDED);
}

static void a_flood_is_bounded(void **state)
{
	(void)state;
	struct trap_known none = named(GATE_NAME_NONE, "");
	char text[64];
	unsigned of_net = 0, all = 0;
	int64_t minute = clock_now() / 60;
	for (unsigned i = 0; i < 4 * LIMIT_TRAP_ENTRIES_NET; i++) {
		snprintf(text, sizeof text, "2001:db8:%x::1", i);
		of_net += hit(text, &none, false) == TRAP_GATE_NEW;
	}
	for (unsigned i = 0; i < 4 * LIMIT_TRAP_ENTRIES; i++) {
		snprintf(text, sizeof text, "%u.%u.113.9", 20 + i % 100, i / 100);
		all += hit(text, &none, false) == TRAP_GATE_NEW;
	}
	if (clock_now() / 60 != minute)
		skip(); /* a new minute began under way */
	assert_int_equal(of_net, LIMIT_TRAP_ENTRIES_NET);
	assert_int_equal(all, LIMIT_TRAP_ENTRIES - LIMIT_TRAP_ENTRIES_NET);
	assert_int_equal(hit("2001:db8:1::1", &none, false), TRAP_GATE_KEPT_OUT); /* who is there already is counted as ever */
	assert_int_equal(hit("240.0.113.9", &none, false), TRAP_GATE_NO_ROOM);
	pace.minute--;
	assert_int_equal(hit("240.0.113.9", &none, false), TRAP_GATE_NEW);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(by_name, open_live, close_live),
					    cmocka_unit_test_setup_teardown(again, open_live, close_live),
					    cmocka_unit_test_setup_teardown(a_flood_is_bounded, open_live, close_live) };
	int fd = mkstemp(path);
	if (fd < 0)
		return 1;
	close(fd);
	unlink(path);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
