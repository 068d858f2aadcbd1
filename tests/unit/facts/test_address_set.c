/* facts/address_set: what networks hold what addresses, against a look through all of them; damaged files; enumeration. */
#include "base/err.h"
#include "base/limits.h"
#include "facts/address_format.h"
#include "tests/address_test.h"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

static struct arena arena;

static struct address_set *set_of(struct address_build *build)
{
	struct span bytes;
	char why[ADDRESS_WHY_MAX];
	struct address_set *set;
	assert_int_equal(address_build_finish(build, 1700000000, &bytes), 0);
	if (address_set_read(bytes, "test", why, &set) < 0)
		fail_msg("%s", why);
	return set;
}

static void add(struct address_build *build, const char *text, uint16_t class)
{
	struct ip_net net;
	assert_true(ip_net_parse(span_cstr(text), &net));
	address_build_add(build, &net, class);
}

static struct ip ip_of(const char *text)
{
	struct ip ip;
	assert_true(ip_parse(span_cstr(text), &ip));
	return ip;
}

static void empty(void **state)
{
	(void)state;
	struct address_build *build = address_build_new();
	struct address_set *set = set_of(build);
	struct address_match match;
	static const char *const asked[] = { "0.0.0.0", "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "192.0.2.1" };
	for (size_t i = 0; i < COUNT(asked); i++) {
		struct ip ip = ip_of(asked[i]);
		assert_false(address_set_find(set, &ip, &match));
	}
	assert_int_equal(address_set_size(set).entries, 0);
	assert_int_equal(address_set_classes(set), 1);
	assert_span(address_set_class(set, ADDRESS_EXCEPTION).name, "none");
	address_set_close(set);
	address_build_free(build);
}

static void narrowest(void **state)
{
	static const struct {
		const char *asked;
		int class, bits; /* -1: none */
	} cases[] = {
		{ "192.0.2.0", 1, 120 },
		{ "192.0.2.127", 1, 120 },
		{ "192.0.2.128", 0, 121 },
		{ "192.0.2.200", 2, 128 },
		{ "192.0.2.201", 0, 121 },
		{ "192.0.3.0", 3, 96 },
		{ "0.0.0.0", 3, 96 },
		{ "255.255.255.255", 1, 128 },
		{ "255.255.255.254", 3, 96 },
		{ "2001:db8::", 1, 32 },
		{ "2001:db8:0:1::1", 2, 64 },
		{ "2001:db8:0:1::2", 3, 128 },
		{ "2001:db8:0:2::2", 1, 32 },
		{ "2001:db8:0:1:8000::", 4, 65 },
		{ "2001:db9::", -1, 0 },
		{ "::", -1, 0 },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1, 128 },
	};
	(void)state;
	struct address_build *build = address_build_new();
	uint16_t class[5];
	for (unsigned i = 1; i < 5; i++) {
		char name[] = { 'c', (char)('0' + i), 0 };
		struct address_class c = { span_cstr(name), SPAN("because of $"), 0x7f000000 + i };
		assert_int_equal(address_build_class(build, &c, &class[i]), 0);
		assert_int_equal(address_build_class(build, &c, &class[i]), 0);
		assert_int_equal(class[i], i);
	}
	add(build, "0.0.0.0/0", 3);
	add(build, "192.0.2.200", 1);
	add(build, "192.0.2.0/24", 1);
	add(build, "!192.0.2.128/25", 1);
	add(build, "192.0.2.200", 2); /* the later one of the same holds */
	add(build, "255.255.255.255", 1);
	add(build, "2001:db8::/32", 1);
	add(build, "2001:db8:0:1::/64", 2);
	add(build, "2001:db8:0:1::2", 3);
	add(build, "2001:db8:0:1:8000::/65", 4);
	add(build, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1);
	struct address_set *set = set_of(build);
	struct address_match match;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ip ip = ip_of(cases[i].asked);
		bool found = address_set_find(set, &ip, &match);
		if (found != (cases[i].class >= 0) || (found && (match.class != cases[i].class || match.bits != cases[i].bits)))
			fail_msg("%s: found %d, class %u, /%u", cases[i].asked, found, match.class, match.bits);
	}
	assert_int_equal(address_set_size(set).entries, 10);
	assert_int_equal(address_set_size(set).made, 1700000000);
	struct address_class c = address_set_class(set, 4);
	assert_span(c.name, "c4");
	assert_span(c.text, "because of $");
	assert_int_equal(c.answer, 0x7f000004);
	address_set_close(set);
	address_build_free(build);
}

/* Each entry comes out once, with its class, whether a narrower one begins where it does or not, unless narrower ones leave nothing of it.
 */
static bool mark(void *context, const struct ip_net *net, uint16_t class)
{
	struct plain_list *list = context;
	bool known = false;
	for (size_t i = 0; i < list->n; i++)
		known |= list->v[i].net.bits == net->bits && list->v[i].class == class && ip_eq(&list->v[i].net.ip, &net->ip) &&
			 plain_is_v4(&list->v[i].net) == plain_is_v4(net);
	assert_true(known);
	list->v[4095].class ++;
	return true;
}

static void one_world(uint64_t *seed, struct plain_list *list, size_t n, unsigned classes, unsigned families)
{
	struct address_build *build = address_build_new();
	list->n = n;
	for (unsigned i = 1; i < classes; i++) {
		uint16_t number;
		address_build_class(build, &(struct address_class){ SPAN("x"), span_none, i }, &number);
	}
	for (size_t i = 0; i < n; i++) {
		bool v4 = families & 1 && (!(families & 2) || plain_random(seed) & 1);
		list->v[i] = (struct plain_entry){ plain_network(seed, v4), (uint16_t)(plain_random(seed) % classes) };
		address_build_add(build, &list->v[i].net, list->v[i].class);
	}
	struct address_set *set = set_of(build);
	enum { ASKED = 64 };
	struct ip asked[ASKED];
	struct address_match match, matches[ASKED];
	bool found[ASKED];
	for (size_t i = 0; i < ASKED; i++)
		asked[i] = plain_question(list, seed, plain_random(seed) & 1);
	address_set_find_many(set, asked, ASKED, matches, found);
	for (size_t i = 0; i < ASKED; i++) {
		const struct plain_entry *want = plain_find(list, &asked[i]);
		char text[IP_TEXT_MAX];
		ip_format(&asked[i], text);
		bool got = address_set_find(set, &asked[i], &match);
		if (got != !!want || (got && (match.class != want->class || match.bits != want->net.bits)))
			fail_msg("%zu entries, %s: found %d class %u /%u, should be %d class %u /%u", n, text, got, match.class, match.bits,
				 !!want, want ? want->class : 0, want ? want->net.bits : 0);
		assert_true(found[i] == got && (!got || (match.class == matches[i].class && match.bits == matches[i].bits)));
	}
	list->v[4095].class = 0;
	assert_true(address_set_each(set, mark, list));
	assert_true(list->v[4095].class <= address_set_size(set).entries);
	address_set_close(set);
	address_build_free(build);
}

static void as_a_linear_scan(void **state)
{
	static struct plain_list list;
	static const size_t sizes[] = { 1, 2, 3, 17, 100, 1000, 3000 };
	uint64_t seed = 4;
	(void)state;
	for (unsigned round = 0; round < 140; round++)
		one_world(&seed, &list, sizes[round % COUNT(sizes)], 1 + round % 5 * 20, 1 + round % 3);
}

/* Addresses so many that buckets are of the size that millions have. */
static void many_hosts(void **state)
{
	(void)state;
	enum { N = 200000 };
	struct address_build *build = address_build_new();
	uint16_t class;
	uint64_t seed = 9;
	struct address_match match;
	address_build_class(build, &(struct address_class){ SPAN("x"), span_none, 0 }, &class);
	for (uint64_t i = 0; i < N; i++) {
		struct ip_net v4 = { ip_from_v4((uint32_t)(i * 2654435761u)), 128, false }, v6 = { .bits = 64 };
		memcpy(v6.ip.b, &(uint64_t){ plain_random(&seed) }, 8);
		address_build_add(build, &v4, class);
		address_build_add(build, &v6, class);
	}
	struct address_set *set = set_of(build);
	unsigned listed = 0;
	for (uint64_t i = 0; i < N; i++) {
		struct ip in = ip_from_v4((uint32_t)(i * 2654435761u)), out = ip_from_v4((uint32_t)((i + N) * 2654435761u));
		listed += address_set_find(set, &in, &match) && match.bits == 128;
		assert_false(address_set_find(set, &out, &match));
	}
	assert_int_equal(listed, N);
	assert_true(address_set_size(set).bytes * 8 < 2 * N * 64ull);
	address_set_close(set);
	address_build_free(build);
}

/* Every second host and every third network of two addresses of a /16, in several classes: blocks far larger than what is compared at once,
 * and with as many changes. Outside: addresses that have not the first bits of all keys. */
static void crowded(void **state)
{
	(void)state;
	enum { FIRST = 0x46330000, N = 65536, CLASSES = 300 };
	for (unsigned classes = 1; classes <= CLASSES; classes *= 17) {
		struct address_build *build = address_build_new();
		uint16_t class[CLASSES + 1] = { 0 };
		struct address_match match;
		for (uint32_t i = 1; i <= classes; i++)
			address_build_class(build, &(struct address_class){ SPAN("x"), span_none, i }, &class[i]);
		for (uint32_t i = 0; i < N; i++) {
			struct ip_net host = { ip_from_v4(FIRST + i), 128, false }, pair = { ip_from_v4(FIRST + i), 127, false };
			if (i % 6 == 0)
				address_build_add(build, &pair, class[1 + i % classes]);
			if (i % 5 == 0)
				address_build_add(build, &host, class[1 + (i + 1) % classes]);
		}
		struct address_set *set = set_of(build);
		for (uint32_t i = 0; i < N; i++) {
			struct ip ip = ip_from_v4(FIRST + i);
			bool found = address_set_find(set, &ip, &match);
			uint32_t want = i % 5 == 0 ? class[1 + (i + 1) % classes] : class[1 + i / 6 * 6 % classes];
			if (found != (i % 5 == 0 || i % 6 < 2) || (found && match.class != want))
				fail_msg("%u: found %d, class %u, should be %u", i, found, match.class, want);
		}
		static const uint32_t outside[] = { 0, FIRST - 1, FIRST + N, UINT32_MAX };
		for (size_t i = 0; i < COUNT(outside); i++) {
			struct ip ip = ip_from_v4(outside[i]);
			assert_false(address_set_find(set, &ip, &match));
		}
		address_set_close(set);
		address_build_free(build);
	}
}

static void damaged(void **state)
{
	(void)state;
	struct address_build *build = address_build_new();
	uint16_t class;
	struct span bytes;
	struct address_set *set;
	char why[ADDRESS_WHY_MAX];
	address_build_class(build, &(struct address_class){ SPAN("block"), SPAN("text"), 1 }, &class);
	uint64_t seed = 77;
	for (unsigned i = 0; i < 300; i++) {
		struct ip_net net = plain_network(&seed, i & 1);
		address_build_add(build, &net, class);
	}
	assert_int_equal(address_build_finish(build, 0, &bytes), 0);
	uint8_t *copy = aligned_alloc(64, (bytes.n + 63) / 64 * 64);
	for (size_t n = 0; n < bytes.n; n += 1 + n / 7) {
		memcpy(copy, bytes.p, bytes.n);
		assert_true(address_set_read(span_of(copy, n), "cut", why, &set) < 0);
		copy[n] ^= 4;
		assert_true(address_set_read(span_of(copy, bytes.n), "flipped", why, &set) < 0);
	}
	/* Every byte wrong under a checksum that is right: refused, or looked up in without leaving the bytes. */
	for (size_t n = bytes.n - 8; n-- > 0;) {
		struct address_match match;
		memcpy(copy, bytes.p, bytes.n);
		copy[n] = (uint8_t)(copy[n] + 1 + n % 3 * 100);
		uint64_t sum = XXH3_64bits(copy, bytes.n - 8);
		memcpy(copy + bytes.n - 8, &sum, 8);
		if (address_set_read(span_of(copy, bytes.n), "wrong", why, &set) < 0)
			continue;
		for (unsigned i = 0; i < 64; i++) {
			struct ip ip = plain_network(&seed, i & 1).ip;
			address_set_find(set, &ip, &match);
		}
		address_set_close(set);
	}
	memcpy(copy, bytes.p, bytes.n);
	((struct address_header *)copy)->version = 1;
	assert_int_equal(address_set_read(span_of(copy, bytes.n), "old.set", why, &set), ERR_UNSUPPORTED);
	assert_string_equal(why, "old.set: was made by another version of postern (format 1, this one reads 2): build it again");
	assert_int_equal(address_set_read(SPAN("192.0.2.1\n"), "text.set", why, &set), ERR_SYNTAX);
	assert_string_equal(why, "text.set: is no list that `postern lists build` made");
	free(copy);
	address_build_free(build);
}

/* A reader keeps the generation it opened; who opens after the rename has the new one; a damaged one is refused and the old one stays. */
static void swapped(void **state)
{
	(void)state;
	char path[] = "/tmp/postern-set-XXXXXX", why[ADDRESS_WHY_MAX];
	struct address_set *old, *new;
	struct address_match match;
	struct ip ip = ip_of("192.0.2.1");
	uint16_t class;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(address_set_open(path, why, &old), ERR_SYNTAX);
	for (unsigned generation = 0; generation < 2; generation++) {
		struct address_build *build = address_build_new();
		address_build_class(build, &(struct address_class){ SPAN("block"), span_none, 1 }, &class);
		add(build, generation ? "198.51.100.0/24" : "192.0.2.0/24", class);
		assert_int_equal(address_build_write(build, path, 5, why), 0);
		address_build_free(build);
		assert_int_equal(address_set_open(path, why, generation ? &new : &old), 0);
	}
	assert_true(address_set_find(old, &ip, &match) && !address_set_find(new, &ip, &match));
	assert_true(address_set_size(old).checksum != address_set_size(new).checksum);
	address_set_close(old);
	assert_int_equal(truncate(path, 100), 0);
	close(fd);
	assert_int_equal(address_set_open(path, why, &old), ERR_SYNTAX);
	address_set_close(NULL);
	unlink(path);
	assert_int_equal(address_set_open(path, why, &old), ERR_IO);
	assert_int_equal(address_set_open("/tmp", why, &old), ERR_SYNTAX);
	/* the new one is mapped, and its file was cut: it is not looked at again */
	address_set_close(new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),   cmocka_unit_test(narrowest), cmocka_unit_test(as_a_linear_scan), cmocka_unit_test(many_hosts),
		cmocka_unit_test(crowded), cmocka_unit_test(damaged),   cmocka_unit_test(swapped),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
