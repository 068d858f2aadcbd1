/* Settings: every form that is read, every mistake with its line and its advice, and that sample and written values read back. */
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "config/settings.h"
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

static struct arena arena;

static int load(struct span yaml, struct settings *settings, uint32_t *lines, struct span *error)
{
	char path[] = "/tmp/postern-settings-XXXXXX";
	int fd = mkstemp(path);
	assert_int_equal(write(fd, yaml.p, yaml.n), (ssize_t)yaml.n);
	close(fd);
	int err = settings_load_lines(path, &arena, settings, lines, error);
	unlink(path);
	return err;
}

static void reads(void **state)
{
	static const struct {
		const char *yaml, *option, *value;
		uint32_t line;
	} cases[] = {
		{ "trusted_networks: [10/8, \"!10.1.2.3\", 192.0.2., \"2001:db8::/32\"]\n", "trusted_networks",
		  "[10.0.0.0/8, \"!10.1.2.3\", 192.0.2.0/24, \"2001:db8::/32\"]", 1 },
		{ "# comment\n\ntrusted_networks:\n  - 10/8\n  - 192.0.2.1\n", "trusted_networks", "[10.0.0.0/8, 192.0.2.1]", 3 },
		{ "internal_networks: 10/8 192.0.2.1, 127/8\n", "internal_networks", "[10.0.0.0/8, 192.0.2.1, 127.0.0.0/8]", 1 },
		{ "{\"local_domains\":[\"Example.ORG.\", \"b.example\"]}", "local_domains", "[example.org, b.example]", 1 },
		{ "local_domains: []\n", "local_domains", "[]", 1 },
		{ "", "hostname", "\"\"", 0 },
		{ "hostname: MX1.Example.Org.\n", "hostname", "\"mx1.example.org\"", 1 },
		{ "authserv_id: example.org\n", "authserv_id", "\"example.org\"", 1 },
		{ "authserv_id: ''\n", "authserv_id", "\"\"", 1 },
		{ "---\nmark: 1.5\n...\n", "mark", "1.5", 2 },
		{ "prior: -2.125\n", "prior", "-2.125", 1 },
		{ "", "reject", "8", 0 },
		{ "", "reject_loss", "0.01", 0 },
		{ "reject_loss: 0.1\n", "reject_loss", "0.1", 1 },
		{ "", "model", "\"\"", 0 },
		{ "model: /srv/a \\b/model\n", "model", "\"/srv/a \\\\b/model\"", 1 },
		{ "{\"model\": \"/srv/a \\\\b/\\\"model\"}", "model", "\"/srv/a \\\\b/\\\"model\"", 1 },
		{ "model: ''\n", "model", "\"\"", 1 },
		{ "", "shipped_prior", "yes", 0 },
		{ "shipped_prior: no\n", "shipped_prior", "no", 1 },
		{ "{\"shipped_prior\": false}", "shipped_prior", "no", 1 },
		{ "shipped_prior: On\n", "shipped_prior", "yes", 1 },
		{ "# nothing\n", "quarantine", "4", 0 },
		{ "", "lists", "[]", 0 },
		{ "lists: [spamcop, psbl]\n", "lists", "[spamcop, psbl]", 1 },
		{ "lists: dnswl\n", "lists", "[dnswl]", 1 },
		{ "lists:\n  - {like: spamcop}\n", "lists", "[spamcop]", 1 },
		{ "lists:\n  - {name: mine, zone: BL.example.org., ask: client relays, codes: {127.0.0.2: [2.5, sends spam]}}\n", "lists",
		  "[{name: \"mine\", zone: \"bl.example.org\", ask: [client, relays], codes: {\"127.0.0.2\": [2.5, \"sends spam\"]}, "
		  "refuses: [\"127.255.255.*\"], must_list: [\"127.0.0.2\"], must_not_list: [\"127.0.0.1\"], ipv6: no, "
		  "per_message: 8, per_day: 100000}]",
		  1 },
		{ "lists:\n - name: b\n   file: /etc/b\n   ask: [client]\n   weight: -1.5\n   means: ours\n", "lists",
		  "[{name: \"b\", file: \"/etc/b\", ask: [client], weight: -1.5, means: \"ours\", per_message: 8, per_day: 100000}]", 1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct settings settings;
		struct span error = span_none;
		uint32_t lines[64];
		const struct settings_option *option = settings_find(span_cstr(cases[i].option));
		assert_non_null(option);
		if (load(span_cstr(cases[i].yaml), &settings, lines, &error) != ERR_OK)
			fail_msg("%s: %.*s", cases[i].yaml, SPAN_ARG(error));
		assert_span(settings_value(&settings, option, &arena), cases[i].value);
		assert_int_equal(lines[option - settings_options], cases[i].line);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *yaml, *says;
	} cases[] = {
		{ "mark: 2\ntrusted_network: [10/8]\n", ":2: there is no option \"trusted_network\"; did you mean \"trusted_networks\"?" },
		{ "colour: red\n", ":1: there is no option \"colour\"; `postern config sample` lists all" },
		{ "trusted_networks: [!10.1.2.3]\n",
		  ":1: this is not YAML (did not find expected whitespace or line break); write what begins with ! in" },
		{ "trusted_networks: [ !10.1.2.3 ]\n",
		  ":1: unquoted ! has a meaning of its own in YAML; write it in quotes: \"!10.1.2.3\"" },
		{ "trusted_networks: [10/8,\n  nonsense]\n", ":2: trusted_networks: \"nonsense\" is no network" },
		{ "local_domains: [exa mple.org]\n", "\"exa\" is no domain name" },
		{ "local_domains: ['@example.org']\n", "is no domain name" },
		{ "local_domains: [\"b\xc3\xbc.example\"]\n", "is no domain name" },
		{ "hostname: mx\n", ":1: hostname: \"mx\" is no domain name; write it as example.org (letters" },
		{ "authserv_id: a.example; spf=pass\n", "is no domain name" },
		{ "authserv_id: [a.example]\n", ":1: authserv_id is a domain name; write for example" },
		{ "mark: two\n", ":1: mark needs a number, not \"two\"; write for example \"mark: 2\"" },
		{ "mark: 1.2345\n", "mark needs a number" },
		{ "mark: 1e3\n", "mark needs a number" },
		{ "mark: 200\n", ":1: mark must lie between 0 and 100" },
		{ "mark: [2]\n", ":1: mark is a number" },
		{ "model: [/srv/model]\n", ":1: model is the path of a file" },
		{ "model: model\n", ":1: model needs a path that begins with /, not \"model\"" },
		{ "model: \"/a\\0b\"\n", "needs a path" },
		{ "shipped_prior: maybe\n", ":1: shipped_prior is yes or no, not \"maybe\"" },
		{ "shipped_prior: []\n", ":1: shipped_prior is yes or no; write" },
		{ "local_domains: {a: b}\n", ":1: local_domains is a list" },
		{ "local_domains: [[a.b]]\n", "is one flat list" },
		{ "mark: 2\nmark: 3\n", ":2: mark is set twice; line 1 sets it already" },
		{ "mark: 5\n", ":1: mark, quarantine and reject must not fall" },
		{ "mark: &a 2\n", ":1: anchors" },
		{ "mark: *a\n", ":1: aliases" },
		{ "- mark\n", ":1: options are expected" },
		{ "mark: 2\n---\nmark: 3\n", ":2: a second document begins here" },
		{ "mark: \"2\n", "this is not YAML" },
		{ "lists: [spamhaus]\n", ":1: the catalogue has no list \"spamhaus\"" },
		{ "lists: [spamcopp]\n", "did you mean \"spamcop\"?" },
		{ "lists: 3\n", "the catalogue has no list" },
		{ "lists: {name: a}\n", ":1: lists is a list of names" },
		{ "lists: [spamcop,\n spamcop]\n", ":2: two lists are named spamcop" },
		{ "lists: [spamhaus_zen_key]\n", "needs the key its operator gave you" },
		{ "lists: [{name: a b}]\n", "is one word" },
		{ "lists: [{zone: a.b}]\n", ":1: a list needs a name" },
		{ "lists: [{name: a}]\n", "either a zone of the DNS or a file" },
		{ "lists: [{name: a, zone: b.c, file: /d, ask: client}]\n", "either a zone of the DNS or a file" },
		{ "lists: [{name: a, zone: 'b c.d'}]\n", "is no zone of the DNS" },
		{ "lists: [{name: a, zone: b.c, ask: [everything]}]\n", "cannot be asked about \"everything\"" },
		{ "lists: [{name: a, zone: b.c, ask: [clien]}]\n", "did you mean \"client\"?" },
		{ "lists: [{name: a, zone: b.c, ask: client}]\n", "needs codes" },
		{ "lists: [{name: a, zone: b.c, ask: urls, codes: {127.0.0.2: [1, x]}}]\n", "needs a hash" },
		{ "lists: [{name: a, zone: b.c, ask: client, codes: {127.0.0.256: [1, x]}}]\n", "is no answer of a list" },
		{ "lists: [{name: a, zone: b.c, ask: client, codes: {127.0.0.2: [5, x]}}]\n", "a weight lies between -4 and 4" },
		{ "lists: [{name: a, zone: b.c, ask: client, codes: {127.0.0.2: [5]}}]\n", "a weight lies between" },
		{ "lists: [{name: a, zone: b.c, ask: client, codes: {127.0.0.2: [1]}}]\n", "say in words what it means" },
		{ "lists: [{name: a, zone: b.c, ask: client, codes: {127.0.0.2: [1, b, c]}}]\n", "put the meaning in quotes" },
		{ "lists: [{name: a, zone: b.c, ask: client, codes: {127.0.0.2: 1}}]\n", "each answer has a weight and a meaning" },
		{ "lists: [{name: a, name: b}]\n", "name is set twice" },
		{ "lists: [{name: a, zones: b.c}]\n", "a list has no \"zones\"; did you mean \"zone\"?" },
		{ "lists: [{name: a, zone: b.c, like: spamcop}]\n", "write `like` before what it changes" },
		{ "lists: [{name: a, file: blocked}]\n", "file needs a path that begins with /" },
		{ "lists: [{name: a, file: /b, ask: client}]\n", "it has weight and means" },
		{ "lists: [{name: a, hash: md5}]\n", "hash is sha1 or sha256" },
		{ "lists: [{name: a, per_message: 33}]\n", "from 1 to 32" },
		{ "lists: [{name: a, ipv6: perhaps}]\n", "ipv6 is yes or no" },
		{ "lists: [&a {name: a}]\n", "tags and anchors" },
		{ "mark: \x01\n", "this is not YAML" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct settings settings = { .mark = 77 };
		struct span error = span_none;
		if (load(span_cstr(cases[i].yaml), &settings, NULL, &error) != ERR_SYNTAX || !span_has(error, span_cstr(cases[i].says)))
			fail_msg("%s: %.*s", cases[i].yaml, SPAN_ARG(error));
		assert_int_equal(settings.mark, 77);
	}
}

/* The sample sets nothing as it is, and everything once the # before each option is taken away. */
static void sample(void **state)
{
	struct settings settings, defaults;
	struct span text = settings_sample(&arena), error = span_none, line, rest = text;
	uint32_t lines[64];
	(void)state;
	settings_defaults(&defaults);
	assert_int_equal(load(text, &settings, lines, &error), ERR_OK);
	assert_memory_equal(&settings, &defaults, sizeof settings);
	char all[8192] = "";
	size_t n = 0;
	while (span_split(&rest, '\n', &line)) {
		assert_true(line.n <= 140);
		if (span_starts(line, SPAN("#")) && !span_starts(line, SPAN("# ")))
			n += (size_t)snprintf(all + n, sizeof all - n, "%.*s\n", SPAN_ARG(span_skip(line, 1)));
	}
	if (load(span_of(all, n), &settings, lines, &error) != ERR_OK)
		fail_msg("%.*s", SPAN_ARG(error));
	for (size_t i = 0; i < settings_options_n; i++)
		assert_int_not_equal(lines[i], 0);
}

static void too_large(void **state)
{
	struct settings settings;
	uint32_t lines[64];
	struct span error;
	size_t n = LIMIT_SETTINGS_BYTES + 1;
	uint8_t *p = malloc(n);
	(void)state;
	memset(p, '#', n);
	assert_true(load(span_of(p, n), &settings, lines, &error) < 0);
	assert_true(error.n > 0);
	free(p);
}

/* One more of each than a file may declare. */
static void too_many(void **state)
{
	struct buf out;
	(void)state;
	struct settings settings;
	struct span error;
	for (int kind = 0; kind < 4; kind++) {
		buf_init(&out, &arena, 100000);
		if (kind == 0)
			for (unsigned i = 0; i <= LIMIT_LISTS; i++)
				buf_printf(&out, "%s{name: n%u, file: /a, ask: client, means: b}", i ? ", " : "lists: [", i);
		if (kind == 1)
			for (unsigned i = 0; i <= LIMIT_LIST_CODES; i++)
				buf_printf(&out, "%s127.0.0.%u: [1, a]", i ? ", " : "lists: [{name: a, codes: {", i);
		if (kind == 2)
			for (unsigned i = 0; i <= LIMIT_LIST_CONTROLS; i++)
				buf_printf(&out, "%s127.0.0.%u", i ? ", " : "lists: [{name: a, must_list: [", i);
		if (kind == 3)
			for (unsigned i = 0; i <= LIMIT_LIST_ZONE_BYTES / 8 + 1; i++)
				buf_cstr(&out, i ? ".example" : "lists: [{name: a, zone: b");
		buf_cstr(&out, kind == 0 ? "]\n" : kind == 1 ? "}}]\n" : kind == 2 ? "]}]\n" : "}]\n");
		assert_int_equal(load(buf_span(&out), &settings, NULL, &error), ERR_SYNTAX);
		assert_true(span_has(error, kind == 3 ? SPAN("is no zone") : SPAN("more than")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(too_large), cmocka_unit_test(too_many), cmocka_unit_test(reads),
					    cmocka_unit_test(refuses), cmocka_unit_test(sample) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("config/settings", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
