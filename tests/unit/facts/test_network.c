/* facts/network: a small database made here, damaged ones, records; and the packaged one where it is installed, with its speed. */
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "facts/network.h"
#include "tests/test.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena arena;

/* A database as it is written: networks by prefix, two of them nested. */
static const struct {
	const char *net;
	const char *country;
	uint32_t as;
} nets[] = {
	{ "192.0.2.0/24", "NZ", 64500 },
	{ "192.0.2.128/25", "FR", 64501 },
	{ "198.51.100.0/24", "\0\0", 0 },
	{ "2001:db8::/32", "DE", 64500 },
};
static const char names[] = "\0First AS\0Second AS";

struct writing {
	uint8_t bytes[65536];
	size_t n;
};

static void put32(struct writing *w, size_t at, uint32_t value)
{
	value = htobe32(value);
	memcpy(w->bytes + at, &value, 4);
}

static struct writing *write_database(void)
{
	static struct writing w;
	uint32_t tree[2000][3] = { { 0, 0, UINT32_MAX } }, nodes = 1;
	memset(&w, 0, sizeof w);
	for (uint32_t i = 0; i < COUNT(nets); i++) {
		struct ip_net net;
		assert_true(ip_net_parse(span_cstr(nets[i].net), &net));
		uint32_t node = 0;
		for (unsigned bit = 0; bit < net.bits; bit++) {
			unsigned side = net.ip.b[bit / 8] >> (7 - bit % 8) & 1;
			if (!tree[node][side]) {
				tree[nodes][2] = UINT32_MAX;
				tree[node][side] = nodes++;
			}
			node = tree[node][side];
		}
		tree[node][2] = i;
	}
	size_t at = 4096;
	memcpy(w.bytes, "LOCDBXX\1", 8);
	put32(&w, 28, (uint32_t)at);
	put32(&w, 32, 16);
	put32(&w, at, 64500);
	put32(&w, at + 4, 1);
	put32(&w, at + 8, 64501);
	put32(&w, at + 12, 10);
	put32(&w, 36, (uint32_t)(at += 16));
	put32(&w, 40, 12 * COUNT(nets));
	for (size_t i = 0; i < COUNT(nets); i++, at += 12) {
		memcpy(w.bytes + at, nets[i].country, 2);
		put32(&w, at + 4, nets[i].as);
	}
	put32(&w, 44, (uint32_t)at);
	put32(&w, 48, nodes * 12);
	for (uint32_t i = 0; i < nodes; i++, at += 12)
		for (unsigned k = 0; k < 3; k++)
			put32(&w, at + 4 * k, tree[i][k]);
	put32(&w, 60, (uint32_t)at);
	put32(&w, 64, sizeof names);
	memcpy(w.bytes + at, names, sizeof names);
	w.n = at + sizeof names;
	return &w;
}

static int open_bytes(const uint8_t *p, size_t n, struct network **ret, struct span *error)
{
	char path[] = "/tmp/postern-network-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, p, n) == (ssize_t)n);
	close(fd);
	int err = network_open(path, &arena, ret, error);
	unlink(path);
	return err;
}

static void finds(void **state)
{
	static const struct {
		const char *address, *record; /* NULL: not there */
	} cases[] = {
		{ "192.0.2.7", "AS64500 NZ 192.0.2.0/24 First AS" },
		{ "192.0.2.200", "AS64501 FR 192.0.2.128/25 Second AS" },
		{ "198.51.100.1", "AS0 -- 198.51.100.0/24 " },
		{ "198.51.101.1", NULL },
		{ "2001:db8:ff::1", "AS64500 DE 2001:db8::/32 First AS" },
		{ "2001:db9::", NULL },
		{ "nonsense", NULL },
	};
	(void)state;
	struct network *network;
	struct span error;
	struct writing *w = write_database();
	assert_int_equal(open_bytes(w->bytes, w->n, &network, &error), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct answer answer = { .question = { QUESTION_NETWORK, span_cstr(cases[i].address) } };
		network_answer(network, &arena, &answer);
		assert_int_equal(answer.status, cases[i].record ? ANSWER_OK : ANSWER_NXDOMAIN);
		if (cases[i].record)
			assert_span(answer.records.v[0], cases[i].record);
	}
	network_close(network);
	network_close(NULL);
}

static void records(void **state)
{
	struct network_entry entry;
	(void)state;
	assert_true(network_record(SPAN("AS64500 NZ 192.0.2.0/24 Name of the AS"), &entry));
	assert_int_equal(entry.as, 64500);
	assert_string_equal(entry.country, "NZ");
	assert_int_equal(entry.net.bits, 120);
	assert_span(entry.name, "Name of the AS");
	assert_true(network_record(SPAN("AS0 -- 2001:db8::/32 "), &entry));
	assert_string_equal(entry.country, "");
	assert_false(network_record(SPAN("AS1 NZ"), &entry));
	assert_false(network_record(SPAN("64500 NZ 192.0.2.0/24 x"), &entry));
	assert_false(network_record(SPAN(""), &entry));
}

/* Cut anywhere, and with any one byte wrong: an error, or answers that may be wrong. */
static void damaged(void **state)
{
	(void)state;
	struct network *network;
	struct network_entry entry;
	struct span error;
	struct ip ip4 = ip_from_v4(0xc0000207), ip6;
	struct writing *w = write_database();
	ip_parse(SPAN("2001:db8::1"), &ip6);
	for (size_t n = 0; n < w->n; n += n < 80 ? 1 : 397)
		if (open_bytes(w->bytes, n, &network, &error) == 0) {
			network_find(network, &ip4, &entry);
			network_close(network);
		}
	for (size_t i = 8; i < w->n; i += i < 80 ? 1 : i < 4096 ? 500 : 41) {
		uint8_t was = w->bytes[i];
		w->bytes[i] ^= 0xff;
		if (open_bytes(w->bytes, w->n, &network, &error) == 0) {
			network_find(network, &ip4, &entry);
			network_find(network, &ip6, &entry);
			network_close(network);
		}
		w->bytes[i] = was;
	}
	w->bytes[7] = 2;
	assert_int_equal(open_bytes(w->bytes, w->n, &network, &error), ERR_SYNTAX);
	assert_int_equal(network_open("/nowhere/location.db", &arena, &network, &error), ERR_IO);
	assert_true(span_has(error, SPAN("/nowhere/location.db: cannot read")));
	char path[] = "/tmp/postern-network-XXXXXX";
	int fd = mkstemp(path);
	assert_int_equal(ftruncate(fd, (off_t)LIMIT_NETWORK_DATABASE_BYTES + 1), 0);
	close(fd);
	assert_int_equal(network_open(path, &arena, &network, &error), ERR_SYNTAX);
	unlink(path);
}

/* 192.0.2.0/24 is nobody's, 193.0.0.0/21 is that of the RIPE NCC, in its own database since there is one. */
static void packaged(void **state)
{
	enum { LOOKUPS = 1000000 };
	(void)state;
	struct network *network;
	struct network_entry entry;
	struct span error;
	uint64_t begin = clock_microseconds();
	if (network_open(NETWORK_PACKAGED, &arena, &network, &error) != 0)
		skip();
	uint64_t opened = clock_microseconds();
	struct ip ip = ip_from_v4(0xc1000001);
	assert_true(network_find(network, &ip, &entry));
	assert_int_equal(entry.as, 3333);
	assert_string_equal(entry.country, "NL");
	assert_true(span_ihas(entry.name, SPAN("RIPE")) || span_ihas(entry.name, SPAN("Reseaux")));
	uint32_t seed = 1, found = 0;
	for (int round = 0; round < 2; round++) {
		uint64_t started = clock_microseconds();
		seed = 1;
		found = 0;
		for (int i = 0; i < LOOKUPS; i++) {
			seed = seed * 1664525 + 1013904223;
			ip = ip_from_v4(seed);
			found += network_find(network, &ip, &entry);
		}
		print_message("# opened in %lu us; %s: %lu ns a look-up of a random address, %u of %u known\n",
			      (unsigned long)(opened - begin), round ? "again" : "first",
			      (unsigned long)((clock_microseconds() - started) * 1000 / LOOKUPS), found, LOOKUPS);
	}
	network_close(network);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(finds), cmocka_unit_test(records), cmocka_unit_test(damaged),
					    cmocka_unit_test(packaged) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("facts/network", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
