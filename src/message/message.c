/* message/message.c - see message.h */
#include "message/message.h"
#include "base/limits.h"
#include "message/mime.h"

/* "From someone Thu Jan  1 00:00:00 1970": the line that separates messages of a mailbox file. */
static size_t take_envelope_line(struct message *m)
{
	if (!span_starts(m->raw, SPAN("From ")))
		return 0;
	size_t end = span_find_byte(m->raw, '\n', 0), next = end == SPAN_NPOS ? m->raw.n : end + 1;
	m->envelope_line = span_trim(span_first(m->raw, next));
	return next;
}

/* A leaf is part 1; a root that has children is their number 0. */
static struct span root_number(const struct message *m)
{
	return m->parts.v[0].first_child == PART_NONE ? SPAN("1") : SPAN("0");
}

void message_parse(struct span raw, struct arena *arena, struct message *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->raw = span_first(raw, LIMIT_MESSAGE_BYTES);
	ret->arena = arena;
	struct boundary_lines lines = { 0 };
	boundary_index(ret, &lines);
	ret->lines = &lines;
	struct mime_position root = { .parent = PART_NONE, .reading_of = PART_NONE, .number = SPAN("0") };
	mime_entity(ret, span_skip(ret->raw, take_envelope_line(ret)), &root);
	ret->parts.v[0].number = root_number(ret);
	ret->lines = NULL;
}

struct span message_field(const struct message *message, enum header_id id)
{
	const struct header *h = header_first(message_headers(message), id);
	return h ? header_unfolded(h, message->arena) : span_none;
}

struct span message_field_text(const struct message *message, enum header_id id)
{
	const struct header *h = header_first(message_headers(message), id);
	return h ? header_text(h, message->arena) : span_none;
}

struct place message_place(const struct message *message, struct span inner)
{
	uint32_t from = span_within(message->raw, inner) ? (uint32_t)(inner.p - message->raw.p) : 0;
	return (struct place){ .from = from, .to = from + (uint32_t)inner.n, .in = PLACE_RAW };
}
