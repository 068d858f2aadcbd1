/* facts/address_text.c - see address_text.h */
#include "facts/address_text.h"
#include "base/ascii.h"
#include "base/err.h"
#include "facts/address_value.h"

#include <jansson.h>
#include <stdio.h>

const char *const address_text_formats[] = {
	[ADDRESS_TEXT_PLAIN] = "plain",     [ADDRESS_TEXT_IP4SET] = "ip4set", [ADDRESS_TEXT_IP4TRIE] = "ip4trie",
	[ADDRESS_TEXT_IP6TRIE] = "ip6trie", [ADDRESS_TEXT_DROP] = "drop",     [ADDRESS_TEXT_DROP_JSON] = "drop-json",
};

struct reading {
	const struct address_text_source *source;
	struct address_build *build;
	struct arena scratch; /* of one line */
	struct address_values values;
	struct arena kept;                /* presets and variables */
	struct address_value last;        /* the class that was asked for last: nearly always the next one's, too */
	uint16_t last_class, plain_class; /* plain: without a text of its own */
	uint64_t most;                    /* addresses of an entry: $MAXRANGE4; 0: any number */
};

/* From first to last. */
struct range {
	struct ip first, last;
};

bool address_text_class_ok(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_is_alnum(name.p[i]) && name.p[i] != '-' && name.p[i] != '_' && name.p[i] != '.')
			return false;
	return name.n > 0 && name.n <= ADDRESS_CLASS_NAME && !span_eq(name, SPAN("none"));
}

static uint16_t class_of(struct reading *r, struct span name, const struct address_value *value)
{
	struct address_class class = { name, value->text, value->answer };
	uint16_t number = ADDRESS_EXCEPTION;
	if (address_build_class(r->build, &class, &number) == ERR_LIMIT) {
		class.text = span_none;
		if (address_build_class(r->build, &class, &number) == ERR_LIMIT)
			return r->plain_class;
	}
	return number;
}

static uint16_t class_of_value(struct reading *r, const struct address_value *value)
{
	if (value->answer != r->last.answer || value->text.p != r->last.text.p || value->text.n != r->last.text.n) {
		r->last_class = class_of(r, r->source->class, value);
		r->last = *value;
	}
	return r->last_class;
}

static size_t word_end(struct span text)
{
	size_t n = 0;
	while (n < text.n && text.p[n] > ' ' && text.p[n] != ';' && text.p[n] != '#')
		n++;
	return n;
}

/* --- plain --- */

#define PLAIN_ALLOWED "write 192.0.2.7, 192.0.2.0/24, 192.0.2.1-192.0.2.9 or 2001:db8::/32"

static const char *plain_line(struct reading *r, struct span line)
{
	line = span_trim(line);
	bool exclude = span_starts(line, SPAN("!"));
	line = span_skip(line, exclude);
	size_t n = word_end(line), dash = span_find_byte(span_first(line, n), '-', 0);
	struct span entry = span_first(line, n), rest = span_trim(span_skip(line, n)), word = span_first(rest, word_end(rest));
	struct span after = span_trim(span_skip(rest, word.n));
	if (entry.n == 0)
		return exclude ? "an exception to what? " PLAIN_ALLOWED : NULL;
	if (after.n && after.p[0] != '#' && after.p[0] != ';')
		return "an entry, and at most the name of its class behind it; remarks begin with # or ;";
	if (word.n && !address_text_class_ok(word))
		return "the name of a class has letters, digits, -, _ and ., at most 31 of them (and \"none\" is taken)";
	uint16_t class = class_of_value(r, &r->values.preset);
	if (word.n && !span_eq(word, r->source->class))
		class = class_of(r, word, &r->values.preset);
	if (dash != SPAN_NPOS) {
		struct range range;
		if (!ip_parse(span_first(entry, dash), &range.first) || !ip_parse(span_skip(entry, dash + 1), &range.last) ||
		    !address_build_add_range(r->build, &range.first, &range.last, exclude ? ADDRESS_EXCEPTION : class))
			return "a range goes from one address to a later one of the same family: 192.0.2.1-192.0.2.9";
		return NULL;
	}
	struct ip_net net;
	if (!ip_net_parse(entry, &net) || net.exclude)
		return "this is no address and no network; " PLAIN_ALLOWED;
	net.exclude = exclude;
	address_build_add(r->build, &net, class);
	return NULL;
}

/* --- rbldnsd --- */

/* Initial octets of an address: how many there are, 0: none. */
static unsigned octets_of(struct span text, uint32_t *ret)
{
	struct span octet;
	uint32_t value = 0;
	uint64_t n;
	unsigned count = 0;
	while (span_split(&text, '.', &octet)) {
		if (count++ == 4 || octet.n > 3 || !span_to_uint(octet, 255, &n))
			return 0;
		value = value << 8 | (uint32_t)n;
	}
	*ret = count ? value << (32 - 8 * count) : 0;
	return count;
}

static uint32_t low_bits(unsigned n) { return n >= 32 ? UINT32_MAX : ((uint32_t)1 << n) - 1; }

/* "127.16-31", "127.16.0.0-127.31.255.255", "127.16/12", "127.16" */
static bool v4_range(struct span text, bool may_range, struct range *ret)
{
	size_t slash = span_find_byte(text, '/', 0), dash = span_find_byte(text, '-', 0);
	uint32_t first, last;
	uint64_t bits;
	unsigned n = octets_of(span_first(text, slash < dash ? slash : dash), &first);
	if (n == 0 || (dash != SPAN_NPOS && (slash != SPAN_NPOS || !may_range)))
		return false;
	last = first | low_bits(32 - 8 * n);
	if (slash != SPAN_NPOS) {
		if (!span_to_uint(span_skip(text, slash + 1), 32, &bits))
			return false;
		first &= ~low_bits(32 - (unsigned)bits);
		last = first | low_bits(32 - (unsigned)bits);
	} else if (dash != SPAN_NPOS) {
		uint32_t value;
		unsigned m = octets_of(span_skip(text, dash + 1), &value);
		if (m == 0)
			return false;
		if (m == 1 && n > 1) { /* the last octet of the first boundary only */
			value = (first & ~low_bits(40 - 8 * n)) | value >> (8 * n - 8);
			m = n;
		}
		last = value | low_bits(32 - 8 * m);
	}
	ret->first = ip_from_v4(first);
	ret->last = ip_from_v4(last);
	return first <= last;
}

/* "2001:db8:1/36", "2001:db8:1:2" (its first 64 bits), "2001:db8::/32", "::1" */
static bool v6_net(struct span text, struct ip_net *ret)
{
	size_t slash = span_find_byte(text, '/', 0), words = 1;
	struct span address = span_first(text, slash);
	char whole[IP_TEXT_MAX + 2];
	uint64_t bits;
	for (size_t i = 0; i < address.n && i < IP_TEXT_MAX; i++)
		words += address.p[i] == ':';
	bits = 128;
	if (address.n > 0 && address.n < IP_TEXT_MAX && words < 8 && !span_has(address, SPAN("::"))) {
		memcpy(whole, address.p, address.n);
		memcpy(whole + address.n, "::", 2);
		address = span_of(whole, address.n + 2);
		bits = words * 16;
	}
	if (!ip_parse(address, &ret->ip) || ip_is_v4(&ret->ip) ||
	    (slash != SPAN_NPOS && !span_to_uint(span_skip(text, slash + 1), 128, &bits)))
		return false;
	ret->bits = (uint8_t)bits;
	ret->exclude = false;
	return true;
}

static const char *special_line(struct reading *r, struct span line)
{
	static const struct span ignored[] = { SPAN_INIT("SOA"), SPAN_INIT("NS"), SPAN_INIT("TTL"), SPAN_INIT("TIMESTAMP") };
	struct span word = span_first(line, word_end(line)), rest = span_trim(span_skip(line, word.n));
	uint64_t n;
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		if (span_ieq(word, ignored[i]))
			return NULL;
	if (word.n == 1 && ascii_is_digit(word.p[0])) {
		r->values.variables[word.p[0] - '0'] = arena_dup(&r->kept, span_first(rest, ADDRESS_CLASS_TEXT));
	} else if (span_eq(word, SPAN("="))) {
		r->values.base = arena_dup(&r->kept, span_first(rest, ADDRESS_CLASS_TEXT));
	} else if (span_ieq(word, SPAN("MAXRANGE4"))) {
		bool bits = span_starts(rest, SPAN("/"));
		if (!span_to_uint(span_skip(rest, bits), bits ? 32 : (uint64_t)1 << 32, &n) || (!bits && n == 0))
			return "$MAXRANGE4 takes a number of addresses, or /24";
		n = bits ? (uint64_t)1 << (32 - n) : n;
		r->most = r->most && r->most < n ? r->most : n; /* may become smaller only */
	} else {
		return "of the lines that begin with $, a list may have $SOA, $NS, $TTL, $TIMESTAMP, $MAXRANGE4, $= and $0 to $9";
	}
	return NULL;
}

static const char *rbldnsd_line(struct reading *r, struct span line)
{
	line = span_trim(line);
	size_t mark = line.n && (line.p[0] == '#' || line.p[0] == ';' || line.p[0] == ':'); /* as other programs' lists hide them */
	if (span_at(line, mark) == '$')
		return special_line(r, span_skip(line, mark + 1));
	if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
		return NULL;
	struct address_value value;
	bool v6 = r->source->format == ADDRESS_TEXT_IP6TRIE;
	if (line.p[0] == ':' && !(v6 && span_at(line, 1) == ':')) {
		struct address_values bare = r->values;
		bare.preset = (struct address_value){ ADDRESS_ANSWER, span_none };
		if (!address_value_read(&bare, line, &r->kept, &r->values.preset))
			return "a default value is :127.0.0.2:text, or :2:text";
		return NULL;
	}
	bool exclude = line.p[0] == '!';
	struct span entry = span_trim(span_skip(line, exclude)), rest;
	size_t n = word_end(entry);
	rest = span_skip(entry, n);
	entry = span_first(entry, n);
	if (!exclude && !address_value_read(&r->values, rest, &r->scratch, &value))
		return "the value of an entry is a text, :127.0.0.2:text, or :2:text";
	uint16_t class = exclude ? ADDRESS_EXCEPTION : class_of_value(r, &value);
	if (v6) {
		struct ip_net net;
		if (!v6_net(entry, &net))
			return "this is no network of IPv6; write 2001:db8::/32, 2001:db8:1:2 (its first 64 bits) or 2001:db8::1";
		address_build_add(r->build, &net, class);
		return NULL;
	}
	struct range range;
	bool ranges = r->source->format == ADDRESS_TEXT_IP4SET;
	if (!v4_range(entry, ranges, &range))
		return ranges ? "this is no network of IPv4; write 192.0.2.7, 192.0.2, 192.0.2.0/24, 192.0.2.1-9 or 192.0.2.1-192.0.2.9"
			      : "this is no network of IPv4; write 192.0.2.7, 192.0.2 or 192.0.2.0/24";
	if (!r->most || (uint64_t)ip_v4(&range.last) - ip_v4(&range.first) < r->most)
		address_build_add_range(r->build, &range.first, &range.last, class);
	return NULL;
}

/* --- Spamhaus DROP --- */

static const char *add_drop(struct reading *r, struct span cidr, struct span text)
{
	struct address_value value = { ADDRESS_ANSWER, span_first(text, ADDRESS_CLASS_TEXT) };
	struct ip_net net;
	if (!ip_net_parse(cidr, &net) || net.exclude)
		return "this is no network; a line of DROP is \"192.0.2.0/24 ; SBL123\", or "
		       "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL123\"}";
	address_build_add(r->build, &net, class_of(r, r->source->class, &value));
	return NULL;
}

static const char *drop_line(struct reading *r, struct span line)
{
	size_t remark = span_find_byte(line, ';', 0);
	struct span cidr = span_trim(span_first(line, remark));
	struct span text = remark == SPAN_NPOS ? span_none : span_trim(span_skip(line, remark + 1));
	return cidr.n ? add_drop(r, cidr, text) : NULL;
}

static struct span string_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return json_is_string(value) ? span_of(json_string_value(value), json_string_length(value)) : span_none;
}

static const char *drop_json_line(struct reading *r, struct span line)
{
	line = span_trim(line);
	if (line.n == 0)
		return NULL;
	json_t *object = json_loadb((const char *)line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
	const char *wrong = NULL;
	if (!json_is_object(object))
		wrong = "this is no JSON object; DROP has one a line: {\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL123\"}";
	else if (!span_eq(string_of(object, "type"), SPAN("metadata")))
		wrong = add_drop(r, string_of(object, "cidr"), string_of(object, "sblid"));
	json_decref(object);
	return wrong;
}

/* --- all --- */

int address_text_read(const struct address_text_source *source, struct address_build *build, struct arena *arena, struct span *ret_error)
{
	static const char *(*const lines[])(struct reading *, struct span) = {
		[ADDRESS_TEXT_PLAIN] = plain_line,     [ADDRESS_TEXT_IP4SET] = rbldnsd_line, [ADDRESS_TEXT_IP4TRIE] = rbldnsd_line,
		[ADDRESS_TEXT_IP6TRIE] = rbldnsd_line, [ADDRESS_TEXT_DROP] = drop_line,      [ADDRESS_TEXT_DROP_JSON] = drop_json_line,
	};
	struct reading r = { .source = source, .build = build, .values.preset.answer = ADDRESS_ANSWER };
	struct span rest = source->bytes, line;
	const char *wrong = NULL;
	uint64_t number = 0;
	arena_init(&r.scratch);
	arena_init(&r.kept);
	r.plain_class = class_of(&r, source->class, &r.values.preset);
	while (!wrong && span_split(&rest, '\n', &line)) {
		number++;
		wrong = lines[source->format](&r, line);
		if (r.scratch.taken) { /* a text of its own: the next may lie where it lay */
			r.last.text = span_of(&r, ADDRESS_CLASS_TEXT + 1);
			arena_reset(&r.scratch);
		}
	}
	if (wrong)
		*ret_error = arena_printf(arena, "%s:%llu: %s", source->path, (unsigned long long)number, wrong);
	arena_release(&r.scratch);
	arena_release(&r.kept);
	return wrong ? ERR_SYNTAX : 0;
}
