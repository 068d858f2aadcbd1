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

/* Is a line behind a bare CR a delimiter of a multipart that was found? Beyond a few looks a byte it is taken for one. */
static bool cr_delimiter(const struct message *m, const struct mime_source *source, struct span *ret_cr)
{
	size_t looks = 0;
	for (uint32_t i = 0; i < source->cr_lines.n; i++) {
		struct span line = span_skip(source->bytes, source->cr_lines.v[i].at + 2);
		*ret_cr = span_of(line.p - 3, 1);
		for (uint32_t k = 0; k < m->parts.n; k++)
			if (++looks > m->raw.n || (m->parts.v[k].boundary.n && span_starts(line, m->parts.v[k].boundary)))
				return true;
	}
	return false;
}

/* Every bare CR becomes LF, and CR CR LF is left as it is, so that offsets stay. */
static struct span with_cr_lines(struct message *m)
{
	struct span all = arena_dup(m->arena, m->raw);
	uint8_t *copy = (uint8_t *)(uintptr_t)all.p; /* just made, nobody else's yet */
	for (size_t cr = 0; (cr = span_find_byte(all, '\r', cr)) != SPAN_NPOS;) {
		size_t end = cr + 1;
		while (span_at(all, end) == '\r')
			end++;
		if (span_at(all, end) != '\n')
			memset(copy + cr, '\n', end - cr);
		cr = end;
	}
	return all;
}

/* Programs that end a line at a bare CR see other fields or parts: the whole message once more, as another reading of the root. */
static void reread_cr_lines(struct message *m, const struct mime_source *source)
{
	struct span cr;
	if (cr_delimiter(m, source, &cr))
		mime_note(m, ANOMALY_MIME_AMBIGUOUS, cr);
	if (m->anomalies.count[ANOMALY_MIME_AMBIGUOUS] == 0)
		return;
	if (m->decoded_bytes + m->raw.n > LIMIT_DECODED_BYTES(m->raw.n)) {
		mime_note(m, ANOMALY_READINGS_LIMIT, m->raw);
		return;
	}
	m->decoded_bytes += m->raw.n;
	m->cr_lines = with_cr_lines(m);
	struct mime_source lines = { .bytes = m->cr_lines, .part = PART_NONE };
	boundary_index(m, &lines);
	struct mime_position position = mime_reading_of(m, 0, &lines);
	mime_entity(m, span_skip(m->cr_lines, (size_t)(m->parts.v[0].raw_header.p - m->raw.p)), &position);
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
	reread_cr_lines(ret, &source);
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
	if (span_within(message->cr_lines, inner))
		inner = span_of(base.p + (inner.p - message->cr_lines.p), inner.n);
	if (!span_within(base, inner)) {
		for (; part < message->parts.n && !span_within(message->parts.v[part].bytes, inner); part++)
			;
		if (part == message->parts.n)
			return (struct place){ 0 };
		base = message->parts.v[part].bytes;
	}
	uint32_t from = (uint32_t)(inner.p - base.p);
	return (struct place){
		.from = from, .to = from + (uint32_t)inner.n, .part = part, .in = base.p == message->raw.p ? PLACE_RAW : PLACE_DECODED
	};
}
