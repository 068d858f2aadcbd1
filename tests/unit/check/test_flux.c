/* check/flux: 200 honest content networks that must be silent, 100 fluxing sites that must not, all simulated as zones; the figures are
 * printed. */
#include "app/pipeline.h"
#include "base/clock.h"
#include "tests/test.h"
#include "tests/zone_test.h"

static struct arena arena;
static uint32_t seed;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

struct machine {
	uint32_t ip;
	unsigned as;
	const char *name; /* with %u for octets in order, or "" */
};

/* A kind of honest site: how many addresses, how scattered, how long they live, what the machines are called. */
static const struct family {
	const char *what;
	unsigned least, most, nets, systems; /* addresses; /16 networks and AS they are drawn from */
	unsigned ttl_least, ttl_most;
	const char *names[4];
	const char *servers[3]; /* name servers; "=": on the first machines of the site; NULL: of a hosting firm */
} families[] = {
	{ "one content network", 4, 4, 2, 1, 60, 60, { "server-%u-%u-%u-%u.fra50.r.cloudnet.net" } },
	{ "caches in many providers", 2, 9, 8, 3, 20, 20, { "a%u-%u-%u-%u.deploy.static.cachetech.com" } },
	{ "nameless caches", 4, 4, 2, 1, 30, 300, { "" }, { "", "" } },
	{ "nameless caches in many networks", 5, 9, 9, 9, 30, 300, { "" }, { "ns-%u.awsdns-%u.org", "ns2.p201.dns.net", "" } },
	{ "anycast", 2, 3, 2, 1, 300, 300, { "" } },
	{ "search engine", 6, 6, 4, 1, 300, 300, { "fra16s50-in-f14.1e200.net" } },
	{ "load balancer in a cloud", 3, 8, 8, 1, 60, 60, { "ec2-%u-%u-%u-%u.eu-central-1.compute.amazonaws.com" } },
	{ "two clouds", 4, 8, 8, 2, 30, 60, { "ec2-%u-%u-%u-%u.compute-1.amazonaws.com", "%u.%u.%u.%u.bc.googleusercontent.com" } },
	{ "several content networks",
	  3,
	  8,
	  8,
	  4,
	  30,
	  120,
	  { "", "server-%u-%u-%u-%u.ams1.r.cloudnet.net", "a%u-%u-%u-%u.deploy.static.cachetech.com", "" } },
	{ "small firm on a fixed line", 1, 2, 2, 2, 300, 3600, { "%u-%u-%u-%u.static.isp.net", "static-%u-%u-%u-%u.business.line.net" } },
	{ "rented servers",
	  1,
	  4,
	  4,
	  2,
	  300,
	  3600,
	  { "static.%u.%u.%u.%u.clients.your-server.de", "vps-%u-%u-%u-%u.hoster.net" },
	  { "=", "=" } },
	{ "caches named by providers", 3, 6, 4, 4, 20, 60, { "cache-%u-%u-%u-%u.cdn.provider.net", "oca%u-%u-%u-%u.isp.videonet.net" } },
	{ "volunteers",
	  4,
	  4,
	  4,
	  4,
	  150,
	  150,
	  { "time.uni-city.de", "ns1.hobby.org", "dsl-%u-%u-%u-%u.pool.isp.net", "ntp.firm.com" },
	  { "=", "=", "dsl-%u-%u-%u-%u.pool.isp.net" } },
	{ "mirrors of universities", 6, 10, 10, 10, 60, 300, { "mirror.uni-a.de", "ftp.uni-b.fr", "mirrors.uni-c.edu", "" } },
	{ "a home server", 1, 1, 1, 1, 3600, 86400, { "p5d8184e2.dip0.isp.net" }, { "=", "ns2.free-secondary.net" } },
	{ "a home server on a changing address",
	  1,
	  1,
	  1,
	  1,
	  60,
	  60,
	  { "www.somebody.name" },
	  { "=", "c-%u-%u-%u-%u.hsd1.ca.cable.net", "ns1.friend.org" } },
};

/* Names of hijacked machines. */
static const char *const homes[] = { "c-%u-%u-%u-%u.hsd1.ca.cable.net",
				     "dsl-%u-%u-%u-%u.pool.isp.net",
				     "pool-%u-%u-%u-%u.bltmmd.fios.net",
				     "%u-%u-%u-%u.dynamic.provider.ru",
				     "ip-%u-%u-%u-%u.dyn.kabelnetz.de",
				     "%u.%u.%u.%u.adsl.telecom.br",
				     "cpe-%u-%u-%u-%u.res.rr.net",
				     "ppp%u-%u-%u-%u.dialup.access.tr",
				     "host%u-%u-%u-%u.range86.btcentral.net",
				     "modemcable%u.%u-%u-%u.mc.videocable.ca",
				     "%u-%u-%u-%u.customer.lyse.no",
				     "xdsl-%u-%u-%u-%u.netkoeln.de",
				     "",
				     "" };

static void put_machine(struct buf *zone, const struct machine *m)
{
	unsigned a = m->ip >> 24, b = m->ip >> 16 & 255, c = m->ip >> 8 & 255, d = m->ip & 255;
	if (*m->name) {
		struct span name = span_cstr(m->name);
		unsigned octets[4] = { a, b, c, d }, used = 0;
		buf_printf(zone, ", \"%u.%u.%u.%u.in-addr.arpa\": [{\"PTR\": \"", d, c, b, a);
		for (size_t i = 0; i < name.n; i++)
			if (name.p[i] == '%') {
				buf_printf(zone, "%u", octets[used++ & 3]);
				i++;
			} else {
				buf_byte(zone, name.p[i]);
			}
		buf_cstr(zone, "\"}]");
	}
	buf_printf(zone, ", \"%u.%u.%u.%u\": [{\"NETWORK\": \"AS%u NZ %u.%u.0.0/16 Somebody\"}]", a, b, c, d, m->as, a, b);
}

static void put_address(struct buf *zone, const struct machine *m, const char *before, unsigned ttl)
{
	buf_printf(zone, "%s{\"A\": \"%u.%u.%u.%u\", \"ttl\": %u}", before, m->ip >> 24, m->ip >> 16 & 255, m->ip >> 8 & 255, m->ip & 255,
		   ttl);
}

static const char *judge_zone(const char *text);

/* The site on these machines, its name servers on those. */
static const char *judge_with(const struct machine *machines, unsigned n, unsigned ttl, const struct machine *servers, unsigned n_servers)
{
	struct buf zone;
	buf_init(&zone, &arena, 1 << 16);
	buf_cstr(&zone, "{\"sender.org\": [{\"MX\": [10, \"mx.sender.org\"]}], \"www.site.com\": [");
	for (unsigned i = 0; i < n; i++)
		put_address(&zone, &machines[i], i ? ", " : "", ttl);
	buf_cstr(&zone, "], \"site.com\": [");
	for (unsigned i = 0; i < n_servers; i++)
		buf_printf(&zone, "%s{\"NS\": \"ns%u.servers.net\"}", i ? ", " : "", i);
	buf_cstr(&zone, "]");
	for (unsigned i = 0; i < n; i++)
		put_machine(&zone, &machines[i]);
	for (unsigned i = 0; i < n_servers; i++) {
		bool again = false;
		buf_printf(&zone, ", \"ns%u.servers.net\": [", i);
		put_address(&zone, &servers[i], "", ttl);
		buf_cstr(&zone, "]");
		for (unsigned k = 0; k < n; k++)
			again |= machines[k].ip == servers[i].ip;
		if (!again)
			put_machine(&zone, &servers[i]);
	}
	buf_cstr(&zone, "}");
	buf_byte(&zone, 0);
	return judge_zone((const char *)zone.p);
}

static const struct machine hosted[] = { { 0xc0a00035, 64999, "ns1.hosting-firm.net" }, { 0xc1a00035, 64998, "ns2.hosting-firm.net" } };

static const char *judge(const struct machine *machines, unsigned n, unsigned ttl)
{
	return judge_with(machines, n, ttl, hosted, COUNT(hosted));
}

static const char *judge_zone(const char *text)
{
	const char *found;
	struct zone *zone = zone_test(text, &arena);
	struct pipeline_options o = { .now = CLOCK_NONE, .zone = zone };
	struct pipeline pipeline;
	struct judgement j;
	settings_defaults(&o.settings);
	pipeline_init(&pipeline, &o);
	pipeline_judge(&pipeline, SPAN("From: a@sender.org\nSubject: hello\n\nsee http://www.site.com/offer\n"), &j);
	found = NULL;
	for (uint32_t i = 0; i < j.evidence.list.n; i++)
		if (strncmp(j.evidence.list.v[i].def->id, "flux.", 5) == 0)
			found = j.evidence.list.v[i].def->id;
	pipeline_release(&pipeline);
	zone_free(zone);
	return found;
}

static void honest_networks(void **state)
{
	enum { SITES = 200 };
	unsigned fired = 0;
	(void)state;
	seed = 4711;
	for (unsigned i = 0; i < SITES; i++) {
		const struct family *f = &families[i % COUNT(families)];
		struct machine machines[16];
		unsigned n = f->least + dice(f->most - f->least + 1), names = 0, base = 20 + dice(150);
		while (names < COUNT(f->names) && f->names[names])
			names++;
		for (unsigned k = 0; k < n; k++) {
			unsigned net = dice(f->nets);
			machines[k] = (struct machine){ .ip = (base + net * 3 % 60) << 24 | (net * 37 % 250) << 16 | dice(65536),
							.as = 64500 + net % f->systems,
							.name = f->names[k % names] };
		}
		struct machine servers[COUNT(f->servers)];
		unsigned n_servers = 0;
		for (; n_servers < COUNT(f->servers) && f->servers[n_servers]; n_servers++) {
			bool same = strcmp(f->servers[n_servers], "=") == 0;
			servers[n_servers] =
			    same ? machines[n_servers % n]
				 : (struct machine){ (base + 7 + n_servers) << 24 | dice(1 << 24), 64490, f->servers[n_servers] };
		}
		unsigned ttl = f->ttl_least + dice(f->ttl_most - f->ttl_least + 1);
		const char *found = n_servers ? judge_with(machines, n, ttl, servers, n_servers) : judge(machines, n, ttl);
		if (found) {
			print_message("# %s (%u addresses): %s\n", f->what, n, found);
			fired++;
		}
	}
	print_message("# honest content networks that fire: %u of %u\n", fired, SITES);
	assert_int_equal(fired, 0);
}

static void fluxing_sites(void **state)
{
	enum { SITES = 100 };
	unsigned strong = 0, weak = 0, hidden = 0, missed = 0;
	(void)state;
	seed = 815;
	for (unsigned i = 0; i < SITES; i++) {
		struct machine machines[16];
		unsigned n = 4 + dice(9);
		for (unsigned k = 0; k < n; k++)
			machines[k] = (struct machine){ .ip = (20 + dice(180)) << 24 | dice(1 << 24),
							.as = 64500 + dice(60),
							.name = homes[dice(COUNT(homes))] };
		struct machine servers[3];
		for (unsigned k = 0; k < COUNT(servers); k++)
			servers[k] =
			    (struct machine){ (20 + dice(180)) << 24 | dice(1 << 24), 64500 + dice(60), homes[dice(COUNT(homes))] };
		unsigned ttl = dice(600);
		const char *found = judge(machines, n, ttl);
		const char *with = judge_with(machines, n, ttl, servers, COUNT(servers));
		hidden += with && strcmp(with, "flux.strong") == 0;
		missed += !with;
		strong += found && strcmp(found, "flux.strong") == 0;
		weak += found && strcmp(found, "flux.strong") != 0;
	}
	print_message("# fluxing sites: %u of %u found strongly, %u weakly, by one look-up of the site\n", strong, SITES, weak);
	print_message("# with name servers on such machines, too: %u strongly, %u not at all\n", hidden, missed);
	assert_true(hidden > strong && missed <= SITES - strong - weak);
	assert_true(strong >= 85);
	assert_true(strong + weak >= 90);
}

static void single_cases(void **state)
{
	(void)state;
	struct machine pool[] = { { 0x5d8184e2, 64500, "dsl-%u-%u-%u-%u.pool.isp.net" } };
	assert_string_equal(judge(pool, 1, 60), "flux.home");
	assert_null(judge(pool, 1, 86400)); /* one who stays */
	struct machine two[] = { { 0x5d8184e2, 64500, "dsl-%u-%u-%u-%u.pool.isp.net" },
				 { 0x3d8184e2, 64501, "c-%u-%u-%u-%u.cable.isp.net" },
				 { 0x2d8184e2, 64502, "www.hoster.net" } };
	assert_string_equal(judge(two, 3, 60), "flux.weak");
	assert_null(judge(two, 3, 86400));
	struct machine nameless[8];
	for (unsigned i = 0; i < COUNT(nameless); i++)
		nameless[i] = (struct machine){ (30 + i) << 24 | 0x12345, 64500 + i, "" };
	assert_null(judge(nameless, 8, 60)); /* its name servers have names: caches in many places */
	assert_string_equal(judge_with(nameless, 8, 60, nameless, 2), "flux.scattered");
	assert_null(judge_with(nameless, 8, 7200, nameless, 2));
	assert_null(judge_with(nameless, 8, 60, nameless, 0));

	/* name servers at home: of two, of one, and one of three */
	struct machine server[] = { { 0x9c010203, 64700, "cpe-%u-%u-%u-%u.res.rr.net" },
				    { 0x8c010203, 64701, "dsl-%u-%u-%u-%u.pool.isp.net" },
				    { 0x7c010203, 64702, "ns1.hoster.net" } };
	assert_string_equal(judge_with(two, 3, 60, server, 2), "flux.strong");
	assert_string_equal(judge_with(two, 3, 60, server, 1), "flux.weak");
	assert_string_equal(judge_with(pool, 1, 60, server, 3), "flux.name_servers");
	assert_string_equal(judge_with(pool, 1, 60, server + 1, 2), "flux.home");
	assert_string_equal(judge_with(nameless, 3, 60, server, 3), "flux.name_servers");
	assert_null(judge_with(nameless, 3, 60, server + 1, 2));
	assert_null(judge_with(nameless, 1, 60, server, 2)); /* nothing odd about the site: nobody asks */
	assert_null(judge(NULL, 0, 60));
}

/* Sites that have IPv6 alone: /32 for /16. */
static void ipv6_only(void **state)
{
	static const char text[] =
	    "{\"www.site.com\": [{\"AAAA\": \"2001:db8:1::1\", \"ttl\": 60}, {\"AAAA\": \"2a02:1:1::1\"}, {\"AAAA\": \"2a03:1:1::1\"}, "
	    "{\"AAAA\": "
	    "\"%s\"}],"
	    "\"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.1.0.0.0.2.0.a.2.ip6.arpa\": [{\"PTR\": \"h1.dyn.telecom.br\"}],"
	    "\"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.1.0.0.0.3.0.a.2.ip6.arpa\": [{\"PTR\": \"x7.pool.isp.net\"}],"
	    "\"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.1.0.0.0.%s.0.a.2.ip6.arpa\": [{\"PTR\": \"y8.dialup.isp.tr\"}]}";
	(void)state;
	assert_string_equal(judge_zone((const char *)arena_printf(&arena, text, "2a04:1:2::1", "4").p), "flux.strong");
	assert_string_equal(judge_zone((const char *)arena_printf(&arena, text, "2001:db8:2::1", "4").p), "flux.weak");
}

/* A look-up that failed is said; sites of one's own, and outgoing mail, are not looked up. */
static void unchecked(void **state)
{
	(void)state;
	struct zone *zone = zone_test("{\"www.site.com\": \"TIMEOUT\", \"sender.org\": [{\"MX\": [10, \"mx.sender.org\"]}]}", &arena);
	struct span own = SPAN("site.com");
	for (int mine = 0; mine < 2; mine++) {
		struct pipeline_options o = { .now = CLOCK_NONE, .zone = zone };
		struct pipeline pipeline;
		struct judgement j;
		bool said = false;
		settings_defaults(&o.settings);
		o.settings.local_domains.v = &own;
		o.settings.local_domains.n = (size_t)mine;
		pipeline_init(&pipeline, &o);
		pipeline_judge(&pipeline, SPAN("From: a@sender.org\nSubject: hello\n\nsee http://www.site.com/offer\n"), &j);
		for (uint32_t i = 0; i < j.evidence.unchecked.n; i++)
			said |= strcmp(j.evidence.unchecked.v[i].check, "flux") == 0 && j.evidence.unchecked.v[i].temporary &&
				span_has(j.evidence.unchecked.v[i].why, SPAN("the question for A of www.site.com timed out"));
		assert_int_equal(said, !mine);
		pipeline_release(&pipeline);
	}
	zone_free(zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(honest_networks), cmocka_unit_test(fluxing_sites),
					    cmocka_unit_test(single_cases), cmocka_unit_test(ipv6_only), cmocka_unit_test(unchecked) };
	arena_init(&arena);
	pipeline_warm_up();
	int failed = cmocka_run_group_tests_name("check/flux", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
