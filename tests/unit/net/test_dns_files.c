/* net/dns_files: resolv.conf and keys as they stand on machines, and as a process is told them that can open no file. */
#include "base/err.h"
#include "net/dns_files.h"
#include "tests/test.h"

static struct arena arena;

static void servers(void **state)
{
	static const struct {
		const char *resolv_conf, *want;
	} cases[] = {
		{ "", "" },
		{ "# made by dhcp\nsearch example.org\nnameserver 192.0.2.53\n", "192.0.2.53 " },
		{ "nameserver\t2001:db8::53  # ours\nnameserver 192.0.2.1", "2001:db8::53 192.0.2.1 " },
		{ "nameserver fe80::1%eth0\r\n", "fe80::1%eth0 " },
		{ "nameservers 192.0.2.1\n nameserver 192.0.2.2\nnameserver somewhere\nnameserver\n", "" },
		{ "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n",
		  "192.0.2.1 192.0.2.2 192.0.2.3 " },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns_files files = { 0 };
		struct buf out;
		buf_init(&out, &arena, 1000);
		dns_files_servers(span_cstr(cases[i].resolv_conf), &arena, &files);
		for (uint32_t k = 0; k < files.servers.n; k++) {
			buf_put(&out, files.servers.v[k]);
			buf_byte(&out, ' ');
		}
		assert_span(buf_span(&out), cases[i].want);
	}
}

static void keys(void **state)
{
	static const struct {
		const char *zone_file, *want;
	} cases[] = {
		{ "", "" },
		{ "; autotrust trust anchor file\n;;id: . 1\n. 86400 IN DNSKEY 257 3 8 AwEAAa ;{id = 20326 (ksk)} ;;state=2 [VALID]\n",
		  ". 86400 IN DNSKEY 257 3 8 AwEAAa \n" },
		{ "$TTL 3600\n. IN DS 1 8 2 (\n  AB ; the first half\n  CD )\n\n. IN DS 2 8 2 EF",
		  ". IN DS 1 8 2     AB    CD  \n. IN DS 2 8 2 EF\n" },
		{ "a IN DS 1 8 2 ))) AB\n", "a IN DS 1 8 2     AB\n" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_span(dns_files_keys(span_cstr(cases[i].zone_file), &arena), cases[i].want);
}

static void read_and_told(void **state)
{
	struct settings settings = {
		.resolver = { .kind = RESOLVER_SERVERS, .n = 2, .servers = (struct span[]){ SPAN("192.0.2.1"), SPAN("192.0.2.2@53") } }
	};
	struct dns_files files, told;
	struct span error;
	struct buf out;
	(void)state;
	assert_int_equal(dns_files_read(&settings, &arena, &files, &error), 0);
	assert_int_equal(files.servers.n, 2);
	assert_int_equal(files.keys.n, 0);
	settings.trust_anchors = SPAN("/nowhere/anchors");
	assert_int_equal(dns_files_read(&settings, &arena, &files, &error), ERR_IO);
	assert_span(error, "trust_anchors: cannot read /nowhere/anchors: No such file or directory");
	settings = (struct settings){ .resolver = { .kind = RESOLVER_RECURSIVE } };
	assert_int_equal(dns_files_read(&settings, &arena, &files, &error), 0);
	assert_int_equal(files.servers.n, 0);
	assert_true(span_starts(files.keys, SPAN(". "))); /* the root's, wherever they come from */
	settings = (struct settings){ .resolver = { .kind = RESOLVER_SYSTEM } };
	assert_int_equal(dns_files_read(&settings, &arena, &files, &error), 0);
	assert_true(files.servers.n >= 1); /* the machine itself, where nobody is named */
	files.keys = SPAN("a IN DS 1 8 2 AB\n");

	buf_init(&out, &arena, 10000);
	dns_files_write(&files, &out);
	assert_int_equal(dns_files_parse(buf_span(&out), &arena, &told), 0);
	assert_int_equal(told.servers.n, files.servers.n);
	assert_span(told.servers.v[0], (const char *)arena_printf(&arena, "%.*s", SPAN_ARG(files.servers.v[0])).p);
	assert_span(told.keys, "a IN DS 1 8 2 AB\n");
	for (size_t n = 0; n < out.n; n++)
		assert_int_equal(dns_files_parse(span_of(out.p, n), &arena, &told), ERR_SYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(servers), cmocka_unit_test(keys), cmocka_unit_test(read_and_told) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
