/* DNS answers from their packets: every type, aliases, the least TTL, names that would mislead, and packets that lie. */
#include "base/limits.h"
#include "net/dns_packet.h"
#include "tests/test.h"

static struct arena arena;

/* A packet in the making; names in text, \DDD allowed nowhere: bytes are put by hand where a test wants them. */
struct packet {
	uint8_t bytes[70000];
	size_t n;
};

static void put(struct packet *p, const void *bytes, size_t n)
{
	memcpy(p->bytes + p->n, bytes, n);
	p->n += n;
}

static void put16(struct packet *p, unsigned v) { put(p, (uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2); }
static void put32(struct packet *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p, v & 0xffff);
}

static void put_name(struct packet *p, const char *name)
{
	struct span rest = span_cstr(name), label;
	while (span_split(&rest, '.', &label)) {
		uint8_t n = (uint8_t)label.n;
		put(p, &n, 1);
		put(p, label.p, label.n);
	}
	put(p, "", 1);
}

static void begin(struct packet *p, unsigned flags, unsigned answers, const char *name, unsigned type)
{
	p->n = 0;
	put16(p, 1);
	put16(p, flags);
	put16(p, 1);
	put16(p, answers);
	put32(p, 0);
	put_name(p, name);
	put16(p, type);
	put16(p, 1);
}

static void put_record(struct packet *p, const char *name, unsigned type, uint32_t ttl, const void *data, size_t n)
{
	put_name(p, name);
	put16(p, type);
	put16(p, 1);
	put32(p, ttl);
	put16(p, (unsigned)n);
	put(p, data, n);
}

static struct answer read_as(const struct packet *p, enum question_type type)
{
	struct answer answer = { .question = { type, SPAN("a.example") } };
	uint8_t *exact = arena_alloc(&arena, p->n); /* so that AddressSanitizer sees its end */
	memcpy(exact, p->bytes, p->n);
	dns_packet_read(span_of(exact, p->n), &arena, &answer);
	return answer;
}

#define BYTES(literal) (literal), sizeof(literal) - 1

static void every_type(void **state)
{
	static const struct {
		enum question_type type;
		unsigned number;
		const char *data;
		size_t n;
		const char *text;
	} cases[] = {
		{ QUESTION_A, 1, BYTES("\xc0\0\2\1"), "192.0.2.1" },
		{ QUESTION_AAAA, 28, BYTES(" \1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), "2001:db8::1" },
		{ QUESTION_AAAA, 28, BYTES("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1"), "::ffff:192.0.2.1" },
		{ QUESTION_MX, 15, BYTES("\0\12\4MAIL\xc0\x0c"), "10 mail.a.example" },
		{ QUESTION_MX, 15, BYTES("\0\0\0"), "0 " },
		{ QUESTION_NS, 2, BYTES("\2ns\xc0\x0e"), "ns.example" },
		{ QUESTION_PTR, 12, BYTES("\4h.st\xc0\x0e"), "h\\046st.example" },
		{ QUESTION_PTR, 12, BYTES("\6h\"\\ \0\377\xc0\x0e"), "h\\034\\092\\032\\000\\255.example" },
		{ QUESTION_CNAME, 5, BYTES("\xc0\x0e"), "example" },
		{ QUESTION_TXT, 16, BYTES("\7v=spf1 \4-all\0\1\xe9"), "v=spf1 -all\xe9" },
		{ QUESTION_SOA, 6, BYTES("\2ns\xc0\x0e\4host\xc0\x0e\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\xff\xff\xff\xff"),
		  "ns.example host.example 1 2 3 4 4294967295" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct packet p;
		begin(&p, 0x8180, 1, "A.example", cases[i].number);
		put_record(&p, "a.EXAMPLE", cases[i].number, 77, cases[i].data, cases[i].n);
		struct answer a = read_as(&p, cases[i].type);
		if (a.status != ANSWER_OK || a.records.n != 1 || a.ttl != 77 || !span_eq(a.records.v[0], span_cstr(cases[i].text)))
			fail_msg("case %zu: status %d, \"%.*s\"", i, a.status, SPAN_ARG(a.records.n ? a.records.v[0] : span_none));
		/* Cut off anywhere, it is no answer. */
		for (size_t n = 0; n < p.n; n++) {
			struct packet cut = p;
			cut.n = n;
			assert_int_equal(read_as(&cut, cases[i].type).status, ANSWER_SERVFAIL);
		}
	}
}

/* How long it holds that there is nothing: the least of the aliases, the SOA and what it says, RFC 2308. */
static void nothing_and_ttl(void **state)
{
	static const struct {
		uint32_t alias, soa, minimum, ttl; /* alias 0: none */
	} cases[] = { { 0, 300, 60, 60 },     { 0, 60, 300, 60 },         { 30, 300, 60, 30 },
		      { 300, 200, 100, 100 }, { 0, 60, 0x80000000u, 60 }, { 0, 0, 5, 0 } };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (unsigned rcode = 0; rcode <= 3; rcode += 3) {
			struct packet p;
			uint8_t soa[] = "\0\0serialrefrretrexpiMINI";
			for (int k = 0; k < 4; k++)
				soa[18 + k] = (uint8_t)(cases[i].minimum >> (24 - 8 * k));
			begin(&p, 0x8180 | rcode, cases[i].alias ? 1 : 0, "a.example", 1);
			p.bytes[9] = 2; /* authority */
			if (cases[i].alias)
				put_record(&p, "a.example", 5, cases[i].alias, BYTES("\1b\7example\0"));
			put_record(&p, "example", 46, 1, BYTES("\0\1"));
			put_record(&p, "example", 6, cases[i].soa, soa, 22);
			struct answer a = read_as(&p, QUESTION_A);
			assert_int_equal(a.status, rcode ? ANSWER_NXDOMAIN : ANSWER_NODATA);
			assert_int_equal(a.ttl, cases[i].ttl);
			p.n--; /* what is cut off says nothing */
			assert_int_equal(read_as(&p, QUESTION_A).ttl, 0);
		}
}

static void aliases_and_ttl(void **state)
{
	struct packet p;
	(void)state;
	begin(&p, 0x8180, 5, "a.example", 1);
	put_record(&p, "a.example", 5, 30, BYTES("\1b\7example\0"));
	put_record(&p, "other.example", 1, 1, BYTES("\6\6\6\6")); /* nobody asked for that */
	put_record(&p, "b.example", 46, 1, BYTES("\0\1"));
	put_record(&p, "b.example", 1, 300, BYTES("\xc0\0\2\1"));
	put_record(&p, "B.example", 1, 200, BYTES("\xc0\0\2\2"));
	struct answer a = read_as(&p, QUESTION_A);
	assert_int_equal(a.status, ANSWER_OK);
	assert_int_equal(a.records.n, 2);
	assert_span(a.records.v[1], "192.0.2.2");
	assert_int_equal(a.ttl, 30);

	begin(&p, 0x8180, 1, "a.example", 1); /* RFC 2181 section 8 */
	put_record(&p, "a.example", 1, 0x80000000u, BYTES("\xc0\0\2\1"));
	assert_int_equal(read_as(&p, QUESTION_A).ttl, 0);

	begin(&p, 0x8183, 1, "a.example", 1); /* an alias of what is not there */
	put_record(&p, "a.example", 5, 30, BYTES("\1b\7example\0"));
	assert_int_equal(read_as(&p, QUESTION_A).status, ANSWER_NXDOMAIN);
	begin(&p, 0x8180, 0, "a.example", 1);
	assert_int_equal(read_as(&p, QUESTION_A).status, ANSWER_NODATA);
	assert_int_equal(read_as(&p, QUESTION_A).ttl, 0);

	for (unsigned n = LIMIT_CNAMES; n <= LIMIT_CNAMES + 1; n++) {
		begin(&p, 0x8180, n + 1, "c0", 1);
		for (unsigned i = 0; i < n; i++) {
			char owner[8], target[8] = { 2, 'c', (char)('1' + i) };
			sprintf(owner, "c%u", i);
			put_record(&p, owner, 5, 30, target, 4);
		}
		put_record(&p, n == LIMIT_CNAMES ? "c8" : "c9", 1, 30, BYTES("\xc0\0\2\1"));
		assert_int_equal(read_as(&p, QUESTION_A).status, n == LIMIT_CNAMES ? ANSWER_OK : ANSWER_SERVFAIL);
	}
}

static void lies(void **state)
{
	static const struct {
		const char *what;
		unsigned number;
		const char *data;
		size_t n;
		enum question_type type;
	} cases[] = {
		{ "an address of three bytes", 1, BYTES("\xc0\0\2"), QUESTION_A },
		{ "an IPv6 address of four", 28, BYTES("\xc0\0\2\1"), QUESTION_AAAA },
		{ "no string", 16, BYTES(""), QUESTION_TXT },
		{ "a string longer than the record", 16, BYTES("\7v=spf1"), QUESTION_TXT },
		{ "a name that points at itself", 12, BYTES("\xc0\x30"), QUESTION_PTR },
		{ "a name that points forwards", 12, BYTES("\xc0\xff"), QUESTION_PTR },
		{ "a label of a kind that was never used", 12, BYTES("\x41x\0"), QUESTION_PTR },
		{ "bytes behind the name", 12, BYTES("\1h\0\0"), QUESTION_PTR },
		{ "a name that leaves the record", 12, BYTES("\1h"), QUESTION_PTR },
		{ "half a preference", 15, BYTES("\0"), QUESTION_MX },
		{ "an SOA without numbers", 6, BYTES("\0\0"), QUESTION_SOA },
	};
	struct packet p;
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		begin(&p, 0x8180, 1, "a.example", cases[i].number);
		put_record(&p, "a.example", cases[i].number, 77, cases[i].data, cases[i].n);
		if (read_as(&p, cases[i].type).status != ANSWER_SERVFAIL)
			fail_msg("%s", cases[i].what);
	}
	static const unsigned flags[] = { 0x0180 /* a question */, 0x8182, 0x8185, 0x8181 };
	for (size_t i = 0; i < COUNT(flags); i++) {
		begin(&p, flags[i], 0, "a.example", 1);
		assert_int_equal(read_as(&p, QUESTION_A).status, ANSWER_SERVFAIL);
	}
	begin(&p, 0x8180, 0, "a.example", 1);
	assert_int_equal(read_as(&p, QUESTION_TXT).status, ANSWER_SERVFAIL); /* of another question */
	begin(&p, 0x8180, 65535, "a.example", 1);
	assert_int_equal(read_as(&p, QUESTION_A).status, ANSWER_SERVFAIL); /* announces what is not there */
}

/* Names that point to names that point to names: a packet full of them is read in no time. */
static void pointers_to_pointers(void **state)
{
	struct packet p;
	(void)state;
	begin(&p, 0x8180, 1, "a.example", 12);
	size_t first = p.n + 11 + 10;
	unsigned n = 30000;
	put_name(&p, "a.example");
	put16(&p, 12);
	put16(&p, 1);
	put32(&p, 1);
	put16(&p, n * 2);
	put16(&p, 0xc00c);
	for (unsigned i = 1; i < n; i++)
		put16(&p, (unsigned)(0xc000 | ((first + 2 * (i - 1)) & 0x3fff)));
	assert_int_equal(read_as(&p, QUESTION_PTR).status, ANSWER_SERVFAIL);
}

static void many_records(void **state)
{
	struct packet p;
	(void)state;
	begin(&p, 0x8180, LIMIT_RECORDS + 5, "a.example", 1);
	for (unsigned i = 0; i < LIMIT_RECORDS + 5; i++)
		put_record(&p, "a.example", 1, 77, BYTES("\xc0\0\2\1"));
	struct answer a = read_as(&p, QUESTION_A);
	assert_int_equal(a.status, ANSWER_OK);
	assert_int_equal(a.records.n, LIMIT_RECORDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_type),           cmocka_unit_test(aliases_and_ttl),
					    cmocka_unit_test(nothing_and_ttl),      cmocka_unit_test(lies),
					    cmocka_unit_test(pointers_to_pointers), cmocka_unit_test(many_records) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("net/dns_packet", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
