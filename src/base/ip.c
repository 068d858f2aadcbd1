/* base/ip.c - see ip.h */
#include "base/ip.h"
#include "base/ascii.h"

#include <arpa/inet.h>
#include <stdio.h>

struct ip ip_from_v4(uint32_t v4)
{
	struct ip ip = { { [10] = 0xff, [11] = 0xff } };
	for (int i = 0; i < 4; i++)
		ip.b[12 + i] = (uint8_t)(v4 >> (24 - 8 * i));
	return ip;
}

/* Up to four decimal octets; returns how many were read, 0 when malformed. A trailing dot is allowed when short is. */
static int parse_octets(struct span text, bool allow_short, uint8_t octets[4])
{
	int n = 0;
	size_t i = 0;
	while (i < text.n) {
		unsigned value = 0;
		size_t digits = 0;
		for (; i < text.n && ascii_is_digit(text.p[i]) && digits < 4; i++, digits++)
			value = value * 10 + (text.p[i] - '0');
		if (digits == 0 || digits > 3 || value > 255 || n == 4)
			return 0;
		octets[n++] = (uint8_t)value;
		if (i == text.n)
			break;
		if (text.p[i] != '.' || n == 4)
			return 0;
		i++;
		if (i == text.n && !allow_short)
			return 0;
	}
	return allow_short || n == 4 ? n : 0;
}

bool ip_parse(struct span text, struct ip *ret_ip)
{
	if (text.n >= 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
		text = span_slice(text, 1, text.n - 1);
	if (span_istarts(text, SPAN("IPv6:")))
		text = span_skip(text, 5);
	size_t zone = span_find_byte(text, '%', 0);
	if (zone != SPAN_NPOS)
		text = span_first(text, zone);
	uint8_t octets[4] = { 0 };
	if (parse_octets(text, false, octets) == 4) {
		*ret_ip = ip_from_v4((uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 | octets[3]);
		return true;
	}
	char copy[IP_TEXT_MAX];
	if (text.n < 2 || text.n >= sizeof copy || span_find_byte(text, ':', 0) == SPAN_NPOS)
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	struct ip ip;
	if (inet_pton(AF_INET6, copy, ip.b) != 1)
		return false;
	*ret_ip = ip;
	return true;
}

/* Every message has some: printf would cost more than all else that is done with them. */
static size_t format_v4(const uint8_t b[4], char text[IP_TEXT_MAX])
{
	char *out = text;
	for (unsigned i = 0; i < 4; i++) {
		if (i > 0)
			*out++ = '.';
		if (b[i] >= 100)
			*out++ = (char)('0' + b[i] / 100);
		if (b[i] >= 10)
			*out++ = (char)('0' + b[i] / 10 % 10);
		*out++ = (char)('0' + b[i] % 10);
	}
	*out = '\0';
	return (size_t)(out - text);
}

size_t ip_format(const struct ip *ip, char text[IP_TEXT_MAX])
{
	if (ip_is_v4(ip))
		return format_v4(ip->b + 12, text);
	inet_ntop(AF_INET6, ip->b, text, IP_TEXT_MAX);
	return strlen(text);
}

bool ip_net_has(const struct ip_net *net, const struct ip *ip)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;
	if (memcmp(net->ip.b, ip->b, whole) != 0)
		return false;
	return rest == 0 || ((net->ip.b[whole] ^ ip->b[whole]) & (0xff00u >> rest) & 0xff) == 0;
}

bool ip_nets_have(const struct ip_net *nets, size_t n, const struct ip *ip)
{
	for (size_t i = 0; i < n; i++)
		if (ip_net_has(&nets[i], ip))
			return !nets[i].exclude;
	return false;
}

bool ip_net_parse(struct span text, struct ip_net *ret_net)
{
	struct ip_net net = { 0 };
	text = span_trim(text);
	if (text.n && text.p[0] == '!') {
		net.exclude = true;
		text = span_skip(text, 1);
	}
	size_t slash = span_find_byte(text, '/', 0);
	uint64_t bits = 0;
	bool has_bits = slash != SPAN_NPOS;
	if (has_bits && !span_to_uint(span_skip(text, slash + 1), 128, &bits))
		return false;
	struct span address = span_first(text, slash);
	uint8_t octets[4] = { 0 };
	int n = parse_octets(address, true, octets);
	if (n > 0) {
		/* "10/8" and "1.2." are short forms: what is missing is zero, and outside the mask if none is given. */
		if (bits > 32)
			return false;
		net.ip = ip_from_v4((uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 | octets[3]);
		net.bits = (uint8_t)(96 + (has_bits ? (unsigned)bits : (unsigned)n * 8));
	} else {
		if (!ip_parse(address, &net.ip))
			return false;
		net.bits = (uint8_t)(has_bits ? (ip_is_v4(&net.ip) && bits <= 32 ? bits + 96 : bits) : 128);
	}
	*ret_net = net;
	return true;
}

static bool in_table(const struct ip *ip, const struct ip_net *nets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ip_net_has(&nets[i], ip))
			return true;
	return false;
}

#define V4(a, b, c, d, len)                                                                                                                \
	{                                                                                                                                  \
		{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d } }, 96 + (len), false                                            \
	}
#define V6(a, b, len)                                                                                                                      \
	{                                                                                                                                  \
		{ { a, b } }, len, false                                                                                                   \
	}

bool ip_is_private(const struct ip *ip)
{
	static const struct ip_net nets[] = {
		V4(10, 0, 0, 0, 8),    V4(172, 16, 0, 0, 12), V4(192, 168, 0, 0, 16), V4(169, 254, 0, 0, 16), V4(127, 0, 0, 0, 8),
		V4(100, 64, 0, 0, 10), V4(0, 0, 0, 0, 8),     V6(0xfe, 0x80, 10),     V6(0xfc, 0x00, 7),      V6(0xfe, 0xc0, 10),
	};
	return in_table(ip, nets, sizeof nets / sizeof *nets) || ip_is_loopback(ip);
}

bool ip_is_loopback(const struct ip *ip)
{
	static const struct ip_net nets[] = { V4(127, 0, 0, 0, 8), { { { [15] = 1 } }, 128, false } };
	return in_table(ip, nets, sizeof nets / sizeof *nets);
}
