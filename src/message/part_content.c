/* message/part_content.c - the content of a part decoded: transfer encoding, character set, uuencoded files inside text. */
#include "base/ascii.h"
#include "base/limits.h"
#include "message/charset.h"
#include "message/mime.h"

static void note_transfer(struct message *m, struct span body, const struct transfer_facts *facts)
{
	struct span where = span_slice(body, facts->first_bad, facts->first_bad + 1u);
	if (facts->junk)
		mime_note(m, ANOMALY_BASE64_JUNK, where);
	if (facts->after_padding)
		mime_note(m, ANOMALY_BASE64_AFTER_PADDING, span_slice(body, facts->after_padding, facts->after_padding + 1u));
	if (facts->dropped_bits)
		mime_note(m, ANOMALY_BASE64_BAD_LENGTH, span_skip(body, body.n));
	if (facts->bad_escapes)
		mime_note(m, ANOMALY_QP_BAD_ESCAPE, where);
}

static struct span uudecode_whole(struct message *m, struct part *part, struct transfer_facts *facts)
{
	struct span name, bytes;
	size_t begin, after;
	return uuencode_find(part->raw_body, 0, m->arena, &name, &bytes, &begin, &after, facts) ? bytes : part->raw_body;
}

static bool undo_transfer(struct message *m, uint16_t index, struct transfer_facts *facts)
{
	struct part *part = &m->parts.v[index];
	memset(facts, 0, sizeof *facts);
	part->bytes = part->raw_body;
	if (part->encoding == TRANSFER_IDENTITY || part->encoding == TRANSFER_UNKNOWN)
		return true;
	if (m->decoded_bytes + part->raw_body.n > LIMIT_DECODED_BYTES(m->raw.n)) {
		mime_note(m, ANOMALY_DECODED_LIMIT, part->raw_body);
		part->flags |= PART_CUT;
		return false;
	}
	m->decoded_bytes += part->raw_body.n;
	m->steps += part->raw_body.n;
	if (part->encoding == TRANSFER_BASE64 || part->encoding == TRANSFER_GZIP64)
		part->bytes = base64_decode(part->raw_body, m->arena, facts);
	else if (part->encoding == TRANSFER_QUOTED_PRINTABLE)
		part->bytes = quoted_printable_decode(part->raw_body, false, m->arena, facts);
	else
		part->bytes = uudecode_whole(m, part, facts);
	note_transfer(m, part->raw_body, facts);
	return true;
}

bool part_undo_transfer(struct message *m, uint16_t index)
{
	struct transfer_facts facts;
	return undo_transfer(m, index, &facts);
}

static void note_charset(struct message *m, const struct part *part, enum charset_fact fact)
{
	static const struct {
		enum charset_fact fact;
		enum anomaly_kind kind;
	} kinds[] = {
		{ CHARSET_WAS_UNKNOWN, ANOMALY_CHARSET_UNKNOWN },
		{ CHARSET_WAS_LYING, ANOMALY_CHARSET_LIES },
		{ CHARSET_HAD_INVALID_BYTES, ANOMALY_CHARSET_INVALID_BYTES },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].fact == fact)
			mime_note(m, kinds[i].kind, fact == CHARSET_WAS_UNKNOWN ? part->raw_header : part->raw_body);
}

/* <meta charset=...> or <meta http-equiv=content-type content="...charset=...">, as the HTML standard looks for it in the first 1024 bytes.
 */
static struct span meta_charset(struct span html)
{
	struct span head = span_first(html, 1024);
	for (size_t at = 0; (at = span_ifind(head, SPAN("<meta"), at)) != SPAN_NPOS; at += 5) {
		size_t end = span_find_byte(head, '>', at), name = span_ifind(head, SPAN("charset="), at);
		if (name == SPAN_NPOS || end == SPAN_NPOS || name > end)
			continue;
		struct span value = span_slice(head, name + 8, end);
		while (value.n && (value.p[0] == '"' || value.p[0] == '\'' || value.p[0] == ' '))
			value = span_skip(value, 1);
		size_t n = 0;
		while (n < value.n && (ascii_is_alnum(value.p[n]) || memchr("-_.:", value.p[n], 4)))
			n++;
		return span_first(value, n);
	}
	return span_none;
}

static void to_text(struct message *m, struct part *part)
{
	enum charset_fact fact;
	struct span bytes = span_first(part->bytes, LIMIT_TEXT_BYTES), label = part->charset;
	if (bytes.n < part->bytes.n)
		mime_note(m, ANOMALY_TEXT_LIMIT, part->raw_body);
	if (part->kind == PART_HTML && label.n == 0)
		label = meta_charset(bytes);
	part->text = charset_to_utf8(bytes, label, m->arena, &fact, &part->charset_used);
	if (fact != CHARSET_AS_LABELLED && fact != CHARSET_WAS_UNLABELLED)
		note_charset(m, part, fact);
}

/* A leaf that has no header of its own. */
static struct part *bare_part(struct message *m, const struct mime_position *position, struct span body, struct span type)
{
	uint16_t index = mime_add_part(m, position, body);
	if (index == PART_NONE)
		return NULL;
	struct part *part = &m->parts.v[index];
	part->type.value = type;
	part->raw_header = span_first(body, 0);
	part->raw_body = part->bytes = body;
	memset(part->headers.first, 0xff, sizeof part->headers.first);
	memset(part->headers.last, 0xff, sizeof part->headers.last);
	return part;
}

/* The footer of a mailing list behind base64, as those see it who undo the base64 first. */
static void add_footer(struct message *m, uint16_t index, size_t begin, struct mime_source *source)
{
	struct span text = span_skip(m->parts.v[index].raw_body, begin);
	if (!mime_may_reread(m, index))
		return;
	struct mime_position position = mime_reading_of(m, index, source);
	struct part *part = bare_part(m, &position, text, SPAN("text/plain"));
	if (!part)
		return;
	part->kind = PART_TEXT;
	m->reread_steps += text.n;
	to_text(m, part);
}

/* "begin 644 name" in a text: every such file becomes a part of its own, as mail programs show it. */
static void find_uuencoded(struct message *m, uint16_t index, struct mime_source *source)
{
	struct span text = m->parts.v[index].bytes, name, bytes;
	size_t begin, after = 0;
	unsigned n = 0;
	struct transfer_facts facts;
	while (uuencode_find(text, after, m->arena, &name, &bytes, &begin, &after, &facts)) {
		struct mime_position position = mime_child_of(m, index, ++n, source);
		struct part *part = bare_part(m, &position, span_slice(text, begin, after), SPAN("application/octet-stream"));
		if (!part)
			return;
		if (facts.junk)
			mime_note(m, ANOMALY_UUENCODE_BAD, span_slice(text, begin, after));
		part->reading_of = index;
		part->flags |= PART_UUENCODED | PART_ATTACHMENT;
		part->kind = PART_OTHER;
		part->encoding = TRANSFER_UUENCODE;
		part->bytes = bytes;
		if (name.n)
			*(struct part_name *)vec_push(m->arena, &part->names) = (struct part_name){
				.text = name, .reading = PARAMETER_PLAIN, .at = message_place(m, span_slice(text, begin, begin + 6))
			};
	}
}

void part_decode(struct message *m, uint16_t index, struct mime_source *source)
{
	struct transfer_facts facts;
	if (!undo_transfer(m, index, &facts))
		return;
	struct part *part = &m->parts.v[index];
	size_t footer = part->encoding == TRANSFER_BASE64 ? part_footer(m, index, &facts) : SPAN_NPOS;
	if (part->kind == PART_TEXT || part->kind == PART_HTML) {
		m->steps += part->bytes.n;
		to_text(m, part);
		if (part->kind == PART_TEXT)
			find_uuencoded(m, index, source);
	}
	if (footer == SPAN_NPOS)
		return;
	if (!facts.junk && !facts.after_padding)
		mime_note(m, ANOMALY_BASE64_JUNK, span_skip(m->parts.v[index].raw_body, footer));
	add_footer(m, index, footer, source);
}
