/* message/mime.c - one entity after another: header, kind, children, and other readings of its fields (RFC 2045, 2046). */
#include "message/mime.h"
#include "base/limits.h"

void mime_note(struct message *m, enum anomaly_kind kind, struct span where)
{
	anomaly_add(&m->anomalies, m->arena, kind, message_place(m, where));
}

uint16_t mime_add_part(struct message *m, const struct mime_position *position, struct span where)
{
	if (m->parts.n >= LIMIT_PARTS) {
		mime_note(m, ANOMALY_PARTS_LIMIT, where);
		return PART_NONE;
	}
	uint16_t index = (uint16_t)m->parts.n;
	struct part *part = vec_push(m->arena, &m->parts);
	part->index = index;
	part->parent = position->parent;
	part->first_child = part->last_child = part->next_sibling = PART_NONE;
	part->reading_of = position->reading_of;
	part->depth = position->depth;
	part->flags = position->flags;
	part->number = position->number;
	if (position->parent != PART_NONE) {
		struct part *parent = &m->parts.v[position->parent];
		if (parent->last_child == PART_NONE)
			parent->first_child = index;
		else
			m->parts.v[parent->last_child].next_sibling = index;
		parent->last_child = index;
	}
	return index;
}

/* "2" and 3 give "2.3"; the parts of the message itself are "1", "2" ...; the multipart inside a message/rfc822 "2" is "2.0", its parts
 * "2.1". */
struct mime_position mime_child_of(struct message *m, uint16_t parent, unsigned n, struct mime_source *source)
{
	const struct part *p = &m->parts.v[parent];
	struct span head = p->number;
	if (span_ends(head, SPAN(".0")))
		head.n -= 2;
	return (struct mime_position){
		.source = source,
		.parent = parent,
		.depth = (uint16_t)(p->depth + 1),
		.number = span_eq(head, SPAN("0")) ? arena_printf(m->arena, "%u", n) : arena_printf(m->arena, "%.*s.%u", SPAN_ARG(head), n),
		.flags = p->flags & PART_ALTERNATE,
		.reading_of = p->reading_of,
	};
}

struct mime_position mime_reading_of(struct message *m, uint16_t of, struct mime_source *source)
{
	const struct part *p = &m->parts.v[of];
	return (struct mime_position){
		.source = source,
		.parent = of,
		.depth = (uint16_t)(p->depth + 1),
		.number = arena_printf(m->arena, "%.*s~%u", SPAN_ARG(p->number), ++m->readings),
		.flags = PART_ALTERNATE,
		.reading_of = of,
	};
}

/* Other readings together may look at as much again as the first one did, some times over. */
enum { REREAD_STEPS = 4 };

bool mime_may_reread(struct message *m, uint16_t index)
{
	if (m->parts.v[index].flags & PART_ALTERNATE || m->parts.v[index].depth + 1u >= LIMIT_MIME_DEPTH)
		return false;
	if (m->reread_steps < REREAD_STEPS * m->raw.n + LIMIT_DECODED_BYTES(0))
		return true;
	mime_note(m, ANOMALY_READINGS_LIMIT, m->parts.v[index].raw_body);
	return false;
}

/* The child of a message/rfc822: inside its decoded content when it is encoded, which RFC 2046 5.2.1 forbids and some programs read. */
static void embedded(struct message *m, uint16_t index, struct mime_source *source)
{
	struct mime_source decoded = { .part = index };
	enum transfer_encoding encoding = m->parts.v[index].encoding;
	if (encoding == TRANSFER_BASE64 || encoding == TRANSFER_QUOTED_PRINTABLE) {
		if (!part_undo_transfer(m, index))
			return;
		decoded.bytes = m->parts.v[index].bytes;
		boundary_index(m, &decoded);
		source = &decoded;
	}
	struct mime_position position = mime_child_of(m, index, 1, source);
	mime_entity(m, m->parts.v[index].bytes, &position);
}

static void fill(struct message *m, uint16_t index, struct mime_source *source)
{
	struct part *part = &m->parts.v[index];
	/* Fields in what is no header, because its first line is none: the message inside would be the same bytes again, without end. */
	if (part->kind == PART_MESSAGE && part->raw_header.n == 0)
		part->kind = PART_TEXT;
	if (part->kind != PART_MULTIPART && part->kind != PART_MESSAGE) {
		part_decode(m, index, source);
	} else if (part->depth >= LIMIT_MIME_DEPTH) {
		mime_note(m, ANOMALY_DEPTH_LIMIT, part->raw_header);
		part->flags |= PART_CUT;
		part->kind = PART_OTHER;
	} else if (part->kind == PART_MULTIPART) {
		multipart_parse(m, index, source);
	} else {
		embedded(m, index, source);
	}
}

/* Do two fields say the same? */
static bool same_field(const struct header *a, const struct header *b) { return span_ieq(span_trim(a->value), span_trim(b->value)); }

/* The field that disagrees with the first of its kind, or NULL. Programs take the first, the last, or any (two "Content-Transfer-Encoding"
 * lines are an old trick). Looks at few: a thousand equal lines cost no more than eight. */
static const struct header *other_field(const struct headers *headers, enum header_id id)
{
	const struct header *first = header_first(headers, id), *other = NULL;
	unsigned tries = 8;
	for (const struct header *h = first ? header_next(headers, first) : NULL; h && tries; h = header_next(headers, h), tries--)
		if (!same_field(first, h))
			other = h;
	return other;
}

/* Another part over the same bytes, by other fields. */
static void reread(struct message *m, uint16_t index, const struct part_fields *fields, struct mime_source *source, bool digest)
{
	if (!mime_may_reread(m, index))
		return;
	uint64_t steps = m->steps;
	struct mime_position position = mime_reading_of(m, index, source);
	uint16_t other = mime_add_part(m, &position, m->parts.v[index].raw_body);
	if (other == PART_NONE)
		return;
	struct part *part = &m->parts.v[other];
	const struct part *first = &m->parts.v[index];
	part->headers = first->headers;
	part->raw_header = first->raw_header;
	part->raw_body = part->bytes = first->raw_body;
	part_read_fields(m, other, fields, digest);
	fill(m, other, source);
	m->reread_steps += m->steps - steps + m->parts.v[index].raw_body.n;
}

static void other_readings(struct message *m, uint16_t index, const struct part_fields *first, struct mime_source *source, bool digest)
{
	const struct headers *headers = &m->parts.v[index].headers;
	const struct header *type = other_field(headers, HEADER_CONTENT_TYPE);
	const struct header *encoding = other_field(headers, HEADER_CONTENT_TRANSFER_ENCODING);
	if (!type && !encoding)
		return;
	mime_note(m, ANOMALY_MIME_DUPLICATE_FIELD, (type ? type : encoding)->raw);
	if (type) {
		struct part_fields fields = { type, first->encoding, first->disposition };
		reread(m, index, &fields, source, digest);
	}
	if (encoding) {
		struct part_fields fields = { first->type, encoding, first->disposition };
		reread(m, index, &fields, source, digest);
	}
	if (type && encoding) {
		struct part_fields fields = { type, encoding, first->disposition };
		reread(m, index, &fields, source, digest);
	}
}

/* Anomalies of headers inside decoded content have no place in the message: they point at the part that carries it. */
static void place_anomalies(struct message *m, uint32_t from, const struct mime_source *source)
{
	if (source->part == PART_NONE)
		return;
	struct place place = message_place(m, m->parts.v[source->part].raw_body);
	for (uint32_t i = from; i < m->anomalies.list.n; i++)
		m->anomalies.list.v[i].at = place;
}

/* A multipart that is a message's whole body has no number of its own in IMAP: "0", or "2.0" inside the message/rfc822 "2". */
static void number_part(struct message *m, uint16_t index)
{
	struct part *part = &m->parts.v[index];
	if (part->parent == PART_NONE)
		part->number = part->kind == PART_MULTIPART ? SPAN("0") : SPAN("1");
	else if (part->kind == PART_MULTIPART && m->parts.v[part->parent].kind == PART_MESSAGE)
		part->number = arena_printf(m->arena, "%.*s.0", SPAN_ARG(m->parts.v[part->parent].number));
}

/* The bytes of the message at the same offsets, when s lies in the copy whose bare CRs end lines. */
static struct span in_raw(const struct message *m, struct span s)
{
	return span_within(m->cr_lines, s) ? span_of(m->raw.p + (s.p - m->cr_lines.p), s.n) : s;
}

/* Does the header of a part end its first line as that of the message does? */
static void note_line_end(struct message *m, uint16_t index)
{
	struct span root = m->parts.v[0].raw_header, own = m->parts.v[index].raw_header;
	size_t root_end = span_find_byte(root, '\n', 0), end = span_find_byte(own, '\n', 0);
	if (index == 0 || root_end == SPAN_NPOS || end == SPAN_NPOS || !span_within(m->raw, own))
		return;
	if ((root_end && root.p[root_end - 1] == '\r') != (end && own.p[end - 1] == '\r'))
		mime_note(m, ANOMALY_LINE_ENDS_MIXED, span_slice(own, end, end + 1));
}

void mime_entity(struct message *m, struct span bytes, const struct mime_position *position)
{
	uint16_t index = mime_add_part(m, position, bytes);
	if (index == PART_NONE)
		return;
	struct part *part = &m->parts.v[index];
	uint32_t anomalies = m->anomalies.list.n;
	size_t consumed;
	struct span whole = position->source->part == PART_NONE ? position->source->bytes : m->raw;
	headers_parse(whole, bytes, m->arena, &m->anomalies, &m->header_count, &part->headers, &consumed);
	m->steps += consumed;
	part->raw_header = in_raw(m, span_first(bytes, consumed));
	for (uint32_t i = 0; m->cr_lines.p && i < part->headers.list.n; i++)
		part->headers.list.v[i].raw = in_raw(m, part->headers.list.v[i].raw);
	part->raw_body = part->bytes = span_skip(bytes, consumed);
	struct part_fields fields = {
		header_first(&part->headers, HEADER_CONTENT_TYPE),
		header_first(&part->headers, HEADER_CONTENT_TRANSFER_ENCODING),
		header_first(&part->headers, HEADER_CONTENT_DISPOSITION),
	};
	note_line_end(m, index);
	part_read_fields(m, index, &fields, position->digest);
	place_anomalies(m, anomalies, position->source);
	number_part(m, index);
	fill(m, index, position->source);
	other_readings(m, index, &fields, position->source, position->digest);
}
