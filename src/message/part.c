/* message/part.c - what one part's fields say, and its content decoded (RFC 2045, 2183). */
#include "base/ascii.h"
#include "base/limits.h"
#include "message/charset.h"
#include "message/mime.h"

bool part_is(const struct part *part, const char *type) { return span_ieq(part->type.value, span_cstr(type)); }

static enum part_kind kind_of(struct span type)
{
	if (span_starts(type, SPAN("multipart/")))
		return PART_MULTIPART;
	if (span_eq(type, SPAN("message/rfc822")) || span_eq(type, SPAN("message/global")) || span_eq(type, SPAN("message/news")))
		return PART_MESSAGE;
	if (span_eq(type, SPAN("text/html")) || span_eq(type, SPAN("application/xhtml+xml")))
		return PART_HTML;
	if (span_starts(type, SPAN("text/")))
		return PART_TEXT;
	return PART_OTHER;
}

static enum transfer_encoding encoding_of(struct span value)
{
	static const struct {
		struct span name;
		enum transfer_encoding encoding;
	} names[] = {
		{ SPAN_INIT("7bit"), TRANSFER_IDENTITY }, { SPAN_INIT("8bit"), TRANSFER_IDENTITY }, { SPAN_INIT("binary"), TRANSFER_IDENTITY },
		{ SPAN_INIT("base64"), TRANSFER_BASE64 }, { SPAN_INIT("quoted-printable"), TRANSFER_QUOTED_PRINTABLE },
		{ SPAN_INIT("x-uuencode"), TRANSFER_UUENCODE }, { SPAN_INIT("uuencode"), TRANSFER_UUENCODE },
		{ SPAN_INIT("x-uue"), TRANSFER_UUENCODE }, { SPAN_INIT("x-gzip64"), TRANSFER_GZIP64 }, { SPAN_INIT("gzip64"), TRANSFER_GZIP64 },
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_ieq(value, names[i].name))
			return names[i].encoding;
	return TRANSFER_UNKNOWN;
}

static void add_names(struct message *m, struct part *part, const struct field_value *value, struct span parameter, bool disposition)
{
	for (uint32_t i = 0; i < value->parameters.n; i++) {
		const struct parameter *p = &value->parameters.v[i];
		if (!span_eq(p->name, parameter) || p->value.n == 0 || part->names.n >= LIMIT_PART_NAMES)
			continue;
		bool known = false;
		for (uint32_t j = 0; j < part->names.n; j++)
			known |= span_eq(part->names.v[j].text, p->value);
		if (!known)
			*(struct part_name *)vec_push(m->arena, &part->names) =
				(struct part_name){ .text = p->value, .reading = p->reading, .from_disposition = disposition, .at = p->at };
	}
}

void part_read_fields(struct message *m, uint16_t index, bool digest)
{
	struct part *part = &m->parts.v[index];
	const struct header *type = header_first(&part->headers, HEADER_CONTENT_TYPE);
	const struct header *disposition = header_first(&part->headers, HEADER_CONTENT_DISPOSITION);
	const struct header *encoding = header_first(&part->headers, HEADER_CONTENT_TRANSFER_ENCODING);
	if (type)
		field_value_parse(m->raw, type, m->arena, &m->anomalies, &part->type);
	if (part->type.value.n == 0)
		part->type.value = digest ? SPAN("message/rfc822") : SPAN("text/plain");
	if (disposition)
		field_value_parse(m->raw, disposition, m->arena, &m->anomalies, &part->disposition);
	if (encoding) {
		struct field_value value;
		field_value_parse(m->raw, encoding, m->arena, &m->anomalies, &value);
		part->encoding = (uint8_t)encoding_of(value.value);
		if (part->encoding == TRANSFER_UNKNOWN)
			mime_note(m, ANOMALY_TRANSFER_ENCODING_UNKNOWN, encoding->raw);
	}
	part->kind = (uint8_t)kind_of(part->type.value);
	part->charset = field_value_get(&part->type, SPAN("charset"));
	if (span_eq(part->disposition.value, SPAN("attachment")))
		part->flags |= PART_ATTACHMENT;
	else if (span_eq(part->disposition.value, SPAN("inline")))
		part->flags |= PART_INLINE;
	add_names(m, part, &part->disposition, SPAN("filename"), true);
	add_names(m, part, &part->type, SPAN("name"), false);
}

static void note_transfer(struct message *m, struct span body, const struct transfer_facts *facts)
{
	struct span where = span_slice(body, facts->first_bad, facts->first_bad + 1);
	if (facts->junk)
		mime_note(m, ANOMALY_BASE64_JUNK, where);
	if (facts->after_padding)
		mime_note(m, ANOMALY_BASE64_AFTER_PADDING, span_slice(body, facts->after_padding, facts->after_padding + 1));
	if (facts->dropped_bits)
		mime_note(m, ANOMALY_BASE64_BAD_LENGTH, span_skip(body, body.n));
	if (facts->bad_escapes)
		mime_note(m, ANOMALY_QP_BAD_ESCAPE, where);
}

static void note_charset(struct message *m, const struct part *part, enum charset_fact fact)
{
	if (fact == CHARSET_WAS_UNKNOWN)
		mime_note(m, ANOMALY_CHARSET_UNKNOWN, part->raw_header);
	else if (fact == CHARSET_WAS_LYING)
		mime_note(m, ANOMALY_CHARSET_LIES, part->raw_body);
	else if (fact == CHARSET_HAD_INVALID_BYTES)
		mime_note(m, ANOMALY_CHARSET_INVALID_BYTES, part->raw_body);
}

void part_decode(struct message *m, uint16_t index)
{
	struct part *part = &m->parts.v[index];
	struct transfer_facts facts = { 0 };
	part->bytes = part->raw_body;
	if (m->decoded_bytes + part->raw_body.n > LIMIT_DECODED_BYTES(m->raw.n)) {
		mime_note(m, ANOMALY_DECODED_LIMIT, part->raw_body);
		part->flags |= PART_CUT;
		return;
	}
	m->decoded_bytes += part->raw_body.n;
	if (part->encoding == TRANSFER_BASE64 || part->encoding == TRANSFER_GZIP64)
		part->bytes = base64_decode(part->raw_body, m->arena, &facts);
	else if (part->encoding == TRANSFER_QUOTED_PRINTABLE)
		part->bytes = quoted_printable_decode(part->raw_body, false, m->arena, &facts);
	note_transfer(m, part->raw_body, &facts);
	if (part->kind != PART_TEXT && part->kind != PART_HTML)
		return;
	enum charset_fact fact;
	part->text = charset_to_utf8(span_first(part->bytes, LIMIT_TEXT_BYTES), part->charset, m->arena, &fact, &part->charset_used);
	note_charset(m, part, fact);
}
