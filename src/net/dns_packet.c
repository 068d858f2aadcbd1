/* net/dns_packet.c - see dns_packet.h. One pass over the answer section: libunbound puts an alias before what it leads to, and the question
 * as it was asked at the front. */
#include "net/dns_packet.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "base/limits.h"

/* NAME_JUMPS: honest packets need one for each name; servers that compress hard nest a few. */
enum { NAME_BYTES = 255, NAME_TEXT = 4 * NAME_BYTES, NAME_JUMPS = 16 };

/* Uncompressed and lower-case: length, label, length, label, 0. */
struct name {
	uint8_t bytes[NAME_BYTES];
	size_t n;
};

struct record {
	struct name owner;
	uint16_t type, class;
	uint32_t ttl;
	size_t data, data_n; /* in the packet */
};

/* A name that begins at the cursor, which is left behind it; false when it is none. */
static bool read_name(struct cursor *c, struct name *ret)
{
	struct cursor at = *c;
	bool jumped = false;
	ret->n = 0;
	for (unsigned jumps = 0; jumps <= NAME_JUMPS;) {
		size_t here = at.at;
		uint8_t length = cursor_u8(&at);
		if (length >= 0xc0) {
			size_t target = (size_t)(length & 0x3f) << 8 | cursor_u8(&at);
			if (!jumped)
				*c = at;
			jumped = true;
			jumps++;
			if (target >= here || at.overrun)
				return false;
			cursor_seek(&at, target);
			continue;
		}
		struct span label = cursor_take(&at, length);
		if (at.overrun || length >= 0x40 || ret->n + 1 + length > NAME_BYTES)
			return false;
		ret->bytes[ret->n++] = length;
		for (size_t i = 0; i < label.n; i++)
			ret->bytes[ret->n++] = ascii_lower(label.p[i]);
		if (length == 0) {
			if (!jumped)
				*c = at;
			return true;
		}
	}
	return false;
}

static bool same_name(const struct name *a, const struct name *b) { return a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0; }

/* What means something to those who read names as text, RFC 1035 5.1. */
static bool stands_for_itself(uint8_t byte) { return byte > ' ' && byte < 0x7f && !strchr(".\\\"();@$", byte); }

static struct span name_text(const struct name *name, struct arena *arena)
{
	uint8_t text[NAME_TEXT];
	size_t n = 0;
	for (size_t at = 0; name->bytes[at]; at += 1u + name->bytes[at]) {
		if (n)
			text[n++] = '.';
		for (size_t i = at + 1; i <= at + name->bytes[at]; i++) {
			uint8_t byte = name->bytes[i];
			if (stands_for_itself(byte)) {
				text[n++] = byte;
				continue;
			}
			text[n++] = '\\';
			text[n++] = (uint8_t)('0' + byte / 100);
			text[n++] = (uint8_t)('0' + byte / 10 % 10);
			text[n++] = (uint8_t)('0' + byte % 10);
		}
	}
	return arena_dup(arena, span_of(text, n));
}

static bool read_record(struct cursor *c, struct record *ret)
{
	if (!read_name(c, &ret->owner))
		return false;
	ret->type = cursor_be16(c);
	ret->class = cursor_be16(c);
	ret->ttl = cursor_be32(c);
	if (ret->ttl > INT32_MAX)
		ret->ttl = 0; /* RFC 2181 section 8 */
	ret->data_n = cursor_be16(c);
	ret->data = c->at;
	cursor_skip(c, ret->data_n);
	return !c->overrun;
}

static bool address_text(struct span data, struct arena *arena, struct span *ret)
{
	char text[IP_TEXT_MAX];
	struct ip ip;
	if (data.n == 4) {
		ip = ip_from_v4((uint32_t)data.p[0] << 24 | (uint32_t)data.p[1] << 16 | (uint32_t)data.p[2] << 8 | data.p[3]);
	} else if (data.n == 16) {
		memcpy(ip.b, data.p, 16);
	} else {
		return false;
	}
	ip_format(&ip, text);
	*ret = arena_printf(arena, "%s%s", data.n == 16 && ip_is_v4(&ip) ? "::ffff:" : "", text);
	return true;
}

static bool txt_text(struct span data, struct arena *arena, struct span *ret)
{
	struct cursor c = cursor_of(data);
	uint8_t *text = arena_alloc(arena, data.n);
	size_t n = 0;
	while (cursor_left(&c) && !c.overrun) {
		struct span piece = cursor_take(&c, cursor_u8(&c));
		if (piece.n)
			memcpy(text + n, piece.p, piece.n);
		n += piece.n;
	}
	*ret = span_of(text, n);
	return !c.overrun && data.n > 0;
}

/* The data of a record may point back into the whole packet, but must end where it says. */
static bool names_text(struct span packet, const struct record *record, enum question_type type, struct arena *arena, struct span *ret)
{
	struct cursor c = cursor_of(span_first(packet, record->data + record->data_n));
	struct name first, second;
	cursor_seek(&c, record->data);
	uint16_t preference = type == QUESTION_MX ? cursor_be16(&c) : 0;
	if (!read_name(&c, &first) || (type == QUESTION_SOA && !read_name(&c, &second)))
		return false;
	*ret = name_text(&first, arena);
	if (type == QUESTION_MX)
		*ret = arena_printf(arena, "%u %.*s", preference, SPAN_ARG(*ret));
	if (type == QUESTION_SOA) {
		struct span who = name_text(&second, arena);
		uint32_t n[5];
		for (int i = 0; i < 5; i++)
			n[i] = cursor_be32(&c);
		*ret = arena_printf(arena, "%.*s %.*s %u %u %u %u %u", SPAN_ARG(*ret), SPAN_ARG(who), n[0], n[1], n[2], n[3], n[4]);
	}
	return !c.overrun && cursor_left(&c) == 0;
}

static bool data_text(struct span packet, const struct record *record, enum question_type type, struct arena *arena, struct span *ret)
{
	struct span data = span_slice(packet, record->data, record->data + record->data_n);
	switch (type) {
	case QUESTION_A: return data.n == 4 && address_text(data, arena, ret);
	case QUESTION_AAAA: return data.n == 16 && address_text(data, arena, ret);
	case QUESTION_TXT: return txt_text(data, arena, ret);
	default: return names_text(packet, record, type, arena, ret);
	}
}

enum { CLASS_IN = 1, RCODE_NXDOMAIN = 3, TYPE_CNAME = 5, TYPE_SOA = 6, SOA_NUMBERS = 20 };

/* RFC 1035 3.2.2, RFC 3596. */
static const uint16_t type_numbers[QUESTION_LIST] = {
	[QUESTION_A] = 1,    [QUESTION_NS] = 2,  [QUESTION_CNAME] = TYPE_CNAME, [QUESTION_SOA] = TYPE_SOA,
	[QUESTION_PTR] = 12, [QUESTION_MX] = 15, [QUESTION_TXT] = 16,           [QUESTION_AAAA] = 28,
};

uint16_t dns_packet_type(enum question_type type) { return type_numbers[type]; }

/* The records of the answer section that belong to name or what it is an alias of; false when they are damaged. */
static bool read_answers(struct cursor *c, unsigned n, struct name name, struct arena *arena, struct answer *answer)
{
	enum question_type type = answer->question.type;
	unsigned aliases = 0;
	struct record record;
	while (n--) {
		if (!read_record(c, &record))
			return false;
		if (record.class != CLASS_IN || !same_name(&record.owner, &name))
			continue;
		bool wanted = record.type == type_numbers[type];
		if (!wanted && record.type != TYPE_CNAME)
			continue;
		if (record.ttl < answer->ttl)
			answer->ttl = record.ttl;
		if (!wanted) {
			struct cursor alias = cursor_of(span_first(c->s, record.data + record.data_n));
			cursor_seek(&alias, record.data);
			if (++aliases > LIMIT_CNAMES || !read_name(&alias, &name))
				return false;
		} else if (answer->records.n < LIMIT_RECORDS &&
			   !data_text(c->s, &record, type, arena, (struct span *)vec_push(arena, &answer->records))) {
			return false;
		}
	}
	return true;
}

/* How long it holds that there is nothing: the SOA of the authority section says (RFC 2308 section 5). 0: it does not. */
static uint32_t nothing_holds(struct cursor *c, unsigned n)
{
	struct record record;
	while (n-- && read_record(c, &record))
		if (record.type == TYPE_SOA && record.class == CLASS_IN && record.data_n >= SOA_NUMBERS) {
			struct cursor minimum = cursor_of(c->s);
			cursor_seek(&minimum, record.data + record.data_n - 4);
			uint32_t seconds = cursor_be32(&minimum);
			return seconds < record.ttl ? seconds : record.ttl;
		}
	return 0;
}

/* Header and question (RFC 1035 4.1.1, 4.1.2), then the answers. */
static bool read_packet(struct span packet, struct arena *arena, struct answer *answer)
{
	struct cursor c = cursor_of(packet);
	struct name name;
	cursor_skip(&c, 2);
	uint16_t flags = cursor_be16(&c), questions = cursor_be16(&c), answers = cursor_be16(&c), authority = cursor_be16(&c);
	cursor_skip(&c, 2);
	unsigned rcode = flags & 15;
	if (!(flags & 0x8000) || questions != 1 || !read_name(&c, &name) || cursor_be16(&c) != type_numbers[answer->question.type] ||
	    cursor_be16(&c) != CLASS_IN || c.overrun || (rcode != 0 && rcode != RCODE_NXDOMAIN))
		return false;
	if (!read_answers(&c, answers, name, arena, answer))
		return false;
	answer->status = answer->records.n ? ANSWER_OK : rcode == RCODE_NXDOMAIN ? ANSWER_NXDOMAIN : ANSWER_NODATA;
	if (!answer->records.n) {
		uint32_t seconds = nothing_holds(&c, authority);
		answer->ttl = seconds < answer->ttl ? seconds : answer->ttl;
	}
	return true;
}

void dns_packet_read(struct span packet, struct arena *arena, struct answer *answer)
{
	answer->ttl = UINT32_MAX;
	answer->records.n = 0;
	if (!read_packet(packet, arena, answer)) {
		answer->status = ANSWER_SERVFAIL;
		answer->records.n = 0;
		answer->ttl = 0;
	}
}
