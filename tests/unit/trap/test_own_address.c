/* trap/own_address: every spelling of an address of ours, in any surroundings, and what is none. */
#include "trap/own_address.h"

#include "base/buf.h"
#include "base/clock.h"
#include "tests/test.h"

static const char *const ours[] = { "198.51.100.7",     "217.128.138.253",   "192.0.2.201",     "8.9.10.11",
				    "2001:db8:5::c0de", "relay.example.org", "mx-7.example.net" };

static struct own_set *build(struct arena *arena, const char *const *list, size_t n)
{
	struct own_address *addresses = arena_zalloc(arena, n * sizeof *addresses);
	struct own_set *set = NULL;
	for (size_t i = 0; i < n; i++)
		if (!ip_parse(span_cstr(list[i]), &addresses[i].ip))
			addresses[i].name = span_cstr(list[i]);
	assert_int_equal(own_address_build(addresses, n, arena, &set), 0);
	return set;
}

static const struct {
	const char *text;
	int which; /* -1: nothing is found */
	enum own_spelling spelling;
	enum own_wrapping wrapping;
	uint16_t port;
} cases[] = {
	{ "BC_198.51.100.7", 0, OWN_DOTTED, OWN_PLAIN, 0 },
	{ "Super webscan open relay check succeded, hostname = 198.51.100.7", 0, OWN_DOTTED, OWN_PLAIN, 0 },
	{ "test 198.51.100.7:25 ok", 0, OWN_DOTTED, OWN_PLAIN, 25 },
	{ "[198.51.100.7]:2525", 0, OWN_BRACKETED, OWN_PLAIN, 2525 },
	{ "198[.]51[.]100[.]7", 0, OWN_BRACKETED, OWN_PLAIN, 0 },
	{ "198-51-100-7", 0, OWN_DASHED, OWN_PLAIN, 0 },
	{ "x198_51_100_7_25", 0, OWN_UNDERSCORED, OWN_PLAIN, 25 },
	{ "198 dot 51 dot 100 dot 7", 0, OWN_PARTED, OWN_PLAIN, 0 },
	{ "198,51,100,7", 0, OWN_PARTED, OWN_PLAIN, 0 },
	{ "7.100.51.198.check.example.com", 0, OWN_REVERSED, OWN_PLAIN, 0 },
	{ "7.001.15.891", 0, OWN_BACKWARDS, OWN_PLAIN, 0 },
	{ "198.051.100.007", 0, OWN_PADDED, OWN_PLAIN, 0 },
	{ "198051100007", 0, OWN_PADDED, OWN_PLAIN, 0 },
	{ "198051-100007", 0, OWN_PADDED, OWN_PLAIN, 0 },
	{ "0306.0063.0144.07", 0, OWN_OCTAL, OWN_PLAIN, 0 },
	{ "030614662007", 0, OWN_OCTAL, OWN_PLAIN, 0 },
	{ "id=3325256711;", 0, OWN_DECIMAL, OWN_PLAIN, 0 },
	{ "003325256711", 0, OWN_DECIMAL, OWN_PLAIN, 0 },
	{ "198511007", 0, OWN_RUN_TOGETHER, OWN_PLAIN, 0 },
	{ "c6336407", 0, OWN_HEX, OWN_PLAIN, 0 },
	{ "1D9808AFD:8080", 1, OWN_HEX, OWN_PLAIN, 8080 }, /* Oudot 2003: sent by a scanner for open proxies */
	{ "0xC6336407", 0, OWN_HEX, OWN_PLAIN, 0 },
	{ "076433c6", 0, OWN_HEX_REVERSED, OWN_PLAIN, 0 },
	{ "8090a0b", 3, OWN_HEX, OWN_PLAIN, 0 },
	{ "c6-33-64-07", 0, OWN_HEX_PARTED, OWN_PLAIN, 0 },
	{ "0xc6.0x33.0x64.0x7", 0, OWN_HEX_PARTED, OWN_PLAIN, 0 },
	{ "\\xc6\\x33\\x64\\x07", 0, OWN_HEX_PARTED, OWN_PLAIN, 0 },
	{ "07:64:33:c6", 0, OWN_HEX_PARTED, OWN_PLAIN, 0 },
	{ "::ffff:c633:6407", 0, OWN_HEX_PARTED, OWN_PLAIN, 0 },
	{ "0123456789abcdefc63364070123", 0, OWN_HEX_INSIDE, OWN_PLAIN, 0 },
	{ "xjNkBw==", 0, OWN_RAW_BASE64, OWN_BASE64, 0 },
	{ "MTk4LjUxLjEwMC43", 0, OWN_DOTTED, OWN_BASE64, 0 },
	{ "QkNfMTk4LjUxLjEwMC43Cg==", 0, OWN_DOTTED, OWN_BASE64, 0 }, /* "BC_..." */
	{ "QTE5OC41MS4xMDAuNwo=", 0, OWN_DOTTED, OWN_BASE64, 0 },     /* one letter before */
	{ "abcQTE5OC41MS4xMDAuNwo=", 0, OWN_DOTTED, OWN_BASE64, 0 },  /* three letters of something else before */
	{ "%31%39%38.51.100.%37", 0, OWN_DOTTED, OWN_MENDED, 0 },
	{ "=31=39=38=2E=35=31=2E=31=30=30=2E=37", 0, OWN_DOTTED, OWN_MENDED, 0 },
	{ "198.51.=\r\n100.7", 0, OWN_DOTTED, OWN_MENDED, 0 },
	{ "19\r\n 8.51.1\r\n\t00.7", 0, OWN_DOTTED, OWN_MENDED, 0 },
	{ "p6336407", 0, OWN_HEX, OWN_ROT13, 0 },
	{ "2001:db8:5::c0de", 4, OWN_IP6_TEXT, OWN_PLAIN, 0 },
	{ "[2001:db8:5:0::c0de]:25", 4, OWN_IP6_TEXT, OWN_PLAIN, 25 },
	{ "EHLO [IPv6:2001:DB8:5::C0DE]", 4, OWN_IP6_TEXT, OWN_PLAIN, 0 },
	{ "BC_2001-db8-5--c0de.", 4, OWN_IP6_TEXT, OWN_PLAIN, 0 },
	{ "20010db800050000000000000000c0de", 4, OWN_IP6_DIGITS, OWN_PLAIN, 0 },
	{ "2001-0db8-0005-0000-0000-0000-0000-c0de", 4, OWN_IP6_TEXT, OWN_PLAIN, 0 },
	{ "e.d.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.5.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", 4, OWN_IP6_REVERSED, OWN_PLAIN, 0 },
	{ "IAENuAAFAAAAAAAAAADA3g==", 4, OWN_RAW_BASE64, OWN_BASE64, 0 },
	{ "host RELAY.example.org, port 25", 5, OWN_NAME, OWN_PLAIN, 0 },
	{ "relay.example.org:8025", 5, OWN_NAME, OWN_PLAIN, 8025 },
	{ "BC_relay-example-org", 5, OWN_NAME_PARTED, OWN_PLAIN, 0 },
	{ "relay_example_org", 5, OWN_NAME_PARTED, OWN_PLAIN, 0 },
	{ "org.example.relay", 5, OWN_NAME_REVERSED, OWN_PLAIN, 0 },
	{ "gro.elpmaxe.yaler", 5, OWN_NAME_REVERSED, OWN_PLAIN, 0 },
	{ "erynl.rknzcyr.bet", 5, OWN_NAME, OWN_ROT13, 0 },
	{ "rel=\nay.exam=70le.org", 5, OWN_NAME, OWN_MENDED, 0 },
	{ "mx-7.example.net", 6, OWN_NAME, OWN_PLAIN, 0 },
	{ "198.51.100.8", -1, 0, 0, 0 },
	{ "198.51.100.70", -1, 0, 0, 0 },
	{ "1198.51.100.7", -1, 0, 0, 0 },
	{ "198.51-100.7", -1, 0, 0, 0 },
	{ "198 apples, 51 pears, 100 plums and 7 nuts", -1, 0, 0, 0 },
	{ "C6336408", -1, 0, 0, 0 },
	{ "xrelay.example.org", -1, 0, 0, 0 },
	{ "relay.example.org.uk", -1, 0, 0, 0 },
	{ "relay.example.orgs", -1, 0, 0, 0 },
	{ "2001:db8:5::c0df", -1, 0, 0, 0 },
	{ "%", -1, 0, 0, 0 },
	{ "=", -1, 0, 0, 0 },
	{ "", -1, 0, 0, 0 },
};

static void spellings(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	struct own_set *set = build(&arena, ours, COUNT(ours));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct own_finds finds = { 0 };
		struct span text = span_cstr(cases[i].text);
		own_address_find(set, text, &arena, &finds);
		bool seen = cases[i].which < 0 && finds.list.n == 0;
		for (uint32_t k = 0; k < finds.list.n; k++) {
			struct own_find *f = &finds.list.v[k];
			assert_true(f->from < f->to && f->to <= text.n);
			seen |= (int)f->which == cases[i].which && f->spelling == cases[i].spelling && f->wrapping == cases[i].wrapping &&
				f->port == cases[i].port;
		}
		if (!seen) {
			const struct own_find *f = own_address_best(&finds);
			fail_msg("\"%s\": %s", cases[i].text, f ? own_spelling_name(f->spelling) : "nothing");
		}
	}
	arena_release(&arena);
}

static uint64_t seed = 20260101;
static uint32_t chance(uint32_t below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33) % below;
}

static struct span base64(struct arena *arena, struct span s)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf out;
	buf_init(&out, arena, 4096);
	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t bits = 0;
		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (i + k < s.n ? s.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_byte(&out, i + k > s.n ? '=' : (uint8_t)alphabet[bits >> (18 - 6 * k) & 63]);
	}
	return buf_span(&out);
}

/* One spelling of the address, by number. */
static struct span spell(struct arena *arena, unsigned how, uint32_t v4)
{
	unsigned o[4] = { v4 >> 24, v4 >> 16 & 255, v4 >> 8 & 255, v4 & 255 };
	unsigned port = 1 + chance(65535);
	switch (how) {
	case 0: return arena_printf(arena, "%u.%u.%u.%u", o[0], o[1], o[2], o[3]);
	case 1: return arena_printf(arena, "%u-%u-%u-%u", o[0], o[1], o[2], o[3]);
	case 2: return arena_printf(arena, "%u_%u_%u_%u", o[0], o[1], o[2], o[3]);
	case 3: return arena_printf(arena, "[%u.%u.%u.%u]:%u", o[0], o[1], o[2], o[3], port);
	case 4: return arena_printf(arena, "%u.%u.%u.%u", o[3], o[2], o[1], o[0]);
	case 5: return arena_printf(arena, "%08x", v4);
	case 6: return arena_printf(arena, "1%08X:%u", v4, port);
	case 7: return arena_printf(arena, "%02x-%02x-%02x-%02x", o[0], o[1], o[2], o[3]);
	case 8: return arena_printf(arena, "0x%x.0x%x.0x%x.0x%x", o[0], o[1], o[2], o[3]);
	case 9: return arena_printf(arena, "%u", v4);
	case 10: return arena_printf(arena, "%03u.%03u.%03u.%03u", o[0], o[1], o[2], o[3]);
	case 11: return arena_printf(arena, "%03u%03u%03u%03u", o[0], o[1], o[2], o[3]);
	case 12: return arena_printf(arena, "0%o.0%o.0%o.0%o", o[0], o[1], o[2], o[3]);
	case 13: return arena_printf(arena, "0%o", v4);
	case 14: return base64(arena, arena_printf(arena, "%.*s%u.%u.%u.%u", (int)chance(4), "BC_", o[0], o[1], o[2], o[3]));
	case 15: return arena_printf(arena, "%%%02x%%%02x%%%02x%%%02x", o[0], o[1], o[2], o[3]);
	case 16: return arena_printf(arena, "%u.%u=2E%u.=\r\n%u", o[0], o[1], o[2], o[3]);
	case 17: return arena_printf(arena, "%u.\r\n %u.%u.\r\n %u", o[0], o[1], o[2], o[3]);
	case 18: return arena_printf(arena, "%u.%u.%u.%u:%u", o[0], o[1], o[2], o[3], port);
	case 19: return arena_printf(arena, "%u dot %u dot %u dot %u", o[0], o[1], o[2], o[3]);
	case 20: return arena_printf(arena, "%08x", __builtin_bswap32(v4));
	default: return arena_printf(arena, "::ffff:%02x%02x:%02x%02x", o[0], o[1], o[2], o[3]);
	}
}
enum { SPELL = 22 };

/* A random address in every spelling, somewhere in random bytes long enough to cross the edges of our pieces. */
static void found_anywhere(void **state)
{
	(void)state;
	enum { OURS = 500, ROUNDS = 1500, AROUND = 20000 };
	struct arena arena, memory;
	arena_init(&arena);
	arena_init(&memory);
	struct own_address list[OURS] = { 0 };
	struct own_set *set;
	for (size_t i = 0; i < OURS; i++)
		list[i].ip = ip_from_v4((1 + chance(223)) << 24 | (chance(1u << 24) & 0xffffff));
	assert_int_equal(own_address_build(list, OURS, &memory, &set), 0);
	uint8_t *around = arena_alloc(&memory, AROUND);
	for (unsigned round = 0; round < ROUNDS; round++) {
		arena_reset(&arena);
		size_t n = chance(8) ? chance(300) : chance(AROUND);
		for (size_t i = 0; i < n; i++)
			around[i] = round % 2 ? (uint8_t)chance(256) : (uint8_t) " etaoin.shrdlu\n-_5X0="[chance(21)];
		uint32_t which = chance(OURS);
		struct span text = spell(&arena, round % SPELL, ip_v4(&list[which].ip));
		struct span whole = arena_join(&arena, span_of(around, n), SPAN(" \""), text, SPAN("\" "), span_of(around, n / 2));
		struct own_finds finds = { 0 };
		own_address_find(set, whole, &arena, &finds);
		bool seen = false;
		for (uint32_t i = 0; i < finds.list.n; i++)
			seen |= ip_eq(&list[finds.list.v[i].which].ip, &list[which].ip);
		if (!seen)
			fail_msg("spelling %u: \"%.*s\" behind %zu bytes", round % SPELL, SPAN_ARG(text), n);
	}
	arena_release(&arena);
	arena_release(&memory);
}

static void bounds(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	struct own_address *list = arena_zalloc(&arena, (LIMIT_OWN_ADDRESSES + 1) * sizeof *list);
	struct own_set *set = NULL;
	for (size_t i = 0; i <= LIMIT_OWN_ADDRESSES; i++)
		list[i].ip = ip_from_v4(0xC6330000 + (uint32_t)i);
	assert_int_equal(own_address_build(list, LIMIT_OWN_ADDRESSES + 1, &arena, &set), ERR_LIMIT);
	assert_int_equal(own_address_build(list, LIMIT_OWN_ADDRESSES, &arena, &set), 0);
	/* no more finds than LIMIT_OWN_FINDS, the bytes are read to the end all the same */
	struct buf text;
	buf_init(&text, &arena, 1 << 20);
	for (unsigned i = 0; i < LIMIT_OWN_FINDS + 10; i++)
		buf_printf(&text, "198.51.0.%u ", i);
	struct own_finds finds = { 0 };
	own_address_find(set, buf_span(&text), &arena, &finds);
	assert_int_equal(finds.list.n, LIMIT_OWN_FINDS);
	/* as many names as LIMIT_OWN_NAME_BYTES has room for, and one more */
	size_t n = LIMIT_OWN_NAME_BYTES / 16;
	for (size_t i = 0; i <= n; i++)
		list[i].name = arena_printf(&arena, "m%04zu.example.io", i);
	assert_int_equal(list[0].name.n, 16);
	assert_int_equal(own_address_build(list, n + 1, &arena, &set), ERR_LIMIT);
	assert_int_equal(own_address_build(list, n, &arena, &set), 0);
	finds = (struct own_finds){ 0 };
	own_address_find(set, SPAN("<x@m0123.example.io>"), &arena, &finds);
	assert_int_equal(finds.list.n, 1);
	assert_int_equal(finds.list.v[0].which, 123);
	/* nothing of ours: nothing to find */
	assert_int_equal(own_address_build(NULL, 0, &arena, &set), 0);
	finds = (struct own_finds){ 0 };
	own_address_find(set, SPAN("198.51.100.7"), &arena, &finds);
	assert_null(own_address_best(&finds));
	arena_release(&arena);
}

/* Four megabytes of the worst of each kind end within the test's patience: a square would take hours. */
static void linear(void **state)
{
	(void)state;
	static const char *const worst[] = { "1",   "1.", "f",  "fe.", ":", "-", "a-", "=\n", "%3", "M", "relay.example.or",
					     "=31", "\n", "0x", "]." };
	enum { BYTES = 1 << 20 };
	struct arena arena;
	arena_init(&arena);
	struct own_set *set = build(&arena, ours, COUNT(ours));
	uint8_t *bytes = arena_alloc(&arena, BYTES);
	for (size_t w = 0; w < COUNT(worst); w++) {
		for (size_t i = 0; i < BYTES; i++)
			bytes[i] = (uint8_t)worst[w][i % strlen(worst[w])];
		struct own_finds finds = { 0 };
		own_address_find(set, span_of(bytes, BYTES), &arena, &finds);
		assert_int_equal(finds.list.n, 0);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings),
		cmocka_unit_test(found_anywhere),
		cmocka_unit_test(bounds),
		cmocka_unit_test(linear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
