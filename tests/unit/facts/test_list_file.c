/* facts/list_file: what stands in a list, what it holds, its exceptions, its damaged lines; and ranges against the plain way of looking. */
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "facts/address_build.h"
#include "facts/list_file.h"
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

static struct arena arena;

static struct list_file *file_of(const char *text)
{
	struct list_file *file = NULL;
	struct span error = span_none;
	if (list_file_parse(span_cstr(text), "list", &arena, &file, &error) != 0)
		fail_msg("%.*s", SPAN_ARG(error));
	return file;
}

static const char text[] = "# a list of ours\n"
			   "192.0.2.0/24\n"
			   "  !192.0.2.128/25   # rented out\r\n"
			   "192.0.2.200\n"
			   "2001:db8::/32\n"
			   "!2001:db8:1::/48\n"
			   "10.1/16\n"
			   "\n"
			   "Bad.Example\n"
			   "!good.bad.example\n"
			   "=alone.example\n"
			   ".dotted.example\n"
			   "someone@mail.example\n"
			   "255.255.255.255\n"
			   "0.0.0.0/8\n";

static void holds(void **state)
{
	static const struct {
		const char *key, *entry; /* NULL: not listed */
		uint32_t line;
	} cases[] = {
		{ "192.0.2.0", "192.0.2.0/24", 2 },
		{ "192.0.2.127", "192.0.2.0/24", 2 },
		{ "192.0.2.128", NULL, 0 },
		{ "192.0.2.199", NULL, 0 },
		{ "192.0.2.200", "192.0.2.200", 4 },
		{ "192.0.2.201", NULL, 0 },
		{ "192.0.2.255", NULL, 0 },
		{ "192.0.3.0", NULL, 0 },
		{ "192.0.1.255", NULL, 0 },
		{ "::ffff:192.0.2.1", "192.0.2.0/24", 2 },
		{ "2001:db8::1", "2001:db8::/32", 5 },
		{ "2001:db8:1::1", NULL, 0 },
		{ "2001:db8:2::1", "2001:db8::/32", 5 },
		{ "2001:db9::", NULL, 0 },
		{ "10.1.255.255", "10.1/16", 7 },
		{ "10.2.0.0", NULL, 0 },
		{ "0.0.0.1", "0.0.0.0/8", 15 },
		{ "1.0.0.0", NULL, 0 },
		{ "255.255.255.255", "255.255.255.255", 14 },
		{ "255.255.255.254", NULL, 0 },
		{ "bad.example", "Bad.Example", 9 },
		{ "WWW.bad.EXAMPLE", "Bad.Example", 9 },
		{ "good.bad.example", NULL, 0 },
		{ "www.good.bad.example", NULL, 0 },
		{ "notbad.example", NULL, 0 },
		{ "example", NULL, 0 },
		{ "alone.example", "=alone.example", 11 },
		{ "www.alone.example", NULL, 0 },
		{ "www.dotted.example", ".dotted.example", 12 },
		{ "Someone@mail.example", "someone@mail.example", 13 },
		{ "other@mail.example", NULL, 0 },
		{ "other@sub.bad.example", "Bad.Example", 9 },
		{ "", NULL, 0 },
	};
	(void)state;
	struct list_file *file = file_of(text);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span entry = span_none;
		uint32_t line = 0;
		bool has = list_file_has(file, span_cstr(cases[i].key), &arena, &entry, &line);
		if (has != (cases[i].entry != NULL) || line != cases[i].line || (has && !span_eq(entry, span_cstr(cases[i].entry))))
			fail_msg("%s: %.*s line %u", cases[i].key, SPAN_ARG(entry), line);
	}
	list_file_free(file);
	list_file_free(NULL);
}

/* What `postern lists build` makes stands for a file of text; damaged, it is refused with the reason. */
static void built(void **state)
{
	static const struct {
		const char *key, *entry; /* NULL: not listed */
	} cases[] = {
		{ "192.0.2.9", "192.0.2.0/24 (block)" },
		{ "192.0.2.200", "192.0.2.200 (trap)" },
		{ "192.0.2.128", NULL },
		{ "198.51.100.1", NULL },
		{ "2001:db8::5", "2001:db8::/32 (trap)" },
		{ "bad.example", NULL },
	};
	char path[] = "/tmp/postern-list-XXXXXX", why[ADDRESS_WHY_MAX];
	struct address_build *build = address_build_new();
	struct list_file *file;
	struct span error;
	uint16_t block, trap;
	int fd = mkstemp(path);
	(void)state;
	address_build_class(build, &(struct address_class){ SPAN("block"), span_none, 2 }, &block);
	address_build_class(build, &(struct address_class){ SPAN("trap"), span_none, 2 }, &trap);
	static const struct {
		const char *net;
		bool trap;
	} entries[] = { { "192.0.2.0/24", false }, { "!192.0.2.128/25", false }, { "192.0.2.200", true }, { "2001:db8::/32", true } };
	for (size_t i = 0; i < COUNT(entries); i++) {
		struct ip_net net;
		assert_true(ip_net_parse(span_cstr(entries[i].net), &net));
		address_build_add(build, &net, entries[i].trap ? trap : block);
	}
	assert_int_equal(address_build_write(build, path, 0, why), 0);
	address_build_free(build);
	assert_int_equal(list_file_read(path, &arena, &file, &error), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span entry = span_none;
		uint32_t line = 1;
		bool has = list_file_has(file, span_cstr(cases[i].key), &arena, &entry, &line);
		if (has != (cases[i].entry != NULL) || line != 0 || (has && !span_eq(entry, span_cstr(cases[i].entry))))
			fail_msg("%s: %.*s line %u", cases[i].key, SPAN_ARG(entry), line);
	}
	list_file_free(file);
	assert_int_equal(truncate(path, 200), 0);
	assert_true(list_file_read(path, &arena, &file, &error) < 0);
	assert_true(span_has(error, SPAN("is damaged")) || span_has(error, SPAN("is no list")));
	close(fd);
	unlink(path);
}

static void damaged(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "192.0.2.1\n192.0.2.256\n", "list:2: this is no address" },
		{ "192.0.2.0/33\n", "list:1: this is no address" },
		{ "example.org example.net\n", "list:1: one entry a line" },
		{ "exa$mple.org\n", "list:1: this is neither" },
		{ "a@b@\n", "list:1: this is neither" },
		{ "!!192.0.2.1\n", "list:1: this is neither" },
		{ "ok.example\n\n\n\x01\n", "list:4:" },
		{ "2001:db8::/129\n", "list:1: this is" },
		{ "=\n", "list:1: this is neither" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct list_file *file = NULL;
		struct span error = span_none;
		if (list_file_parse(span_cstr(cases[i].text), "list", &arena, &file, &error) != ERR_SYNTAX ||
		    !span_starts(error, span_cstr(cases[i].says)))
			fail_msg("%s: %.*s", cases[i].text, SPAN_ARG(error));
	}
	struct span error = span_none;
	struct list_file *file = NULL;
	assert_int_equal(list_file_read("/nowhere/list", &arena, &file, &error), ERR_IO);
	assert_true(span_has(error, SPAN("/nowhere/list: cannot read the list")));
	uint8_t *large = malloc(LIMIT_LIST_FILE_BYTES + 1);
	memset(large, '\n', LIMIT_LIST_FILE_BYTES + 1);
	assert_int_equal(list_file_parse(span_of(large, LIMIT_LIST_FILE_BYTES + 1), "list", &arena, &file, &error), ERR_LIMIT);
	free(large);
}

static uint32_t next_random(uint32_t *seed) { return *seed = *seed * 1664525 + 1013904223; }

/* The narrowest network that holds an address, found by looking at all of them, the last of equals. */
static void ranges_are_right(void **state)
{
	enum { NETS = 300, PROBES = 3000 };
	(void)state;
	uint32_t seed = 7;
	struct buf out;
	struct ip_net nets[NETS];
	bool exclude[NETS];
	buf_init(&out, &arena, 1 << 20);
	for (int i = 0; i < NETS; i++) {
		unsigned bits = 8 + next_random(&seed) % 25;
		uint32_t address = (next_random(&seed) & 0x03ff03ff) << (32 - bits) % 8;
		char words[IP_TEXT_MAX];
		nets[i] = (struct ip_net){ ip_from_v4(address), (uint8_t)(96 + bits), false };
		exclude[i] = next_random(&seed) >> 30 == 0;
		buf_printf(&out, "%s%.*s/%u\n", exclude[i] ? "!" : "", (int)ip_format(&nets[i].ip, words), words, bits);
	}
	struct list_file *file;
	struct span error;
	assert_int_equal(list_file_parse(buf_span(&out), "list", &arena, &file, &error), 0);
	for (int i = 0; i < PROBES; i++) {
		struct ip ip = i % 2 ? ip_from_v4(next_random(&seed) & 0x0fff0fff) : nets[next_random(&seed) % NETS].ip;
		int best = -1;
		for (int k = 0; k < NETS; k++)
			if (ip_net_has(&nets[k], &ip) && (best < 0 || nets[k].bits >= nets[best].bits))
				best = k;
		char words[IP_TEXT_MAX];
		struct span entry;
		uint32_t line = 0;
		bool has = list_file_has(file, span_of(words, ip_format(&ip, words)), &arena, &entry, &line);
		if (has != (best >= 0 && !exclude[best]) || (has && line != (uint32_t)best + 1))
			fail_msg("%s: %d, line %u, not %d", words, has, line, best + 1);
	}
	list_file_free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(holds), cmocka_unit_test(built), cmocka_unit_test(damaged),
					    cmocka_unit_test(ranges_are_right) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("facts/list_file", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
