/* session/dns_zone_engine.c - see dns_zone_engine.h */
#include "session/dns_zone_engine.h"
#include "base/ascii.h"
#include "base/cursor.h"

#include <stdio.h>

enum { TYPE_A = 1, TYPE_NS = 2, TYPE_SOA = 6, TYPE_TXT = 16, TYPE_OPT = 41, TYPE_ANY = 255 };
enum { CLASS_IN = 1, CLASS_ANY = 255 };
enum { HEADER = 12, UDP_LEAST = 512, LABELS_MAX = 128, V6_NAME = 64, STRING_MAX = 255 };
enum { FLAG_QR = 0x8000, FLAG_AA = 0x0400, FLAG_TC = 0x0200, FLAG_RD = 0x0100, OPCODE = 0x7800 };
enum rcode { NOERROR = 0, FORMERR = 1, NXDOMAIN = 3, NOTIMP = 4, REFUSED = 5, BADVERS = 16 };

struct query {
	uint16_t id, flags, type, class;
	struct span name;               /* in the packet, with its last, empty label */
	uint16_t label[LABELS_MAX + 1]; /* where each begins in the name, the empty one too */
	unsigned n_labels;              /* without the empty one */
	bool edns;
	uint16_t edns_room;
	uint8_t edns_version;
};

struct answer {
	uint8_t *p;
	size_t n, room;
	bool full;
	uint16_t counts[4];
};

/* --- names --- */

static bool put_wire_name(struct span name, const char *before, uint8_t wire[DNS_ZONE_NAME_MAX], uint8_t *ret_n)
{
	struct span label, rest = span_ends(name, SPAN(".")) ? span_first(name, name.n - 1) : name;
	size_t n = strlen(before);
	if (n) {
		wire[0] = (uint8_t)n;
		memcpy(wire + 1, before, n);
		n++;
	}
	while (span_split(&rest, '.', &label)) {
		if (label.n == 0 || label.n > 63 || n + 1 + label.n + 1 > DNS_ZONE_NAME_MAX)
			return false;
		wire[n++] = (uint8_t)label.n;
		for (size_t i = 0; i < label.n; i++)
			wire[n++] = ascii_lower(label.p[i]);
	}
	wire[n++] = 0;
	*ret_n = (uint8_t)n;
	return n > 1;
}

bool dns_zone_init(struct dns_zone *zone, struct span name, struct span server, const struct address_lists *lists)
{
	*zone = (struct dns_zone){ .serial = 1, .ttl = 300, .negative_ttl = 60, .lists = lists };
	return put_wire_name(name, "", zone->name, &zone->name_n) && zone->name_n <= DNS_ZONE_NAME_MAX - V6_NAME &&
	       put_wire_name(server, "", zone->server, &zone->server_n) &&
	       put_wire_name(server, "hostmaster", zone->contact, &zone->contact_n);
}

/* --- the question --- */

static bool read_name(struct cursor *c, struct query *q)
{
	size_t begin = c->at;
	for (q->n_labels = 0;; q->n_labels++) {
		uint8_t n = (uint8_t)(q->label[q->n_labels] = (uint16_t)(c->at - begin), cursor_u8(c));
		if (c->overrun || n > 63 || c->at - begin + n + (n > 0) > DNS_ZONE_NAME_MAX || q->n_labels == LABELS_MAX)
			return false;
		if (n == 0)
			break;
		cursor_skip(c, n);
	}
	q->name = span_slice(c->s, begin, c->at);
	return !c->overrun;
}

/* Of what follows the question only OPT is looked at, which stands at the root; signatures and the like are none of ours. */
static bool read_edns(struct cursor *c, uint16_t additional, struct query *q)
{
	for (; additional; additional--) {
		if (cursor_u8(c) != 0 || c->overrun)
			return false;
		uint16_t type = cursor_be16(c), room = cursor_be16(c);
		uint32_t ttl = cursor_be32(c);
		cursor_skip(c, cursor_be16(c));
		if (type != TYPE_OPT)
			continue;
		if (q->edns)
			return false; /* RFC 6891 6.1.1: one only */
		q->edns = true;
		q->edns_room = room;
		q->edns_version = (uint8_t)(ttl >> 16);
	}
	return !c->overrun;
}

static enum rcode read_query(struct span packet, struct query *q)
{
	struct cursor c = cursor_of(packet);
	q->id = cursor_be16(&c);
	q->flags = cursor_be16(&c);
	uint16_t questions = cursor_be16(&c), answers = cursor_be16(&c), authorities = cursor_be16(&c), additional = cursor_be16(&c);
	if (q->flags & OPCODE)
		return NOTIMP;
	if (questions != 1 || answers || authorities || !read_name(&c, q))
		return FORMERR;
	q->type = cursor_be16(&c);
	q->class = cursor_be16(&c);
	if (c.overrun || !read_edns(&c, additional, q))
		return FORMERR;
	return q->edns_version ? BADVERS : NOERROR;
}

/* How many labels stand before the zone's name; false: the question is not about the zone. */
static bool labels_before(const struct dns_zone *zone, const struct query *q, unsigned *ret)
{
	if (q->name.n < zone->name_n)
		return false;
	size_t at = q->name.n - zone->name_n;
	unsigned n = 0;
	while (n < q->n_labels && q->label[n] < at)
		n++;
	*ret = n;
	return q->label[n] == at && span_ieq(span_skip(q->name, at), span_of(zone->name, zone->name_n));
}

static struct span label_of(const struct query *q, unsigned i) { return span_slice(q->name, q->label[i] + 1u, q->label[i + 1]); }

enum reversed { REVERSED_NOT, REVERSED_PART, REVERSED_WHOLE };

/* Labels as RFC 5782 2.1 and 2.4 write an address, or as the end of one: then addresses lie below. */
static enum reversed read_address(const struct query *q, unsigned n, struct ip *ret)
{
	uint32_t v4 = 0;
	struct ip v6 = { { 0 } };
	bool decimal = n <= 4, hex = n <= 32;
	for (unsigned i = 0; i < n; i++) {
		struct span label = label_of(q, i);
		uint64_t octet = 0;
		int digit = label.n == 1 ? ascii_hex(label.p[0]) : -1;
		decimal = decimal && label.n <= 3 && (label.n == 1 || label.p[0] != '0') && span_to_uint(label, 255, &octet);
		hex = hex && digit >= 0;
		if (decimal)
			v4 |= (uint32_t)octet << (8 * i);
		if (hex)
			v6.b[15 - i / 2] |= (uint8_t)((unsigned)digit << (i % 2 * 4));
	}
	if (decimal && n == 4) {
		*ret = ip_from_v4(v4);
		return REVERSED_WHOLE;
	}
	if (hex && n == 32) {
		*ret = v6;
		return REVERSED_WHOLE;
	}
	return decimal || hex ? REVERSED_PART : REVERSED_NOT;
}

/* --- the answer --- */

static void put_bytes(struct answer *a, const void *p, size_t n)
{
	if (n > a->room - a->n) {
		a->full = true;
		return;
	}
	memcpy(a->p + a->n, p, n);
	a->n += n;
}

static void put16(struct answer *a, unsigned v) { put_bytes(a, (uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2); }
static void put32(struct answer *a, uint32_t v)
{
	put16(a, v >> 16);
	put16(a, v & 0xffff);
}

/* A record up to its data; owner: offset of a name in the packet. */
static void put_record(struct answer *a, unsigned section, size_t owner, unsigned type, uint32_t ttl, size_t data_n)
{
	put16(a, 0xc000u | (unsigned)owner);
	put16(a, type);
	put16(a, CLASS_IN);
	put32(a, ttl);
	put16(a, (unsigned)data_n);
	a->counts[section]++;
}

static void put_soa(struct answer *a, const struct dns_zone *zone, unsigned section, size_t owner)
{
	/* RFC 2308 5: what does not exist is kept as long as the lesser of the record's time and its last number */
	put_record(a, section, owner, TYPE_SOA, section == 2 ? zone->negative_ttl : zone->ttl, zone->server_n + zone->contact_n + 20u);
	put_bytes(a, zone->server, zone->server_n);
	put_bytes(a, zone->contact, zone->contact_n);
	put32(a, zone->serial);
	put32(a, 3600);
	put32(a, 600);
	put32(a, 86400);
	put32(a, zone->negative_ttl);
}

static void put_ns(struct answer *a, const struct dns_zone *zone, size_t owner)
{
	put_record(a, 1, owner, TYPE_NS, zone->ttl, zone->server_n);
	put_bytes(a, zone->server, zone->server_n);
}

/* The text of a class, in which $ is the address and $$ a $; at most one string. */
static size_t expand(struct span text, const struct ip *ip, char out[STRING_MAX])
{
	char address[IP_TEXT_MAX];
	size_t address_n = ip_format(ip, address), n = 0;
	for (size_t i = 0; i < text.n && n < STRING_MAX; i++) {
		if (text.p[i] != '$' || span_at(text, i + 1) == '$') {
			out[n++] = (char)text.p[i];
			i += text.p[i] == '$';
			continue;
		}
		for (size_t k = 0; k < address_n && n < STRING_MAX; k++)
			out[n++] = address[k];
	}
	return n;
}

static void put_txt(struct answer *a, const struct dns_zone *zone, const struct ip *ip, const struct address_class *class)
{
	char text[STRING_MAX];
	size_t n = class->text.n ? expand(class->text, ip, text) : expand(SPAN("$ is listed"), ip, text);
	put_record(a, 1, HEADER, TYPE_TXT, zone->ttl, n + 1);
	put_bytes(a, (uint8_t[]){ (uint8_t)n }, 1);
	put_bytes(a, text, n);
}

/* What lists say of the address; the test addresses have an answer of their own. */
static bool is_listed(const struct dns_zone *zone, const struct ip *ip, int64_t now, struct address_listing *listing)
{
	if (ip_is_v4(ip) && ip_v4(ip) == 0x7f000001)
		return false;
	if (ip_is_v4(ip) && ip_v4(ip) == 0x7f000002) {
		listing->class = (struct address_class){ SPAN("test"), SPAN("$ is always listed, for tests"), 0x7f000002 };
		return true;
	}
	return address_lists_find(zone->lists, ip, now, listing) && listing->action == ADDRESS_BLOCK;
}

static enum dns_zone_outcome put_address(struct answer *a, const struct dns_zone *zone, const struct query *q, const struct ip *ip,
					 int64_t now)
{
	struct address_listing listing;
	if (!is_listed(zone, ip, now, &listing))
		return DNS_ZONE_NOT_LISTED;
	if (q->type == TYPE_A || q->type == TYPE_ANY) {
		put_record(a, 1, HEADER, TYPE_A, zone->ttl, 4);
		put32(a, listing.class.answer ? listing.class.answer : 0x7f000002);
	}
	if (q->type == TYPE_TXT || q->type == TYPE_ANY)
		put_txt(a, zone, ip, &listing.class);
	return DNS_ZONE_LISTED;
}

/* Everything of a question about the zone. */
static enum rcode put_zone_answer(struct answer *a, const struct dns_zone *zone, const struct query *q, unsigned before, int64_t now,
				  enum dns_zone_outcome *outcome)
{
	size_t apex = HEADER + q->label[before];
	enum rcode rcode = NOERROR;
	struct ip ip;
	*outcome = DNS_ZONE_OWN;
	if (before == 0) {
		if (q->type == TYPE_SOA || q->type == TYPE_ANY)
			put_soa(a, zone, 1, apex);
		if (q->type == TYPE_NS || q->type == TYPE_ANY)
			put_ns(a, zone, apex);
	} else {
		enum reversed reversed = read_address(q, before, &ip);
		if (reversed == REVERSED_WHOLE)
			*outcome = put_address(a, zone, q, &ip, now);
		if (reversed == REVERSED_NOT || *outcome == DNS_ZONE_NOT_LISTED)
			rcode = NXDOMAIN;
	}
	if (!a->counts[1])
		put_soa(a, zone, 2, apex);
	return rcode;
}

static void put_opt(struct answer *a, enum rcode rcode)
{
	put_bytes(a, "", 1);
	put16(a, TYPE_OPT);
	put16(a, DNS_ZONE_UDP);
	put32(a, (uint32_t)rcode >> 4 << 24);
	put16(a, 0);
	a->counts[3]++;
}

static size_t finish(struct answer *a, const struct query *q, unsigned flags, enum rcode rcode)
{
	size_t n = a->n;
	a->n = 0;
	a->full = false;
	put16(a, q->id);
	put16(a, FLAG_QR | flags | (q->flags & (OPCODE | FLAG_RD)) | (rcode & 15));
	for (unsigned i = 0; i < 4; i++)
		put16(a, a->counts[i]);
	return n;
}

/* Header and question, what has to be in each answer. */
static void begin(struct answer *a, const struct query *q)
{
	a->n = HEADER;
	memset(a->counts, 0, sizeof a->counts);
	a->full = false;
	if (!q->name.n)
		return;
	put_bytes(a, q->name.p, q->name.n);
	put16(a, q->type);
	put16(a, q->class);
	a->counts[0] = 1;
}

size_t dns_zone_answer(const struct dns_zone *zone, struct span packet, bool tcp, int64_t now, uint8_t out[DNS_ZONE_ANSWER_MAX],
		       enum dns_zone_outcome *ret_outcome)
{
	struct query q = { .id = 0 };
	struct answer a = { .p = out, .room = DNS_ZONE_ANSWER_MAX };
	*ret_outcome = DNS_ZONE_SILENT;
	if (packet.n < HEADER || packet.p[2] & 0x80) /* an answer is never answered: two of us would never end */
		return 0;
	enum rcode rcode = read_query(packet, &q);
	unsigned before = 0, flags = 0;
	if (rcode == FORMERR || rcode == NOTIMP)
		q.name.n = 0;
	begin(&a, &q);
	*ret_outcome = DNS_ZONE_MALFORMED;
	if (rcode == NOERROR && (!labels_before(zone, &q, &before) || (q.class != CLASS_IN && q.class != CLASS_ANY))) {
		rcode = REFUSED;
		*ret_outcome = DNS_ZONE_REFUSED;
	} else if (rcode == NOERROR) {
		flags = FLAG_AA;
		rcode = put_zone_answer(&a, zone, &q, before, now, ret_outcome);
	}
	size_t room = tcp ? DNS_ZONE_ANSWER_MAX : !q.edns || q.edns_room < UDP_LEAST ? UDP_LEAST : q.edns_room;
	size_t opt_n = q.edns ? 11 : 0;
	if (!tcp && room > DNS_ZONE_UDP)
		room = DNS_ZONE_UDP;
	if (a.full || a.n + opt_n > room) {
		begin(&a, &q);
		flags |= FLAG_TC;
	}
	if (q.edns)
		put_opt(&a, rcode);
	return finish(&a, &q, flags, rcode);
}
