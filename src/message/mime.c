/* message/mime.c - one entity after another: header, kind, children (RFC 2045, 2046). */
#include "message/mime.h"
#include "base/limits.h"

void mime_note(struct message *m, enum anomaly_kind kind, struct span where)
{
	anomaly_add(&m->anomalies, m->arena, kind, message_place(m, where));
}

static uint16_t add_part(struct message *m, const struct mime_position *position)
{
	uint16_t index = (uint16_t)m->parts.n;
	struct part *part = vec_push(m->arena, &m->parts);
	part->index = index;
	part->parent = position->parent;
	part->first_child = part->next_sibling = PART_NONE;
	part->reading_of = position->reading_of;
	part->depth = position->depth;
	part->flags = position->flags;
	part->number = position->number;
	return index;
}

/* "2" and 3 give "2.3"; the parts of the message itself are "1", "2" ... */
static struct span child_number(struct message *m, struct span parent, unsigned n)
{
	if (span_eq(parent, SPAN("0")))
		return arena_printf(m->arena, "%u", n);
	if (span_ends(parent, SPAN(".0")))
		parent.n -= 2;
	return arena_printf(m->arena, "%.*s.%u", SPAN_ARG(parent), n);
}

/* Links a new child behind the last one. */
static void link_child(struct message *m, uint16_t parent, uint16_t *last, uint16_t child)
{
	if (child == PART_NONE)
		return;
	if (*last == PART_NONE)
		m->parts.v[parent].first_child = child;
	else
		m->parts.v[*last].next_sibling = child;
	*last = child;
}

static void multipart(struct message *m, uint16_t index)
{
	struct part *part = &m->parts.v[index];
	struct boundary_split split;
	bool digest = part_is(part, "multipart/digest");
	part->boundary = field_value_get(&part->type, SPAN("boundary"));
	if (!boundary_split_body(m, m->lines, part->raw_body, part->boundary, &split)) {
		mime_note(m, ANOMALY_BOUNDARY_MISSING, part->raw_body);
		part->kind = PART_TEXT;
		part_decode(m, index);
		return;
	}
	if (!split.terminated)
		mime_note(m, ANOMALY_BOUNDARY_UNTERMINATED, part->raw_body);
	uint16_t last = PART_NONE;
	for (uint32_t i = 0; i < split.pieces.n; i++) {
		struct mime_position position = {
			.parent = index, .depth = (uint16_t)(m->parts.v[index].depth + 1), .digest = digest, .reading_of = PART_NONE,
			.number = child_number(m, m->parts.v[index].number, i + 1),
		};
		link_child(m, index, &last, mime_entity(m, split.pieces.v[i].bytes, &position));
	}
}

static void embedded(struct message *m, uint16_t index)
{
	struct part *part = &m->parts.v[index];
	struct mime_position position = {
		.parent = index, .depth = (uint16_t)(part->depth + 1), .reading_of = PART_NONE, .number = child_number(m, part->number, 1),
	};
	uint16_t last = PART_NONE;
	link_child(m, index, &last, mime_entity(m, part->raw_body, &position));
}

uint16_t mime_entity(struct message *m, struct span bytes, const struct mime_position *position)
{
	if (m->parts.n >= LIMIT_PARTS) {
		mime_note(m, ANOMALY_PARTS_LIMIT, bytes);
		return PART_NONE;
	}
	uint16_t index = add_part(m, position);
	struct headers headers;
	size_t consumed;
	headers_parse(m->raw, bytes, m->arena, &m->anomalies, &m->header_count, &headers, &consumed);
	struct part *part = &m->parts.v[index];
	part->headers = headers;
	part->raw_header = span_first(bytes, consumed);
	part->raw_body = part->bytes = span_skip(bytes, consumed);
	part_read_fields(m, index, position->digest);
	if (part->kind != PART_MULTIPART && part->kind != PART_MESSAGE) {
		part_decode(m, index);
		return index;
	}
	if (part->depth >= LIMIT_MIME_DEPTH) {
		mime_note(m, ANOMALY_DEPTH_LIMIT, bytes);
		part->flags |= PART_CUT;
		part->kind = PART_OTHER;
	} else if (part->kind == PART_MULTIPART) {
		multipart(m, index);
	} else {
		embedded(m, index);
	}
	return index;
}
