/* session/proxy_protocol.c - see proxy_protocol.h */
#include "session/proxy_protocol.h"
#include "base/cursor.h"

enum {
	LINE_MAX = 107, /* of version 1, its CRLF included */
	HEAD = 16,
	COMMAND_LOCAL = 0x20,
	COMMAND_PROXY = 0x21,
	TCP4 = 0x11,
	TCP6 = 0x21,
};

static const struct span signature = SPAN_INIT("\r\n\r\n\0\r\nQUIT\n");

/* "PROXY TCP4 192.0.2.1 198.51.100.1 56324 25" */
static enum proxy_protocol_step read_line(struct span in, size_t *ret_used, struct proxy_protocol *ret)
{
	struct span line = span_first(in, LINE_MAX), word, from, port;
	struct proxy_protocol client = { .has_ip = false };
	uint64_t number;
	size_t end = span_find_byte(line, '\n', 0);
	if (end == SPAN_NPOS)
		return in.n < LINE_MAX ? PROXY_PROTOCOL_MORE : PROXY_PROTOCOL_BAD;
	if (end == 0 || line.p[end - 1] != '\r')
		return PROXY_PROTOCOL_BAD;
	struct span rest = span_slice(line, 6, end - 1);
	span_split(&rest, ' ', &word);
	*ret_used = end + 1;
	*ret = client;
	if (span_eq(word, SPAN("UNKNOWN")))
		return PROXY_PROTOCOL_READ;
	bool v4 = span_eq(word, SPAN("TCP4"));
	if ((!v4 && !span_eq(word, SPAN("TCP6"))) || !span_split(&rest, ' ', &from) || !span_split(&rest, ' ', &word) ||
	    !span_split(&rest, ' ', &port) || !span_to_uint(port, UINT16_MAX, &number) || !ip_parse(from, &client.ip) ||
	    (span_find_byte(from, ':', 0) == SPAN_NPOS) != v4)
		return PROXY_PROTOCOL_BAD;
	client.has_ip = true;
	client.port = (uint16_t)number;
	*ret = client;
	return PROXY_PROTOCOL_READ;
}

static enum proxy_protocol_step read_header(struct span in, size_t *ret_used, struct proxy_protocol *ret)
{
	struct cursor c = cursor_of(span_skip(in, signature.n));
	uint8_t command = cursor_u8(&c), family = cursor_u8(&c);
	size_t length = cursor_be16(&c);
	if (command != COMMAND_LOCAL && command != COMMAND_PROXY)
		return PROXY_PROTOCOL_BAD;
	if (in.n < HEAD + length)
		return PROXY_PROTOCOL_MORE;
	struct cursor body = cursor_of(span_slice(in, HEAD, HEAD + length));
	struct proxy_protocol client = { .has_ip = command == COMMAND_PROXY && (family == TCP4 || family == TCP6) };
	if (client.has_ip && family == TCP4) {
		uint32_t high = cursor_be16(&body);
		client.ip = ip_from_v4(high << 16 | cursor_be16(&body));
		cursor_skip(&body, 4);
	} else if (client.has_ip) {
		struct span bytes = cursor_take(&body, 16);
		if (bytes.n == sizeof client.ip.b)
			memcpy(client.ip.b, bytes.p, bytes.n);
		cursor_skip(&body, 16);
	}
	if (client.has_ip)
		client.port = cursor_be16(&body);
	if (body.overrun)
		return PROXY_PROTOCOL_BAD;
	*ret_used = HEAD + length;
	*ret = client;
	return PROXY_PROTOCOL_READ;
}

enum proxy_protocol_step proxy_protocol_read(struct span in, size_t *ret_used, struct proxy_protocol *ret_client)
{
	static const struct span word = SPAN_INIT("PROXY ");
	*ret_used = 0;
	if (span_starts(in, word))
		return read_line(in, ret_used, ret_client);
	if (in.n >= HEAD && span_starts(in, signature))
		return read_header(in, ret_used, ret_client);
	bool begins = in.n < word.n ? span_starts(word, in) : false;
	begins |= in.n < signature.n ? span_starts(signature, in) : span_starts(in, signature);
	return begins ? PROXY_PROTOCOL_MORE : PROXY_PROTOCOL_BAD;
}
