/* Settings: every form that is read, every mistake with its line and its advice, and that sample and written values read back. */
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "config/settings.h"
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;

static int load(struct span yaml, struct settings *settings, struct settings_report *report)
{
	struct settings_files files = { 0 };
	*(struct settings_file *)vec_push(&arena, &files.list) = (struct settings_file){ SPAN("f.yaml"), yaml };
	return settings_parse(&files, &arena, settings, report);
}

static bool tells(const struct settings_report *report, struct span what)
{
	for (uint32_t i = 0; i < report->errors.n; i++)
		if (span_has(report->errors.v[i], what))
			return true;
	return false;
}

static struct span value_of(const struct settings *settings, const char *option)
{
	return settings_value(settings, settings_find(span_cstr(option)), &arena);
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
		{ "trust_anchors: /etc/anchors\n", "trust_anchors", "\"/etc/anchors\"", 1 },
		{ "", "shipped_prior", "yes", 0 },
		{ "shipped_prior: no\n", "shipped_prior", "no", 1 },
		{ "{\"shipped_prior\": false}", "shipped_prior", "no", 1 },
		{ "shipped_prior: On\n", "shipped_prior", "yes", 1 },
		{ "# nothing\n", "quarantine", "4", 0 },
		{ "", "lists", "[]", 0 },
		{ "lists: [spamcop, psbl]\n", "lists", "[spamcop, psbl]", 1 },
		{ "", "listen_http", "[\"127.0.0.1:11333\", \"127.0.0.1:11334\"]", 0 },
		{ "listen_milter: [127.0.0.1:11332, \"[::1]:11332\", unix:/run/postern/milter]\n", "listen_milter",
		  "[\"127.0.0.1:11332\", \"[::1]:11332\", \"unix:/run/postern/milter\"]", 1 },
		{ "listen_spamd: []\n", "listen_spamd", "[]", 1 },
		{ "", "user", "\"postern\"", 0 },
		{ "workers: 12\n", "workers", "12", 1 },
		{ "", "message_bytes", "50M", 0 },
		{ "message_bytes: 65536\n", "message_bytes", "64K", 1 },
		{ "content_bytes: 3g\n", "content_bytes", "3G", 1 },
		{ "content_bytes: 1048577\n", "content_bytes", "1048577", 1 },
		{ "message_deadline: 2.5\n", "message_deadline", "2.5", 1 },
		{ "", "on_failure", "tempfail", 0 },
		{ "on_failure: Accept\n", "on_failure", "accept", 1 },
		{ "", "quarantine_in", "store", 0 },
		{ "quarantine_in: mark\n", "quarantine_in", "mark", 1 },
		{ "enforce: no\n", "enforce", "no", 1 },
		{ "subject_mark: \"[SP\\u00c4M \\\"]\"\n", "subject_mark", "\"[SP\xc3\x84M \\\"]\"", 1 },
		{ "release_to: \"[::1]:25\"\n", "release_to", "\"[::1]:25\"", 1 },
		{ "next_hop_lmtp: unix:/run/dovecot/lmtp\n", "next_hop_lmtp", "\"unix:/run/dovecot/lmtp\"", 1 },
		{ "", "listen_smtp", "[]", 0 },
		{ "password: a\n", "password", "(set, not shown)", 1 },
		{ "", "password", "\"\"", 0 },
		{ "log: journal\n", "log", "journal", 1 },
		{ "log_format: json\n", "log_format", "json", 1 },
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
		struct settings_report report;
		const struct settings_option *option = settings_find(span_cstr(cases[i].option));
		assert_non_null(option);
		if (load(span_cstr(cases[i].yaml), &settings, &report) != ERR_OK)
			fail_msg("%s: %.*s", cases[i].yaml, SPAN_ARG(report.errors.v[0]));
		assert_span(settings_value(&settings, option, &arena), cases[i].value);
		assert_int_equal(report.origins[option - settings_options].line, cases[i].line);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *yaml, *says;
	} cases[] = {
		{ "mark: 2\ntrusted_network: [10/8]\n", ": there is no option \"trusted_network\"; did you mean \"trusted_networks\"?" },
		{ "colour: red\n", ": there is no option \"colour\"; `postern config sample` lists all" },
		{ "trusted_networks: [!10.1.2.3]\n",
		  ": this is not YAML (did not find expected whitespace or line break); write what begins with ! in" },
		{ "trusted_networks: [ !10.1.2.3 ]\n", ": unquoted ! has a meaning of its own in YAML; write it in quotes: \"!10.1.2.3\"" },
		{ "trusted_networks: [10/8,\n  nonsense]\n", ": trusted_networks: \"nonsense\" is no network" },
		{ "local_domains: [exa mple.org]\n", "\"exa\" is no domain name" },
		{ "local_domains: ['@example.org']\n", "is no domain name" },
		{ "local_domains: [\"b\xc3\xbc.example\"]\n", "is no domain name" },
		{ "hostname: mx\n", ": hostname: \"mx\" is no domain name; write it as example.org (letters" },
		{ "authserv_id: a.example; spf=pass\n", "is no domain name" },
		{ "authserv_id: [a.example]\n", ": authserv_id is a domain name; write for example" },
		{ "mark: two\n", ": mark needs a number, not \"two\"; write for example \"mark: 2\"" },
		{ "mark: 1.2345\n", "mark needs a number" },
		{ "mark: 1e3\n", "mark needs a number" },
		{ "mark: 200\n", ": mark must lie between 0 and 100" },
		{ "mark: [2]\n", ": mark is a number" },
		{ "model: [/srv/model]\n", ": model is the path of a file" },
		{ "model: model\n", ": model needs a path that begins with /, not \"model\"" },
		{ "model: \"/a\\0b\"\n", "needs a path" },
		{ "shipped_prior: maybe\n", ": shipped_prior is yes or no, not \"maybe\"" },
		{ "shipped_prior: []\n", ": shipped_prior is yes or no; write" },
		{ "local_domains: {a: b}\n", ": local_domains is a list" },
		{ "local_domains: [[a.b]]\n", "is one flat list" },
		{ "mark: 2\nmark: 3\n", ": mark is set twice; line 1 sets it already" },
		{ "mark: 5\n", ": mark, quarantine and reject must not fall" },
		{ "mark: &a 2\n", ": anchors" },
		{ "mark: *a\n", ": aliases" },
		{ "- mark\n", ": options are expected" },
		{ "mark: 2\n---\nmark: 3\n", ": a second document begins here" },
		{ "mark: \"2\n", "this is not YAML" },
		{ "lists: [spamhaus]\n", ": the catalogue has no list \"spamhaus\"" },
		{ "lists: [spamcopp]\n", "did you mean \"spamcop\"?" },
		{ "lists: 3\n", "the catalogue has no list" },
		{ "lists: {name: a}\n", ": lists is a list of names" },
		{ "lists: [spamcop,\n spamcop]\n", ": two lists are named spamcop" },
		{ "lists: [spamhaus_zen_key]\n", "needs the key its operator gave you" },
		{ "lists: [{name: a b}]\n", "is one word" },
		{ "lists: [{zone: a.b}]\n", ": a list needs a name" },
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
		{ "message_bytes: 1K\n", ":1:16: message_bytes must lie between 64K and 256M" },
		{ "message_bytes: 50MB\n", "message_bytes needs a size, not \"50MB\"" },
		{ "message_bytes: 99999999999999999999\n", "needs a size" },
		{ "content_bytes: 99999999999999999G\n", "needs a size" },
		{ "message_bytes: M\n", "needs a size" },
		{ "workers: -1\n", "needs a whole number" },
		{ "workers: 1025\n", ":1:10: workers must lie between 0 and 1024" },
		{ "reject_loss: 6\n", "must lie between 0.001 and 5" },
		{ "log: file\n", ":1:6: log is stderr, syslog or journal, not \"file\"" },
		{ "subject_mark: \"a\\nb\"\n", "subject_mark is one line of UTF-8" },
		{ "user: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "user has 33 bytes; it may have 32" },
		{ "release_to: mx\n", "release_to: \"mx\" is neither an address with a port nor a path" },
		{ "release_to: 127.0.0.1:0\n", "is neither an address with a port nor a path" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct settings settings = { .mark = 77 };
		struct settings_report report;
		if (load(span_cstr(cases[i].yaml), &settings, &report) != ERR_SYNTAX || !tells(&report, span_cstr(cases[i].says)))
			fail_msg("%s: %.*s", cases[i].yaml, SPAN_ARG(report.errors.n ? report.errors.v[0] : SPAN("no error")));
		assert_int_equal(settings.mark, 77);
	}
}

/* All mistakes of a file are told in one go, each with its place, and none that only follows from another. */
static void every_mistake(void **state)
{
	static const char yaml[] = "marc: [1,\n  {a: 2}]\n"
				   "mark: two\n"
				   "lists: [nonsense, {name: b}]\n"
				   "reject: 8\n"
				   "  \n"
				   "workers: 4.5\n"
				   "listen_http: [127.0.0.1]\n"
				   "on_failure: [accept]\n"
				   "mark: 3\n"
				   "log: *here\n";
	static const char *const says[] = {
		"f.yaml:1:1: there is no option \"marc\"",
		"f.yaml:3:7: mark needs a number, not \"two\"",
		"f.yaml:4:9: the catalogue has no list",
		"f.yaml:7:10: workers needs a whole number, not \"4.5\"; write for example \"workers: 4\"",
		"f.yaml:8:15: listen_http: \"127.0.0.1\" is neither an address with a port nor a path",
		"f.yaml:9:13: on_failure is tempfail or accept; write for example \"on_failure: accept\"",
		"f.yaml:10:1: mark is set twice; line 3 sets it already",
		"f.yaml:11:6: aliases (*name) are not read",
	};
	struct settings settings;
	struct settings_report report;
	(void)state;
	assert_int_equal(load(span_of(yaml, sizeof yaml - 1), &settings, &report), ERR_SYNTAX);
	assert_int_equal(report.errors.n, COUNT(says));
	for (size_t i = 0; i < COUNT(says); i++)
		if (!span_starts(report.errors.v[i], span_cstr(says[i])))
			fail_msg("%s: %.*s", says[i], SPAN_ARG(report.errors.v[i]));
	struct buf many;
	buf_init(&many, &arena, SIZE_MAX);
	for (unsigned i = 0; i < LIMIT_SETTINGS_ERRORS + 50; i++)
		buf_printf(&many, "a%u: 1\n", i);
	assert_int_equal(load(buf_span(&many), &settings, &report), ERR_SYNTAX);
	assert_true(report.errors.n >= LIMIT_SETTINGS_ERRORS && report.errors.n <= LIMIT_SETTINGS_ERRORS + 1);
}

/* The sample sets nothing as it is, and everything once the # before each option is taken away. */
static void sample(void **state)
{
	struct settings settings, defaults;
	struct settings_report report;
	struct span text = settings_sample(&arena), line, rest = text;
	struct buf all;
	(void)state;
	settings_defaults(&defaults);
	assert_int_equal(load(text, &settings, &report), ERR_OK);
	assert_memory_equal(&settings, &defaults, sizeof settings);
	buf_init(&all, &arena, SIZE_MAX);
	while (span_split(&rest, '\n', &line)) {
		assert_true(line.n <= 140);
		if (span_starts(line, SPAN("#")) && !span_starts(line, SPAN("# "))) {
			buf_put(&all, span_skip(line, 1));
			buf_byte(&all, '\n');
		}
	}
	if (load(buf_span(&all), &settings, &report) != ERR_OK)
		fail_msg("%.*s", SPAN_ARG(report.errors.v[0]));
	for (size_t i = 0; i < settings_options_n; i++)
		assert_int_not_equal(report.origins[i].line, 0);
}

/* Every default is told by a value that reads back as the same default. */
static void defaults(void **state)
{
	struct settings settings;
	struct settings_report report;
	(void)state;
	for (size_t i = 0; i < settings_options_n; i++) {
		const struct settings_option *option = &settings_options[i];
		struct span preset = settings_preset(option, &arena);
		if (load(arena_printf(&arena, "%s: %.*s\n", option->name, SPAN_ARG(preset)), &settings, &report))
			fail_msg("%.*s", SPAN_ARG(report.errors.v[0]));
		assert_true(span_eq(settings_value(&settings, option, &arena), preset));
	}
}

static void write_file(const char *folder, const char *name, const char *text)
{
	struct span path = arena_printf(&arena, "%s/%s", folder, name);
	FILE *f = fopen((const char *)path.p, "wb");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* FILE, then FILE.d by name: the later wins, as a whole, and it is known where each was set. */
static void override(void **state)
{
	char folder[] = "/tmp/postern-settings-XXXXXX";
	struct settings settings;
	struct settings_files files, again;
	struct settings_report report;
	struct span error = span_none;
	struct buf record;
	(void)state;
	assert_non_null(mkdtemp(folder));
	const char *path = (const char *)arena_printf(&arena, "%s/p.yaml", folder).p;
	assert_int_equal(settings_load(path, &arena, &settings, &error), ERR_IO);
	assert_true(span_has(error, SPAN("cannot read the settings: No such file")));
	write_file(folder, "p.yaml", "mark: 1\nworkers: 3\nlocal_domains: [a.example, b.example]\n");
	assert_int_equal(settings_load(path, &arena, &settings, &error), ERR_OK);
	assert_int_equal(mkdir((const char *)arena_printf(&arena, "%s.d", path).p, 0700), 0);
	write_file(folder, "p.yaml.d/90-last.yaml", "\nmark: 1.5\n");
	write_file(folder, "p.yaml.d/10-first.yaml", "mark: 0.5\nlocal_domains: [c.example]\npassword: \"s e\"\n");
	write_file(folder, "p.yaml.d/.hidden.yaml", "nonsense: 1\n");
	write_file(folder, "p.yaml.d/10-first.yaml.old", "nonsense: 1\n");
	assert_int_equal(settings_files_read(path, &arena, &files, &error), ERR_OK);
	assert_int_equal(files.list.n, 3);
	buf_init(&record, &arena, SIZE_MAX);
	settings_files_write(&files, &record);
	for (size_t i = 0; i < record.n; i++)
		assert_int_equal(settings_files_parse(span_first(buf_span(&record), i), &arena, &again), ERR_SYNTAX);
	assert_int_equal(settings_files_parse(buf_span(&record), &arena, &again), ERR_OK);
	assert_int_equal(settings_parse(&again, &arena, &settings, &report), ERR_OK);
	assert_span(value_of(&settings, "mark"), "1.5");
	assert_span(value_of(&settings, "workers"), "3");
	assert_span(value_of(&settings, "local_domains"), "[c.example]");
	assert_span(value_of(&settings, "password"), "(set, not shown)");
	assert_span(settings.password, "s e");
	const struct settings_origin *mark = &report.origins[settings_find(SPAN("mark")) - settings_options];
	assert_true(span_ends(mark->file, SPAN("/p.yaml.d/90-last.yaml")));
	assert_int_equal(mark->line, 2);
	write_file(folder, "p.yaml.d/95.yaml", "mark: 9\n");
	assert_int_equal(settings_load(path, &arena, &settings, &error), ERR_SYNTAX);
	assert_true(span_has(error, SPAN("95.yaml:1:1: mark, quarantine and reject must not fall")));
	for (unsigned i = 0; i <= LIMIT_SETTINGS_FILES; i++)
		write_file(folder, (const char *)arena_printf(&arena, "p.yaml.d/n%u.yaml", i).p, "");
	assert_int_equal(settings_load(path, &arena, &settings, &error), ERR_SYNTAX);
	assert_true(span_has(error, SPAN("more than")));
	assert_int_equal(system((const char *)arena_printf(&arena, "rm -r %s", folder).p), 0);
}

static void addresses(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} cases[] = {
		{ "127.0.0.1:11332", true },
		{ "0.0.0.0:0", true },
		{ "[::1]:65535", true },
		{ "[2001:db8::1]:25", true },
		{ "unix:/run/a b", true },
		{ "unix:run/a", false },
		{ "unix:", false },
		{ "unix:/a\nb", false },
		{ "127.0.0.1", false },
		{ "127.0.0.1:", false },
		{ "127.0.0.1:65536", false },
		{ "127.0.0.1:-1", false },
		{ "[127.0.0.1]:25", false },
		{ "::1:25", false },
		{ "[::1]", false },
		{ "localhost:25", false },
		{ "", false },
		{ ":25", false },
		{ "[::1]:25 ", false },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct settings_address address;
		struct buf out;
		buf_init(&out, &arena, SIZE_MAX);
		if (settings_address_parse(span_cstr(cases[i].text), &address) != cases[i].ok)
			fail_msg("%s", cases[i].text);
		if (cases[i].ok) {
			settings_address_put(&address, &out);
			assert_span(buf_span(&out), cases[i].text);
		}
	}
}

static void too_large(void **state)
{
	char path[] = "/tmp/postern-settings-XXXXXX";
	struct settings settings;
	struct span error;
	size_t n = LIMIT_SETTINGS_BYTES + 1;
	uint8_t *p = malloc(n);
	(void)state;
	memset(p, '#', n);
	int fd = mkstemp(path);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	assert_int_equal(settings_load(path, &arena, &settings, &error), ERR_SYNTAX);
	assert_true(span_has(error, SPAN("this is no settings file")));
	assert_int_equal(ftruncate(fd, (off_t)n - 1), 0);
	assert_int_equal(settings_load(path, &arena, &settings, &error), ERR_OK);
	close(fd);
	unlink(path);
	free(p);
}

/* One more of each than a file may declare. */
static void too_many(void **state)
{
	struct buf out;
	(void)state;
	struct settings settings;
	struct settings_report report;
	for (int kind = 0; kind < 5; kind++) {
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
		if (kind == 4)
			for (unsigned i = 0; i <= LIMIT_LISTEN; i++)
				buf_printf(&out, "%s127.0.0.%u:25", i ? ", " : "listen_http: [", i);
		buf_cstr(&out, kind == 0 || kind == 4 ? "]\n" : kind == 1 ? "}}]\n" : kind == 2 ? "]}]\n" : "}]\n");
		assert_int_equal(load(buf_span(&out), &settings, &report), ERR_SYNTAX);
		assert_true(tells(&report, kind == 3 ? SPAN("is no zone") : SPAN("more than")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(too_large), cmocka_unit_test(too_many), cmocka_unit_test(reads),
					    cmocka_unit_test(refuses),   cmocka_unit_test(sample),   cmocka_unit_test(every_mistake),
					    cmocka_unit_test(defaults),  cmocka_unit_test(override), cmocka_unit_test(addresses) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("config/settings", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
