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

void message_parse(struct span raw, struct arena *arena, struct message *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->raw = span_first(raw, LIMIT_MESSAGE_BYTES);
	ret->arena = arena;
	if (raw.n > LIMIT_MESSAGE_BYTES)
		mime_note(ret, ANOMALY_MESSAGE_LIMIT, span_skip(ret->raw, ret->raw.n));
	struct mime_source source = { .bytes = ret->raw, .part = PART_NONE };
	boundary_index(ret, &source);
	struct mime_position root = { .source = &source, .parent = PART_NONE, .reading_of = PART_NONE };
	mime_entity(ret, span_skip(ret->raw, take_envelope_line(ret)), &root);
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
	struct span base = message->raw;
	uint16_t part = 0;
	if (!span_within(base, inner)) {
		for (; part < message->parts.n && !span_within(message->parts.v[part].bytes, inner); part++)
			;
		if (part == message->parts.n)
			return (struct place){ 0 };
		base = message->parts.v[part].bytes;
	}
	uint32_t from = (uint32_t)(inner.p - base.p);
	return (struct place){ .from = from, .to = from + (uint32_t)inner.n, .part = part, .in = base.p == message->raw.p ? PLACE_RAW : PLACE_DECODED };
}
