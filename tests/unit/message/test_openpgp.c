/* message/openpgp, message/smime: verdicts on armour that is made here, and linear work. */
#include "tests/test.h"

#include <stdlib.h>

#include "message/openpgp.h"
#include "message/smime.h"

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static uint32_t crc24(const uint8_t *p, size_t n)
{
	uint32_t crc = 0xb704ce;
	while (n--) {
		crc ^= (uint32_t)*p++ << 16;
		for (int i = 0; i < 8; i++)
			crc = crc << 1 ^ (crc & 0x800000 ? 0x1864cfb : 0);
	}
	return crc & 0xffffff;
}

/* n must be a multiple of three. */
static size_t encode(char *to, const uint8_t *p, size_t n, size_t columns)
{
	size_t out = 0, column = 0;
	for (size_t i = 0; i + 2 < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2];
		for (int k = 3; k >= 0; k--) {
			to[out++] = base64[v >> 6 * k & 63];
			if (++column == columns) {
				to[out++] = '\n';
				column = 0;
			}
		}
	}
	if (column)
		to[out++] = '\n';
	return out;
}

/* A signature packet: new format, tag 2, one-octet length 150, version 4, text document, RSA, SHA-256, then counted bytes. */
static size_t armoured(char *to, uint8_t first, uint8_t version, bool with_crc, uint32_t crc_error, size_t columns)
{
	uint8_t packet[153] = { first, 150, version, 1, 1, 8 };
	for (size_t i = 6; i < sizeof packet; i++)
		packet[i] = (uint8_t)(i * 37);
	size_t n = (size_t)sprintf(
	    to, "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhi\n-----BEGIN PGP SIGNATURE-----\nVersion: made up\n\n");
	n += encode(to + n, packet, 153, columns);
	if (with_crc) {
		uint32_t crc = crc24(packet, 153) ^ crc_error;
		uint8_t sum[3] = { (uint8_t)(crc >> 16), (uint8_t)(crc >> 8), (uint8_t)crc };
		to[n++] = '=';
		n += encode(to + n, sum, 3, 4);
	}
	return n + (size_t)sprintf(to + n, "-----END PGP SIGNATURE-----\n");
}

static void verdicts(void **state)
{
	(void)state;
	static const struct {
		uint8_t first, version;
		bool crc;
		uint32_t crc_error;
		size_t columns;
		enum openpgp_verdict verdict;
	} cases[] = {
		{ 0xc2, 4, true, 0, 64, OPENPGP_PLAUSIBLE }, { 0xc2, 4, false, 0, 64, OPENPGP_PLAUSIBLE },
		{ 0xc2, 4, true, 1, 64, OPENPGP_UNKNOWN },   { 0xc2, 9, false, 0, 64, OPENPGP_FAKE },
		{ 0x42, 4, false, 0, 64, OPENPGP_FAKE },     { 0x42, 4, true, 1, 64, OPENPGP_FAKE },
		{ 0xc6, 4, false, 0, 64, OPENPGP_FAKE },     { 0xc2, 4, true, 0, 76, OPENPGP_PLAUSIBLE },
		{ 0x42, 4, true, 0, 64, OPENPGP_PLAUSIBLE }, /* odd, but somebody computed its checksum */
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[2000];
		struct arena arena;
		struct openpgp_block block;
		size_t n = armoured(text, cases[i].first, cases[i].version, cases[i].crc, cases[i].crc_error, cases[i].columns);
		struct openpgp_scan scan = { .text = span_of(text, n) };
		arena_init(&arena);
		assert_true(openpgp_next(&scan, &arena, &block));
		if (block.verdict != cases[i].verdict)
			print_error("case %zu: verdict %d, faults %x\n", i, block.verdict, block.faults);
		assert_int_equal(block.verdict, cases[i].verdict);
		assert_false(block.faults & OPENPGP_UNFRAMED);
		assert_int_equal(block.to, n);
		assert_false(openpgp_next(&scan, &arena, &block));
		arena_release(&arena);
	}
}

/* A hundred thousand blocks that never end: each line is looked at once. */
static void linear(void **state)
{
	(void)state;
	static const char one[] = "-----BEGIN PGP SIGNATURE-----\niQEz\n";
	size_t n = sizeof one - 1, count = 100000;
	char *text = malloc(n * count);
	struct arena arena;
	struct openpgp_block block;
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * n, one, n);
	struct openpgp_scan scan = { .text = span_of(text, n * count) };
	arena_init(&arena);
	size_t found = 0;
	while (openpgp_next(&scan, &arena, &block))
		found++;
	assert_int_equal(found, count);
	assert_true(scan.steps <= n * count);
	arena_release(&arena);
	free(text);
}

#define OID "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
static void smime(void **state)
{
	(void)state;
	static const struct {
		struct span bytes;
		enum smime_kind kind;
		enum smime_verdict verdict;
	} cases[] = {
		{ SPAN_INIT("0\x80" OID "\2\xa0\x80"
			    "0123456789"),
		  SMIME_SIGNATURE, SMIME_PLAUSIBLE },
		{ SPAN_INIT("0\x10" OID "\2\xa0\3\2\1\1"), SMIME_SIGNATURE, SMIME_PLAUSIBLE },
		{ SPAN_INIT("0\x10" OID "\3\xa0\3\2\1\1"), SMIME_SIGNATURE, SMIME_FAKE },
		{ SPAN_INIT("0\x10" OID "\3\xa0\3\2\1\1"), SMIME_OPAQUE, SMIME_PLAUSIBLE },
		{ SPAN_INIT("0\x82\x10\0" OID "\2\xa0\3\2\1\1"), SMIME_SIGNATURE, SMIME_UNKNOWN },
		{ SPAN_INIT("This message was signed by the bank."), SMIME_SIGNATURE, SMIME_FAKE },
		{ SPAN_INIT("-----BEGIN PKCS7-----\nMIIB"), SMIME_SIGNATURE, SMIME_UNKNOWN },
		{ SPAN_INIT(""), SMIME_SIGNATURE, SMIME_UNKNOWN },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(smime_judge(cases[i].bytes, cases[i].kind), cases[i].verdict);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(verdicts), cmocka_unit_test(linear), cmocka_unit_test(smime) };
	return cmocka_run_group_tests_name("message/openpgp", tests, NULL, NULL);
}
