/* session/dns_zone_engine: what each question is answered, as RFC 5782 and RFC 1035 have it, and what no packet may do. */
#include "base/clock.h"
#include "session/dns_zone_engine.h"
#include "tests/address_test.h"

static struct address_build *build;
static struct address_set *set;
static struct address_lists lists;
static struct dns_zone zone;

static int make_zone(void **state)
{
	static const struct {
		const char *net, *text;
		uint32_t answer;
	} entries[] = {
		{ "192.0.2.0/24", "listed: $, and that costs $$5", 0x7f000004 },
		{ "!192.0.2.128/25", "", 0 },
		{ "2001:db8::/32", "", 0x7f000002 },
	};
	char why[ADDRESS_WHY_MAX];
	struct span bytes;
	uint16_t class;
	(void)state;
	build = address_build_new();
	for (size_t i = 0; i < COUNT(entries); i++) {
		struct ip_net net;
		assert_true(ip_net_parse(span_cstr(entries[i].net), &net));
		address_build_class(build, &(struct address_class){ SPAN("x"), span_cstr(entries[i].text), entries[i].answer }, &class);
		address_build_add(build, &net, class);
	}
	assert_int_equal(address_build_finish(build, 0, &bytes), 0);
	assert_int_equal(address_set_read(bytes, "t", why, &set), 0);
	lists.n = 1;
	lists.v[0] = (struct address_list){ SPAN("t"), ADDRESS_BLOCK, set };
	return !dns_zone_init(&zone, SPAN("Bl.example.org."), SPAN("ns.example.org"), &lists);
}

static int drop_zone(void **state)
{
	(void)state;
	address_set_close(set);
	address_build_free(build);
	return 0;
}

struct packet {
	uint8_t b[600];
	size_t n;
};

static struct packet question(const char *name, unsigned type, unsigned edns)
{
	struct packet p = { .n = 12 };
	static const uint8_t header[12] = { 0x12, 0x34, 0x01, 0, 0, 1 };
	struct span rest = span_cstr(name), label;
	memcpy(p.b, header, 12);
	while (*name && span_split(&rest, '.', &label)) {
		p.b[p.n++] = (uint8_t)label.n;
		memcpy(p.b + p.n, label.p, label.n);
		p.n += label.n;
	}
	const uint8_t end[5] = { 0, (uint8_t)(type >> 8), (uint8_t)type, 0, 1 };
	memcpy(p.b + p.n, end, 5);
	p.n += 5;
	if (edns) {
		const uint8_t opt[11] = { 0, 0, 41, (uint8_t)(edns >> 8), (uint8_t)edns };
		memcpy(p.b + p.n, opt, 11);
		p.n += 11;
		p.b[11] = 1;
	}
	return p;
}

static size_t ask(const struct packet *p, bool tcp, uint8_t out[DNS_ZONE_ANSWER_MAX], enum dns_zone_outcome *outcome)
{
	return dns_zone_answer(&zone, span_of(p->b, p->n), tcp, 100, out, outcome);
}

#define V6(low) low ".0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example.org"

static void answers(void **state)
{
	enum { A = 1, NS = 2, SOA = 6, TXT = 16, AAAA = 28, ANY = 255 };
	static const struct {
		const char *name;
		unsigned type, rcode, answers, authorities;
		const char *holds; /* bytes that stand in the answer */
		enum dns_zone_outcome outcome;
	} cases[] = {
		{ "7.2.0.192.bl.example.org", A, 0, 1, 0, "\x7f\0\0\x04", DNS_ZONE_LISTED },
		{ "7.2.0.192.BL.Example.ORG", A, 0, 1, 0, "\x7f\0\0\x04", DNS_ZONE_LISTED },
		{ "7.2.0.192.bl.example.org", TXT, 0, 1, 0, "\x24listed: 192.0.2.7, and that costs $5", DNS_ZONE_LISTED },
		{ "7.2.0.192.bl.example.org", ANY, 0, 2, 0, "", DNS_ZONE_LISTED },
		{ "7.2.0.192.bl.example.org", AAAA, 0, 0, 1, "\2ns\7example\3org", DNS_ZONE_LISTED },
		{ "129.2.0.192.bl.example.org", A, 3, 0, 1, "\12hostmaster\2ns", DNS_ZONE_NOT_LISTED },
		{ "7.3.0.192.bl.example.org", A, 3, 0, 1, "", DNS_ZONE_NOT_LISTED },
		{ "2.0.0.127.bl.example.org", A, 0, 1, 0, "\x7f\0\0\x02", DNS_ZONE_LISTED },
		{ "2.0.0.127.bl.example.org", TXT, 0, 1, 0, "127.0.0.2 is always listed", DNS_ZONE_LISTED },
		{ "1.0.0.127.bl.example.org", A, 3, 0, 1, "", DNS_ZONE_NOT_LISTED },
		{ V6("1"), A, 0, 1, 0, "\x7f\0\0\x02", DNS_ZONE_LISTED },
		{ V6("F"), TXT, 0, 1, 0, "2001:db8::f is listed", DNS_ZONE_LISTED },
		{ "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example.org", A, 0, 1, 0, "\x7f\0\0\x02",
		  DNS_ZONE_LISTED },
		{ "1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example.org", A, 3, 0, 1, "", DNS_ZONE_NOT_LISTED },
		{ "bl.example.org", SOA, 0, 1, 0, "", DNS_ZONE_OWN },
		{ "bl.example.org", NS, 0, 1, 0, "", DNS_ZONE_OWN },
		{ "bl.example.org", ANY, 0, 2, 0, "", DNS_ZONE_OWN },
		{ "bl.example.org", A, 0, 0, 1, "", DNS_ZONE_OWN },
		{ "192.bl.example.org", A, 0, 0, 1, "", DNS_ZONE_OWN },
		{ "b.d.bl.example.org", A, 0, 0, 1, "", DNS_ZONE_OWN },
		{ "www.bl.example.org", A, 3, 0, 1, "", DNS_ZONE_OWN },
		{ "256.2.0.192.bl.example.org", A, 3, 0, 1, "", DNS_ZONE_OWN },
		{ "07.2.0.192.bl.example.org", A, 3, 0, 1, "", DNS_ZONE_OWN },
		{ "0.7.2.0.192.bl.example.org", A, 3, 0, 1, "", DNS_ZONE_OWN },
		{ "example.org", A, 5, 0, 0, "", DNS_ZONE_REFUSED },
		{ "xbl.example.org", A, 5, 0, 0, "", DNS_ZONE_REFUSED },
		{ "", NS, 5, 0, 0, "", DNS_ZONE_REFUSED },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (unsigned edns = 0; edns <= 1232; edns += 616) {
			uint8_t out[DNS_ZONE_ANSWER_MAX];
			enum dns_zone_outcome outcome;
			struct packet p = question(cases[i].name, cases[i].type, edns);
			size_t n = ask(&p, edns == 616, out, &outcome);
			size_t holds_n = cases[i].outcome == DNS_ZONE_LISTED && cases[i].type == 1 ? 4 : strlen(cases[i].holds);
			bool good = n > 12 && out[0] == 0x12 && out[1] == 0x34 && (out[2] & 0xfb) == 0x81 &&
				    (out[3] & 15) == cases[i].rcode && out[7] == cases[i].answers && out[9] == cases[i].authorities &&
				    out[11] == (edns > 0) && outcome == cases[i].outcome &&
				    span_has(span_of(out, n), span_of(cases[i].holds, holds_n)) &&
				    (out[2] >> 2 & 1) == (cases[i].rcode != 5);
			if (!good)
				fail_msg("%s %u: %zu bytes, flags %02x%02x, %u answers, %u authorities, outcome %d", cases[i].name,
					 cases[i].type, n, out[2], out[3], out[7], out[9], outcome);
		}
}

static void odd_packets(void **state)
{
	(void)state;
	uint8_t out[DNS_ZONE_ANSWER_MAX];
	enum dns_zone_outcome outcome;
	struct packet good = question("7.2.0.192.bl.example.org", 1, 1232), p = good;
	for (size_t n = 0; n < good.n; n++) { /* cut anywhere: silence, or FORMERR */
		p.n = n;
		size_t got = ask(&p, false, out, &outcome);
		assert_true(n < 12 ? got == 0 && outcome == DNS_ZONE_SILENT : (got == 12 || got == 23) && (out[3] & 15) == 1);
	}
	p = good;
	p.b[2] |= 0x80; /* an answer */
	assert_int_equal(ask(&p, false, out, &outcome), 0);
	p = good;
	p.b[2] |= 0x28; /* an update */
	assert_true(ask(&p, false, out, &outcome) == 12 && (out[3] & 15) == 4);
	p = good;
	p.b[12] = 0xc0; /* a pointer in a question */
	assert_true(ask(&p, false, out, &outcome) == 12 && (out[3] & 15) == 1);
	p = good;
	p.b[p.n - 5] = 1; /* EDNS version 1: BADVERS, 16, in two places */
	size_t n = ask(&p, false, out, &outcome);
	assert_true(n > 12 && (out[3] & 15) == 0 && out[11] == 1 && out[n - 6] == 1);
	p = good;
	p.b[p.n - 12] = 3; /* class CHAOS */
	assert_true(ask(&p, false, out, &outcome) > 12 && (out[3] & 15) == 5);
}

/* Texts are at most 255 bytes: nothing is cut that a client could take by TCP, and by UDP what is too large says so. */
static void cut_off(void **state)
{
	(void)state;
	static char name[256], text[256];
	uint8_t out[DNS_ZONE_ANSWER_MAX];
	enum dns_zone_outcome outcome;
	struct address_build *b = address_build_new();
	struct address_set *s;
	struct span bytes;
	struct ip_net net;
	char why[ADDRESS_WHY_MAX];
	uint16_t class;
	memset(text, 'x', 255);
	memset(name, 'a', 179);
	name[59] = name[119] = '.';
	assert_true(ip_net_parse(SPAN("2001:db8::/32"), &net));
	address_build_class(b, &(struct address_class){ SPAN("x"), span_cstr(text), 0 }, &class);
	address_build_add(b, &net, class);
	assert_int_equal(address_build_finish(b, 0, &bytes), 0);
	assert_int_equal(address_set_read(bytes, "t", why, &s), 0);
	struct address_lists long_lists = { .n = 1, .v = { { SPAN("t"), ADDRESS_BLOCK, s } } };
	struct dns_zone long_zone;
	assert_true(dns_zone_init(&long_zone, span_cstr(name), SPAN("ns.example.org"), &long_lists));
	char asked[300];
	snprintf(asked, sizeof asked, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.%s", name);
	struct packet p = question(asked, 16, 0);
	size_t n = dns_zone_answer(&long_zone, span_of(p.b, p.n), false, 0, out, &outcome);
	assert_true(n == p.n && out[2] & 2 && out[7] == 0 && outcome == DNS_ZONE_LISTED);
	n = dns_zone_answer(&long_zone, span_of(p.b, p.n), true, 0, out, &outcome);
	assert_true(n > 512 && !(out[2] & 2) && out[7] == 1);
	p = question(asked, 16, 4096);
	assert_true(dns_zone_answer(&long_zone, span_of(p.b, p.n), false, 0, out, &outcome) > 512 && !(out[2] & 2));
	address_set_close(s);
	address_build_free(b);
	name[179] = '.';
	memset(name + 180, 'a', 20);
	assert_false(dns_zone_init(&long_zone, span_cstr(name), SPAN("ns.example.org"), &long_lists));
	assert_false(dns_zone_init(&long_zone, SPAN("a..b"), SPAN("ns.example.org"), &long_lists));
	assert_false(dns_zone_init(&long_zone, SPAN("bl.example.org"), SPAN(""), &long_lists));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(answers), cmocka_unit_test(odd_packets), cmocka_unit_test(cut_off) };
	return cmocka_run_group_tests(tests, make_zone, drop_zone);
}
