/* message/openpgp.c - see openpgp.h */
#include "message/openpgp.h"

#include "base/ascii.h"
#include "base/cursor.h"
#include "message/transfer.h"

enum {
	FEWEST_CHARACTERS = 32,    /* shorter blocks are placeholders in documentation */
	ALPHABET_CHARACTERS = 100, /* by chance no small letter among 100: (38/64)^100, 1 in 10^22 */
	LONGEST_LINE = 76,
	CRC_CHARACTERS = 5, /* "=" and four */
};

static const struct {
	struct span words;
	enum openpgp_kind kind;
} kinds[] = {
	{ SPAN_INIT("SIGNATURE-----"), OPENPGP_SIGNATURE },
	{ SPAN_INIT("SIGNED MESSAGE-----"), OPENPGP_SIGNED_TEXT },
	{ SPAN_INIT("MESSAGE-----"), OPENPGP_MESSAGE },
	{ SPAN_INIT("PUBLIC KEY BLOCK-----"), OPENPGP_PUBLIC_KEY },
	{ SPAN_INIT("PRIVATE KEY BLOCK-----"), OPENPGP_PRIVATE_KEY },
};

static enum openpgp_kind kind_of(struct span after_begin)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (span_starts(after_begin, kinds[i].words))
			return kinds[i].kind;
	return OPENPGP_OTHER;
}

/* RFC 9580 6.1.1 */
static uint32_t crc24(struct span bytes)
{
	uint32_t crc = 0xb704ce;
	for (size_t i = 0; i < bytes.n; i++) {
		crc ^= (uint32_t)bytes.p[i] << 16;
		for (int bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc & 0x800000 ? 0x1864cfb : 0);
	}
	return crc & 0xffffff;
}

static bool is_radix64(int c) { return ascii_is_alnum(c) || c == '+' || c == '/'; }

/* What stands between the BEGIN and the END line. */
struct armour {
	struct span data; /* lines of radix-64, line ends included */
	struct span crc;  /* four characters, or span_none */
	uint32_t characters, padding, line_length, lines, odd_lines;
	bool whole; /* nothing but headers, data and checksum, and a proper end */
};

/* "Version: GnuPG v2" and its kin. */
static bool is_header(struct span line)
{
	size_t colon = span_find(span_first(line, 64), SPAN(": "), 0);
	return colon != SPAN_NPOS && colon > 0 && ascii_is_alpha(line.p[0]);
}

/* One line of data; false when it is none. */
static bool add_line(struct armour *a, struct span line)
{
	size_t n = 0;
	while (n < line.n && is_radix64(line.p[n]))
		n++;
	size_t padding = 0;
	while (n + padding < line.n && line.p[n + padding] == '=')
		padding++;
	if (a->crc.p || n + padding < line.n || padding > 2 || a->padding)
		return false;
	if (a->lines == 0) {
		a->line_length = (uint32_t)line.n;
		a->data = span_of(line.p, 0);
	}
	a->lines++;
	a->characters += (uint32_t)n;
	a->padding = (uint32_t)padding;
	a->data.n = (size_t)(line.p - a->data.p) + line.n;
	return true;
}

static bool odd_line(size_t n) { return n % 4 != 0 || n > LONGEST_LINE; }

/* Reads from behind the BEGIN line to the END line or whatever stops it; *at is moved there. */
static struct armour read_armour(struct openpgp_scan *scan, size_t *at)
{
	struct armour a = { 0 };
	struct span text = scan->text;
	bool in_headers = true;
	size_t last = 0;
	while (*at < text.n) {
		size_t end = span_find_byte(text, '\n', *at), next = end == SPAN_NPOS ? text.n : end + 1;
		struct span line = span_slice(text, *at, end == SPAN_NPOS ? text.n : end);
		if (span_starts(line, SPAN("-----"))) {
			a.whole = a.lines > 0 && span_starts(line, SPAN("-----END PGP "));
			if (a.whole)
				*at = next;
			break;
		}
		scan->steps += next - *at;
		*at = next;
		line = span_trim(line);
		if (in_headers && (line.n == 0 || is_header(line))) {
			in_headers = a.lines == 0;
			continue;
		}
		in_headers = false;
		if (line.n == CRC_CHARACTERS && line.p[0] == '=' && a.lines) {
			a.crc = span_skip(line, 1);
			continue;
		}
		if (a.lines && odd_line(last)) /* the last line may be short, so each is judged when the next comes */
			a.odd_lines++;
		last = line.n;
		if (!add_line(&a, line))
			break;
	}
	return a;
}

static bool known(uint8_t value, const uint8_t *list, size_t n) { return memchr(list, value, n) != NULL; }

/* RFC 9580 5.2.1, 9.1, 9.5; those of older RFCs and of drafts in use (LibrePGP) included. */
static bool signature_exists(struct cursor *c)
{
	static const uint8_t versions[] = { 2, 3, 4, 5, 6 };
	static const uint8_t types[] = { 0x00, 0x01, 0x02, 0x10, 0x11, 0x12, 0x13, 0x16, 0x18, 0x19, 0x1f, 0x20, 0x28, 0x30, 0x40, 0x50 };
	static const uint8_t keys[] = { 1, 2, 3, 16, 17, 18, 19, 20, 22, 25, 26, 27, 28 };
	static const uint8_t hashes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14 };
	uint8_t version = cursor_u8(c);
	if (version < 4)
		cursor_skip(c, 1); /* length of what is hashed */
	uint8_t type = cursor_u8(c);
	if (version < 4)
		cursor_skip(c, 12); /* time, key */
	uint8_t key = cursor_u8(c), hash = cursor_u8(c);
	return !c->overrun && known(version, versions, sizeof versions) && known(type, types, sizeof types) &&
	       (known(key, keys, sizeof keys) || key >= 100) && known(hash, hashes, sizeof hashes);
}

/* Which packets may begin a block of that kind (bits by tag). */
static uint64_t allowed_tags(enum openpgp_kind kind)
{
	static const uint64_t tags[] = {
		[OPENPGP_SIGNATURE] = 1ull << 2,
		[OPENPGP_MESSAGE] = 1ull << 1 | 1ull << 2 | 1ull << 3 | 1ull << 4 | 1ull << 8 | 1ull << 9 | 1ull << 10 | 1ull << 11 |
				    1ull << 18 | 1ull << 20,
		[OPENPGP_PUBLIC_KEY] = 1ull << 6 | 1ull << 14,
		[OPENPGP_PRIVATE_KEY] = 1ull << 5 | 1ull << 7,
		[OPENPGP_SIGNED_TEXT] = ~0ull,
		[OPENPGP_OTHER] = ~0ull,
	};
	return tags[kind];
}

/* Length in the packet header, RFC 9580 4.2; UINT64_MAX where it is left open. */
static uint64_t packet_length(struct cursor *c, uint8_t first)
{
	if (first & 0x40) {
		uint8_t one = cursor_u8(c);
		if (one < 192)
			return one;
		if (one < 224)
			return (uint64_t)(one - 192) * 256 + cursor_u8(c) + 192;
		return one == 255 ? cursor_be32(c) : UINT64_MAX;
	}
	switch (first & 3) {
	case 0: return cursor_u8(c);
	case 1: return cursor_be16(c);
	case 2: return cursor_be32(c);
	default: return UINT64_MAX;
	}
}

static uint32_t packet_faults(struct span bytes, enum openpgp_kind kind)
{
	struct cursor c = cursor_of(bytes);
	uint8_t first = cursor_u8(&c);
	if (!(first & 0x80))
		return OPENPGP_NO_PACKET;
	unsigned tag = first & 0x40 ? first & 0x3f : first >> 2 & 0xf;
	if (!(allowed_tags(kind) >> tag & 1))
		return OPENPGP_WRONG_PACKET;
	uint64_t length = packet_length(&c, first);
	uint32_t faults = length != UINT64_MAX && length > cursor_left(&c) ? OPENPGP_LENGTH : 0;
	if (tag == 2 && !signature_exists(&c))
		faults |= OPENPGP_BAD_SIGNATURE;
	return faults;
}

static uint32_t alphabet_faults(struct span data, uint32_t characters)
{
	if (characters < ALPHABET_CHARACTERS)
		return 0;
	bool lower = false, upper = false, digit = false;
	for (size_t i = 0; i < data.n; i++) {
		lower |= ascii_is_lower(data.p[i]);
		upper |= ascii_is_upper(data.p[i]);
		digit |= ascii_is_digit(data.p[i]);
	}
	return lower && upper && digit ? 0 : OPENPGP_ALPHABET;
}

static void judge(struct armour *a, struct arena *arena, struct openpgp_block *block)
{
	block->characters = a->characters;
	block->line_length = a->line_length;
	if (!a->whole || a->characters < FEWEST_CHARACTERS || block->kind == OPENPGP_OTHER)
		return;
	struct transfer_facts facts;
	struct span bytes = base64_decode(a->data, arena, &facts), sum = span_none;
	block->faults |= a->odd_lines ? OPENPGP_LINES : 0;
	if (a->crc.p)
		sum = base64_decode(a->crc, arena, &facts);
	if (sum.n == 3 && ((uint32_t)sum.p[0] << 16 | (uint32_t)sum.p[1] << 8 | sum.p[2]) == crc24(bytes)) {
		block->verdict = OPENPGP_PLAUSIBLE;
		return;
	}
	block->faults |= a->crc.p ? OPENPGP_WRONG_CRC : OPENPGP_NO_CRC;
	block->faults |= packet_faults(bytes, block->kind) | alphabet_faults(a->data, a->characters);
	/* A wrong checksum alone is damage on the way; a beginning that is none, or an impossible alphabet, was never anything else. */
	uint32_t fatal = OPENPGP_NO_PACKET | OPENPGP_WRONG_PACKET | OPENPGP_ALPHABET | (a->crc.p ? 0 : OPENPGP_BAD_SIGNATURE);
	if (block->faults & fatal)
		block->verdict = OPENPGP_FAKE;
	else if (!(block->faults & (OPENPGP_WRONG_CRC | OPENPGP_LENGTH | OPENPGP_BAD_SIGNATURE)))
		block->verdict = OPENPGP_PLAUSIBLE;
}

bool openpgp_next(struct openpgp_scan *scan, struct arena *arena, struct openpgp_block *block)
{
	static const struct span begin = SPAN_INIT("-----BEGIN PGP ");
	for (;;) {
		size_t at = span_find(scan->text, begin, scan->at);
		if (at == SPAN_NPOS) {
			scan->at = scan->text.n;
			return false;
		}
		*block = (struct openpgp_block){ .from = at, .kind = kind_of(span_skip(scan->text, at + begin.n)) };
		size_t line_end = span_find_byte(scan->text, '\n', at);
		scan->at = line_end == SPAN_NPOS ? scan->text.n : line_end + 1;
		if (block->kind == OPENPGP_SIGNED_TEXT) {
			scan->signed_text_seen = true;
			continue;
		}
		bool at_line_start = at == 0 || scan->text.p[at - 1] == '\n';
		struct span rest = span_slice(scan->text, at + begin.n, scan->at);
		bool line_ends_there = span_ends(span_trim(rest), SPAN("-----"));
		if (block->kind == OPENPGP_SIGNATURE && !scan->signed_text_seen)
			block->faults |= OPENPGP_UNFRAMED;
		if (at_line_start && line_ends_there) {
			struct armour a = read_armour(scan, &scan->at);
			judge(&a, arena, block);
		}
		block->to = scan->at;
		return true;
	}
}
