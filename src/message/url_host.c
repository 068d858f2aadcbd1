/* message/url_host.c - see url_host.h */
#include "message/url_host.h"
#include "base/ascii.h"
#include "base/err.h"

#include <arpa/inet.h>

enum { IPV6_TEXT_LONGEST = 45 };

/* What a byte of a host means. */
enum {
	PLAIN = 0,
	UPPER = 1,
	PERCENT = 2,
	HIGH = 4,             /* not ASCII */
	FORBIDDEN_DOMAIN = 8, /* forbidden domain code points: controls, '%', DEL and the next */
	FORBIDDEN_HOST = 16,  /* forbidden host code points */
};

__extension__ static const uint8_t class[256] = {
	[0x00] = FORBIDDEN_HOST,
	[0x01 ... 0x08] = FORBIDDEN_DOMAIN,
	['\t'] = FORBIDDEN_HOST,
	['\n'] = FORBIDDEN_HOST,
	[0x0B ... 0x0C] = FORBIDDEN_DOMAIN,
	['\r'] = FORBIDDEN_HOST,
	[0x0E ... 0x1F] = FORBIDDEN_DOMAIN,
	[' '] = FORBIDDEN_HOST,
	['#'] = FORBIDDEN_HOST,
	['/'] = FORBIDDEN_HOST,
	[':'] = FORBIDDEN_HOST,
	['<'] = FORBIDDEN_HOST,
	['>'] = FORBIDDEN_HOST,
	['?'] = FORBIDDEN_HOST,
	['@'] = FORBIDDEN_HOST,
	['['] = FORBIDDEN_HOST,
	['\\'] = FORBIDDEN_HOST,
	[']'] = FORBIDDEN_HOST,
	['^'] = FORBIDDEN_HOST,
	['|'] = FORBIDDEN_HOST,
	['%'] = PERCENT,
	[0x7F] = FORBIDDEN_DOMAIN,
	['A' ... 'Z'] = UPPER,
	[0x80 ... 0xFF] = HIGH,
};

static unsigned classes_of(struct span s)
{
	unsigned seen = 0;
	for (size_t i = 0; i < s.n; i++)
		seen |= class[s.p[i]];
	return seen;
}

/* "ends in a number" (3.5): then the whole must be an IPv4 address. The last label is digits, or 0x and hex digits. */
static bool ends_in_number(struct span host)
{
	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	size_t dot = span_rfind_byte(host, '.');
	struct span last = dot == SPAN_NPOS ? host : span_skip(host, dot + 1);
	if (last.n == 0 || !ascii_is_digit(last.p[0]))
		return false;
	bool hex = last.n >= 2 && last.p[0] == '0' && (last.p[1] | 0x20) == 'x';
	for (size_t i = hex ? 2 : 0; i < last.n; i++)
		if (hex ? ascii_hex(last.p[i]) < 0 : !ascii_is_digit(last.p[i]))
			return false;
	return true;
}

/* One number of an IPv4 address in decimal, octal or hex; values above 2^32 stay above. */
static bool ipv4_number(struct span s, uint64_t *ret_value)
{
	unsigned radix = 10;
	uint64_t value = 0;
	if (s.n == 0)
		return false;
	if (s.n >= 2 && s.p[0] == '0') {
		radix = (s.p[1] | 0x20) == 'x' ? 16 : 8;
		s = span_skip(s, radix == 16 ? 2 : 1);
	}
	for (size_t i = 0; i < s.n; i++) {
		int digit = ascii_hex(s.p[i]);
		if (digit < 0 || (unsigned)digit >= radix)
			return false;
		if (value <= UINT32_MAX)
			value = value * radix + (unsigned)digit;
	}
	*ret_value = value;
	return true;
}

static int ipv4_parse(struct span host, struct buf *out, struct url_host_facts *facts)
{
	uint64_t numbers[4];
	size_t n = 0;
	struct span rest = host, part;
	if (rest.n > 1 && rest.p[rest.n - 1] == '.')
		rest.n--;
	struct span written = rest;
	while (span_split(&rest, '.', &part))
		if (n == 4 || !ipv4_number(part, &numbers[n++]))
			return ERR_SYNTAX;
	uint64_t address = numbers[n - 1];
	if (address >= (uint64_t)1 << (8 * (5 - n)))
		return ERR_SYNTAX;
	for (size_t i = 0; i + 1 < n; i++) {
		if (numbers[i] > 255)
			return ERR_SYNTAX;
		address |= numbers[i] << (8 * (3 - i));
	}
	facts->kind = URL_HOST_IPV4;
	facts->ip = ip_from_v4((uint32_t)address);
	size_t from = out->n;
	buf_printf(out, "%u.%u.%u.%u", (unsigned)(address >> 24), (unsigned)(address >> 16 & 255), (unsigned)(address >> 8 & 255),
		   (unsigned)(address & 255));
	if (!span_eq(written, span_of(out->p + from, out->n - from)))
		facts->flags |= URL_NUMERIC_ODD;
	return 0;
}

/* "IPv6 serializer": the first longest run of two or more zero pieces becomes "::"; no dotted quads. */
static void ipv6_serialise(const uint8_t b[16], struct buf *out)
{
	unsigned pieces[8], best = 8, best_n = 1;
	for (unsigned i = 0; i < 8; i++)
		pieces[i] = (unsigned)b[2 * i] << 8 | b[2 * i + 1];
	for (unsigned i = 0, run; i < 8; i += run + 1) {
		for (run = 0; i + run < 8 && pieces[i + run] == 0; run++)
			;
		if (run > best_n) {
			best = i;
			best_n = run;
		}
	}
	buf_byte(out, '[');
	for (unsigned i = 0; i < 8; i++) {
		if (i == best) {
			buf_cstr(out, i ? ":" : "::");
			i += best_n - 1;
			continue;
		}
		buf_printf(out, "%x", pieces[i]);
		if (i < 7)
			buf_byte(out, ':');
	}
	buf_byte(out, ']');
}

/* inner is what stands between the brackets. inet_pton accepts exactly what the standard's IPv6 parser does. */
static int ipv6_parse(struct span inner, struct buf *out, struct url_host_facts *facts)
{
	char text[IPV6_TEXT_LONGEST + 1];
	if (inner.n > IPV6_TEXT_LONGEST || memchr(inner.p, 0, inner.n))
		return ERR_SYNTAX;
	memcpy(text, inner.p, inner.n);
	text[inner.n] = '\0';
	if (inet_pton(AF_INET6, text, facts->ip.b) != 1)
		return ERR_SYNTAX;
	facts->kind = URL_HOST_IPV6;
	ipv6_serialise(facts->ip.b, out);
	return 0;
}

/* Host of a scheme that browsers do not know: bytes are kept, controls and non-ASCII percent-encoded. */
static int opaque_parse(struct span text, unsigned seen, struct buf *out, struct url_host_facts *facts)
{
	if (seen & FORBIDDEN_HOST)
		return ERR_SYNTAX;
	facts->kind = text.n ? URL_HOST_OPAQUE : URL_HOST_NONE;
	for (size_t i = 0; i < text.n; i++)
		if (class[text.p[i]] & (HIGH | FORBIDDEN_DOMAIN))
			buf_printf(out, "%%%02X", text.p[i]);
		else
			buf_byte(out, text.p[i]);
	return 0;
}

/* True when some label begins with "xn--"; host is lower-case. */
static bool has_a_label(struct span host)
{
	for (size_t at = 0; (at = span_find(host, SPAN("xn--"), at)) != SPAN_NPOS; at++)
		if (at == 0 || host.p[at - 1] == '.')
			return true;
	return false;
}

static int domain_parse(struct span text, unsigned seen, struct buf *out, struct url_host_facts *facts)
{
	size_t from = out->n;
	if (seen & PERCENT) {
		struct span decoded = url_percent_decode(text, out->arena);
		if (!span_eq(decoded, text))
			facts->flags |= URL_HOST_PERCENT;
		text = decoded;
		seen = classes_of(text);
	}
	if (seen & HIGH) {
		facts->flags |= URL_IDN;
	} else if (seen & (PERCENT | FORBIDDEN_DOMAIN | FORBIDDEN_HOST)) {
		return ERR_SYNTAX;
	}
	struct span ascii;
	if (url_domain_to_ascii(text, out->arena, &ascii) != 0)
		return ERR_SYNTAX;
	if (seen & HIGH && classes_of(ascii) & (PERCENT | FORBIDDEN_DOMAIN | FORBIDDEN_HOST))
		return ERR_SYNTAX;
	if (has_a_label(ascii))
		facts->flags |= URL_PUNYCODE;
	if (ends_in_number(ascii))
		return ipv4_parse(ascii, out, facts);
	facts->kind = URL_HOST_DOMAIN;
	buf_put(out, ascii);
	return out->n > from ? 0 : ERR_SYNTAX;
}

int url_host_parse(struct span text, bool special, struct buf *out, struct url_host_facts *facts)
{
	memset(facts, 0, sizeof *facts);
	if (text.n && text.p[0] == '[') {
		if (text.p[text.n - 1] != ']')
			return ERR_SYNTAX;
		return ipv6_parse(span_slice(text, 1, text.n - 1), out, facts);
	}
	unsigned seen = classes_of(text);
	return special ? domain_parse(text, seen, out, facts) : opaque_parse(text, seen, out, facts);
}
