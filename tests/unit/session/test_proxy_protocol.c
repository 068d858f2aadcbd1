/* session/proxy_protocol: both versions in pieces of any size, and what is neither. */
#include "session/proxy_protocol.h"
#include "tests/test.h"

#define V2 "\r\n\r\n\0\r\nQUIT\n"

static void headers(void **state)
{
	static const struct {
		struct span in;
		enum proxy_protocol_step step;
		const char *ip; /* NULL: none */
		uint16_t port;
		size_t rest;
	} v[] = {
		{ SPAN_INIT("PROXY TCP4 192.0.2.1 198.51.100.1 56324 25\r\nEHLO x\r\n"), PROXY_PROTOCOL_READ, "192.0.2.1", 56324, 8 },
		{ SPAN_INIT("PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n"), PROXY_PROTOCOL_READ, "2001:db8::1", 1, 0 },
		{ SPAN_INIT("PROXY UNKNOWN\r\nx"), PROXY_PROTOCOL_READ, NULL, 0, 1 },
		{ SPAN_INIT("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), PROXY_PROTOCOL_READ, NULL, 0, 0 },
		{ SPAN_INIT("PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n"), PROXY_PROTOCOL_BAD, NULL, 0, 0 },
		{ SPAN_INIT("PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n"), PROXY_PROTOCOL_BAD, NULL, 0, 0 },
		{ SPAN_INIT("PROXY TCP4 192.0.2.1 198.51.100.1 65536 25\r\n"), PROXY_PROTOCOL_BAD, NULL, 0, 0 },
		{ SPAN_INIT("PROXY TCP4 192.0.2.1\r\n"), PROXY_PROTOCOL_BAD, NULL, 0, 0 },
		{ SPAN_INIT("PROXY TCP4 192.0.2.1 198.51.100.1 1 2\n"), PROXY_PROTOCOL_BAD, NULL, 0, 0 },
		{ SPAN_INIT("EHLO x\r\n"), PROXY_PROTOCOL_BAD, NULL, 0, 0 },
		{ SPAN_INIT(V2 "\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x01\xdc\x04\0\x19x"), PROXY_PROTOCOL_READ, "192.0.2.1", 0xdc04,
		  1 },
		{ SPAN_INIT(V2 "\x21\x11\0\x0f\xc0\0\x02\x01\xc6\x33\x64\x01\xdc\x04\0\x19tlv"), PROXY_PROTOCOL_READ, "192.0.2.1", 0xdc04,
		  0 },
		{ SPAN_INIT(
		      V2 "\x21\x21\0\x24\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\0\x07\0\x19"),
		  PROXY_PROTOCOL_READ, "2001:db8::1", 7, 0 },
		{ SPAN_INIT(V2 "\x20\0\0\0EHLO"), PROXY_PROTOCOL_READ, NULL, 0, 4 },
		{ SPAN_INIT(V2 "\x21\x31\0\x02xx"), PROXY_PROTOCOL_READ, NULL, 0, 0 },
		{ SPAN_INIT(V2 "\x21\x11\0\x04\xc0\0\x02\x01"), PROXY_PROTOCOL_BAD, NULL, 0, 0 },
		{ SPAN_INIT(V2 "\x31\x11\0\0"), PROXY_PROTOCOL_BAD, NULL, 0, 0 },
		{ SPAN_INIT("\r\n\r\nQUIT\n\0\0\0\0\0\0\0"), PROXY_PROTOCOL_BAD, NULL, 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		enum proxy_protocol_step step = PROXY_PROTOCOL_MORE;
		struct proxy_protocol client = { .has_ip = true };
		size_t used = 0, n = 0;
		struct ip ip;
		while (step == PROXY_PROTOCOL_MORE && n < v[i].in.n)
			step = proxy_protocol_read(span_first(v[i].in, ++n), &used, &client);
		if (step != v[i].step)
			fail_msg("%zu: %d", i, step);
		assert_true(n <= v[i].in.n - v[i].rest); /* and no byte more was needed than there are */
		if (step != PROXY_PROTOCOL_READ)
			continue;
		assert_int_equal(used, v[i].in.n - v[i].rest);
		assert_int_equal(client.has_ip, v[i].ip != NULL);
		if (v[i].ip) {
			assert_true(ip_parse(span_cstr(v[i].ip), &ip) && ip_eq(&ip, &client.ip));
			assert_int_equal(client.port, v[i].port);
		}
	}
	char endless[200];
	size_t used;
	struct proxy_protocol client;
	memset(endless, 'x', sizeof endless);
	memcpy(endless, "PROXY ", 6);
	assert_int_equal(proxy_protocol_read(span_of(endless, 106), &used, &client), PROXY_PROTOCOL_MORE);
	assert_int_equal(proxy_protocol_read(span_of(endless, 107), &used, &client), PROXY_PROTOCOL_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(headers) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
