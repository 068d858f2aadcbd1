/* net/tls_certificate: made, recognised by its name and time, and good enough for TLS. */
#include "net/tls.h"
#include "net/tls_certificate.h"
#include "tests/test.h"

enum { NOW = 1795348477, DAY = 86400 };

static void made(void **state)
{
	struct arena arena;
	struct span certificate, key, other, other_key, error;
	struct ssl_ctx_st *tls;
	(void)state;
	arena_init(&arena);
	assert_int_equal(tls_certificate_make(SPAN("relay.example.net"), NOW, &arena, &certificate, &key), ERR_OK);
	assert_true(span_starts(certificate, SPAN("-----BEGIN CERTIFICATE-----\n")));
	assert_true(span_starts(key, SPAN("-----BEGIN PRIVATE KEY-----\n")));
	assert_true(tls_certificate_serves(certificate, SPAN("relay.example.net"), NOW));
	assert_false(tls_certificate_serves(certificate, SPAN("other.example.net"), NOW));
	assert_true(tls_certificate_serves(certificate, SPAN("relay.example.net"), NOW + 3600ll * DAY));
	assert_false(tls_certificate_serves(certificate, SPAN("relay.example.net"), NOW + 3660ll * DAY));
	assert_false(tls_certificate_serves(SPAN("nonsense"), SPAN("relay.example.net"), NOW));
	assert_int_equal(tls_server_new(certificate, key, &arena, &tls, &error), ERR_OK);
	tls_free(tls);
	assert_int_equal(tls_certificate_make(SPAN("relay.example.net"), NOW, &arena, &other, &other_key), ERR_OK);
	assert_false(span_eq(certificate, other));
	assert_int_equal(tls_server_new(certificate, other_key, &arena, &tls, &error), ERR_SYNTAX);
	arena_release(&arena);
}

/* A name too long for a common name is a DNS name all the same. */
static void long_name(void **state)
{
	struct arena arena;
	struct span certificate, key, name = SPAN("a-very-long-label-of-many-letters.another-very-long-label-of-many-letters.example.net");
	(void)state;
	arena_init(&arena);
	assert_int_equal(tls_certificate_make(name, NOW, &arena, &certificate, &key), ERR_OK);
	assert_true(tls_certificate_serves(certificate, name, NOW));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(made), cmocka_unit_test(long_name) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
