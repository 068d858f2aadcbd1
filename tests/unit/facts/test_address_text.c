/* facts/address_text: each format's entries, values and exceptions, and what is said of lines that it does not have. */
#include "base/err.h"
#include "facts/address_text.h"
#include "tests/address_test.h"

static struct arena arena;

static int read_list(enum address_text_format format, const char *text, struct address_build *build, struct span *ret_error)
{
	struct address_text_source source = { span_cstr(text), "list", format, SPAN("block") };
	return address_text_read(&source, build, &arena, ret_error);
}

/* "drop/120 127.0.0.4 SBL1": class and width of the entry that decides, its answer and text; "-": none. */
static struct span found(const struct address_set *set, const char *asked)
{
	struct address_match match;
	struct ip ip;
	assert_true(ip_parse(span_cstr(asked), &ip));
	if (!address_set_find(set, &ip, &match))
		return SPAN("-");
	struct address_class class = address_set_class(set, match.class);
	return arena_printf(&arena, "%.*s/%u %u %.*s", SPAN_ARG(class.name), match.bits, class.answer & 0xff, SPAN_ARG(class.text));
}

struct question {
	const char *asked, *answer;
};

static void check(enum address_text_format format, const char *text, const struct question *questions)
{
	struct address_build *build = address_build_new();
	struct address_set *set;
	struct span error, bytes;
	char why[ADDRESS_WHY_MAX];
	if (read_list(format, text, build, &error) < 0)
		fail_msg("%.*s", SPAN_ARG(error));
	assert_int_equal(address_build_finish(build, 0, &bytes), 0);
	assert_int_equal(address_set_read(bytes, "t", why, &set), 0);
	for (; questions->asked; questions++) {
		struct span got = found(set, questions->asked);
		if (!span_eq(got, span_cstr(questions->answer)))
			fail_msg("%s: %.*s, should be %s", questions->asked, SPAN_ARG(got), questions->answer);
	}
	address_set_close(set);
	address_build_free(build);
}

static void plain(void **state)
{
	(void)state;
	check(ADDRESS_TEXT_PLAIN,
	      "# ours\n192.0.2.0/24\r\n !192.0.2.128/25 ; rented out\n192.0.2.200 trap\n10.1\n; more\n2001:db8::/32 v6.list# x\n"
	      "198.51.100.7-198.51.100.8\n198.51.100.7-198.51.100.7 one\n\n2001:db9::-2001:db9::ffff",
	      (struct question[]){ { "192.0.2.1", "block/120 2 " },
				   { "192.0.2.129", "none/121 0 " },
				   { "192.0.2.200", "trap/128 2 " },
				   { "10.1.2.3", "block/112 2 " },
				   { "198.51.100.7", "one/128 2 " },
				   { "198.51.100.8", "block/128 2 " },
				   { "198.51.100.9", "-" },
				   { "2001:db8:5::", "v6.list/32 2 " },
				   { "2001:db9::fff", "block/112 2 " },
				   { NULL, NULL } });
}

static void ip4set(void **state)
{
	(void)state;
	check(ADDRESS_TEXT_IP4SET,
	      "$SOA 0 ns.example. hostmaster.example. 0 600 300 86400 300\n#$NS 0 ns.example.\n$TTL 300\n$TIMESTAMP 0\n"
	      "$1 see http://example.com\n192.0.2.1\n:4:listed: $, $1/why\n192.0.2.2\n192.0.2.3 :5\n192.0.2.4 :6:\n192.0.2.5 relay $$5\n"
	      "192.0.2.6 # remark\n192.0.2.7 ;remark\n:127.0.0.9\n10\n!10.1\n10.1.2.3-5\n172.16-31\n172.16.0.0-172.16.255.255 :3:x\n"
	      "127-127.0.0\n128.1/16\n203.0.113.1 :127.0.0.7:y\n",
	      (struct question[]){ { "192.0.2.1", "block/128 2 " },
				   { "192.0.2.2", "block/128 4 listed: $, see http://example.com/why" },
				   { "192.0.2.3", "block/128 5 listed: $, see http://example.com/why" },
				   { "192.0.2.4", "block/128 6 " },
				   { "192.0.2.5", "block/128 4 relay $$5" },
				   { "192.0.2.6", "block/128 4 listed: $, see http://example.com/why" },
				   { "192.0.2.7", "block/128 4 listed: $, see http://example.com/why" },
				   { "10.0.0.1", "block/104 9 " },
				   { "10.1.0.1", "none/112 0 " },
				   { "10.1.2.4", "block/127 9 " },
				   { "10.1.2.6", "none/112 0 " },
				   { "172.31.255.255", "block/108 9 " },
				   { "172.16.4.4", "block/112 3 x" },
				   { "127.0.0.255", "block/120 9 " },
				   { "127.0.1.0", "-" },
				   { "128.1.1.1", "block/112 9 " },
				   { "203.0.113.1", "block/128 7 y" },
				   { NULL, NULL } });
	check(ADDRESS_TEXT_IP4SET, "$= base <$=> of $\n$MAXRANGE4 /24\n10/8\n10.0.0/24\n10.0.1.1 one\n$MAXRANGE4 1\n10.0.2/24\n10.0.3.1",
	      (struct question[]){ { "10.0.0.1", "block/120 2 " },
				   { "10.0.1.1", "block/128 2 base <one> of $" },
				   { "10.0.2.1", "-" },
				   { "10.0.3.1", "block/128 2 " },
				   { "10.9.0.0", "-" },
				   { NULL, NULL } });
}

static void tries(void **state)
{
	(void)state;
	check(
	    ADDRESS_TEXT_IP4TRIE, ":3:wide\n10/8\n10.1/16 :4:narrow\n!10.1.1/24\n",
	    (struct question[]){
		{ "10.2.0.0", "block/104 3 wide" }, { "10.1.2.0", "block/112 4 narrow" }, { "10.1.1.1", "none/120 0 " }, { NULL, NULL } });
	check(
	    ADDRESS_TEXT_IP6TRIE,
	    ":127.0.0.2: Listed, see http://example.com/?$\n2001:21ab:c000/36\n2001:21ab:def7:4242 :127.0.1.3: smells\n2605:6001:42::/52\n"
	    "::1 # localhost\n!2605:6001:42::bead # exclusion\nabac:adab:ad00:42f\n",
	    (struct question[]){ { "2001:21ab:c001::", "block/36 2 Listed, see http://example.com/?$" },
				 { "2001:21ab:def7:4242::9", "block/64 3 smells" },
				 { "2605:6001:42::1", "block/52 2 Listed, see http://example.com/?$" },
				 { "2605:6001:42::bead", "none/128 0 " },
				 { "::1", "block/128 2 Listed, see http://example.com/?$" },
				 { "::2", "-" },
				 { "abac:adab:ad00:42f::", "block/64 2 Listed, see http://example.com/?$" },
				 { NULL, NULL } });
}

static void drop(void **state)
{
	(void)state;
	check(ADDRESS_TEXT_DROP, "; Spamhaus DROP List\n; Last-Modified: x\n192.0.2.0/24 ; SBL123\n2001:db8::/32 ; SBL9\n10.0.0.0/8\n",
	      (struct question[]){ { "192.0.2.9", "block/120 2 SBL123" },
				   { "2001:db8::", "block/32 2 SBL9" },
				   { "10.1.1.1", "block/104 2 " },
				   { NULL, NULL } });
	check(ADDRESS_TEXT_DROP_JSON,
	      "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL123\",\"rir\":\"apnic\"}\n{\"cidr\":\"2001:db8::/32\"}\n"
	      "{\"type\":\"metadata\",\"timestamp\":1,\"size\":2}\n",
	      (struct question[]){ { "192.0.2.9", "block/120 2 SBL123" }, { "2001:db8::", "block/32 2 " }, { NULL, NULL } });
}

static void refused(void **state)
{
	static const struct {
		enum address_text_format format;
		const char *text, *error;
	} cases[] = {
		{ ADDRESS_TEXT_PLAIN, "10.0.0.1\nexample.org\n",
		  "list:2: this is no address and no network; write 192.0.2.7, 192.0.2.0/24, 192.0.2.1-192.0.2.9 or 2001:db8::/32" },
		{ ADDRESS_TEXT_PLAIN, "10.0.0.1 block now",
		  "list:1: an entry, and at most the name of its class behind it; remarks begin with # or ;" },
		{ ADDRESS_TEXT_PLAIN, "10.0.0.1 none",
		  "list:1: the name of a class has letters, digits, -, _ and ., at most 31 of them (and \"none\" is taken)" },
		{ ADDRESS_TEXT_PLAIN, "10.0.0.9-10.0.0.1",
		  "list:1: a range goes from one address to a later one of the same family: 192.0.2.1-192.0.2.9" },
		{ ADDRESS_TEXT_PLAIN, "10.0.0.9-::1",
		  "list:1: a range goes from one address to a later one of the same family: 192.0.2.1-192.0.2.9" },
		{ ADDRESS_TEXT_PLAIN, "!",
		  "list:1: an exception to what? write 192.0.2.7, 192.0.2.0/24, 192.0.2.1-192.0.2.9 or 2001:db8::/32" },
		{ ADDRESS_TEXT_IP4SET, "10.0.0.256",
		  "list:1: this is no network of IPv4; write 192.0.2.7, 192.0.2, 192.0.2.0/24, 192.0.2.1-9 or 192.0.2.1-192.0.2.9" },
		{ ADDRESS_TEXT_IP4SET, "10.9-8",
		  "list:1: this is no network of IPv4; write 192.0.2.7, 192.0.2, 192.0.2.0/24, 192.0.2.1-9 or 192.0.2.1-192.0.2.9" },
		{ ADDRESS_TEXT_IP4SET, "10.9 :x:y", "list:1: the value of an entry is a text, :127.0.0.2:text, or :2:text" },
		{ ADDRESS_TEXT_IP4SET, ":300:y", "list:1: a default value is :127.0.0.2:text, or :2:text" },
		{ ADDRESS_TEXT_IP4SET, "$DATASET ip4set:x y @",
		  "list:1: of the lines that begin with $, a list may have $SOA, $NS, $TTL, $TIMESTAMP, $MAXRANGE4, $= and $0 to $9" },
		{ ADDRESS_TEXT_IP4SET, "$MAXRANGE4 0", "list:1: $MAXRANGE4 takes a number of addresses, or /24" },
		{ ADDRESS_TEXT_IP4TRIE, "10.0.0.1-9", "list:1: this is no network of IPv4; write 192.0.2.7, 192.0.2 or 192.0.2.0/24" },
		{ ADDRESS_TEXT_IP6TRIE, "10.0.0.1",
		  "list:1: this is no network of IPv6; write 2001:db8::/32, 2001:db8:1:2 (its first 64 bits) or 2001:db8::1" },
		{ ADDRESS_TEXT_DROP, "; x\nSBL1\n",
		  "list:2: this is no network; a line of DROP is \"192.0.2.0/24 ; SBL123\", or "
		  "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL123\"}" },
		{ ADDRESS_TEXT_DROP_JSON, "[]",
		  "list:1: this is no JSON object; DROP has one a line: {\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL123\"}" },
		{ ADDRESS_TEXT_DROP_JSON, "{\"asn\":1}",
		  "list:1: this is no network; a line of DROP is \"192.0.2.0/24 ; SBL123\", or "
		  "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL123\"}" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct address_build *build = address_build_new();
		struct span error = span_none;
		assert_int_equal(read_list(cases[i].format, cases[i].text, build, &error), ERR_SYNTAX);
		assert_span(error, cases[i].error);
		address_build_free(build);
	}
}

/* More texts than a set has classes: entries stay, the last ones without their texts. */
static void many_texts(void **state)
{
	(void)state;
	enum { N = 70000 };
	struct address_build *build = address_build_new();
	struct span error, bytes;
	char *text = malloc(N * 32), *at = text, why[ADDRESS_WHY_MAX];
	struct address_set *set;
	for (unsigned i = 0; i < N; i++)
		at += sprintf(at, "10.%u.%u.%u ; SBL%u\n", i >> 16, i >> 8 & 255, i & 255, i);
	assert_int_equal(read_list(ADDRESS_TEXT_DROP, text, build, &error), 0);
	assert_int_equal(address_build_finish(build, 0, &bytes), 0);
	assert_int_equal(address_set_read(bytes, "t", why, &set), 0);
	assert_int_equal(address_set_size(set).entries, N);
	assert_span(found(set, "10.0.0.9"), "block/128 2 SBL9");
	assert_true(span_starts(found(set, "10.1.17.100"), SPAN("block/128 2 ")));
	address_set_close(set);
	address_build_free(build);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain), cmocka_unit_test(ip4set),  cmocka_unit_test(tries),
		cmocka_unit_test(drop),  cmocka_unit_test(refused), cmocka_unit_test(many_texts),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
