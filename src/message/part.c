/* message/part.c - what one part's fields say (RFC 2045, 2183, 2231), as programs read them. */
#include "base/ascii.h"
#include "base/limits.h"
#include "message/mime.h"

bool part_is(const struct part *part, const char *type) { return span_ieq(part->type.value, span_cstr(type)); }

/* The first entry that fits decides. */
static const struct {
	struct span type;
	bool prefix;
	enum part_kind kind;
} kinds[] = {
	{ SPAN_INIT("text/html"), false, PART_HTML },
	{ SPAN_INIT("text/"), true, PART_TEXT },
	{ SPAN_INIT("multipart/"), true, PART_MULTIPART },
	{ SPAN_INIT("message/rfc822"), false, PART_MESSAGE },
	{ SPAN_INIT("message/global"), false, PART_MESSAGE },
	{ SPAN_INIT("message/news"), false, PART_MESSAGE },
	{ SPAN_INIT("message/partial"), false, PART_OTHER },
	{ SPAN_INIT("message/external-body"), false, PART_OTHER },
	{ SPAN_INIT("message/"), true, PART_TEXT }, /* delivery-status and its kin are shown as text */
	{ SPAN_INIT("application/xhtml+xml"), false, PART_HTML },
};

static enum part_kind kind_of(struct span type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].prefix ? span_starts(type, kinds[i].type) : span_eq(type, kinds[i].type))
			return kinds[i].kind;
	return PART_OTHER;
}

/* What is no "type/subtype" is text/plain (RFC 2045 5.2), but some programs take "html" or "text" for what it means. */
static struct span mend_type(struct message *m, const struct header *field, struct span type)
{
	size_t slash = span_find_byte(type, '/', 0);
	if (slash != SPAN_NPOS && slash > 0 && slash + 1 < type.n)
		return type;
	mime_note(m, ANOMALY_TYPE_BAD, field->raw);
	if (span_ieq(type, SPAN("html")))
		return SPAN("text/html");
	return span_starts(type, SPAN("multipart")) ? SPAN("multipart/mixed") : SPAN("text/plain");
}

static const struct {
	struct span name;
	enum transfer_encoding encoding;
} encodings[] = {
	{ SPAN_INIT("7bit"), TRANSFER_IDENTITY },
	{ SPAN_INIT("8bit"), TRANSFER_IDENTITY },
	{ SPAN_INIT("binary"), TRANSFER_IDENTITY },
	{ SPAN_INIT("base64"), TRANSFER_BASE64 },
	{ SPAN_INIT("quoted-printable"), TRANSFER_QUOTED_PRINTABLE },
	{ SPAN_INIT("x-uuencode"), TRANSFER_UUENCODE },
	{ SPAN_INIT("x-uue"), TRANSFER_UUENCODE },
	{ SPAN_INIT("uuencode"), TRANSFER_UUENCODE },
	{ SPAN_INIT("x-gzip64"), TRANSFER_GZIP64 },
	{ SPAN_INIT("gzip64"), TRANSFER_GZIP64 },
};

static enum transfer_encoding encoding_named(struct span name)
{
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
		if (span_eq(name, encodings[i].name))
			return encodings[i].encoding;
	return TRANSFER_UNKNOWN;
}

static void read_encoding(struct message *m, struct part *part, const struct header *field)
{
	struct field_value value;
	field_value_parse(m->raw, field, m->arena, &m->anomalies, &value);
	part->encoding = (uint8_t)encoding_named(value.value);
	struct span whole = header_unfolded(field, m->arena);
	if (part->encoding == TRANSFER_UNKNOWN || part->encoding == TRANSFER_GZIP64) {
		mime_note(m, ANOMALY_TRANSFER_ENCODING_UNKNOWN, field->raw);
		/* "base64base64", "base 64", "quoted-printable, 7bit": many programs look for the word only. */
		if (span_has(value.value, SPAN("base64")) && part->encoding == TRANSFER_UNKNOWN)
			part->encoding = TRANSFER_BASE64;
		else if (span_has(value.value, SPAN("quoted")))
			part->encoding = TRANSFER_QUOTED_PRINTABLE;
	} else if (part->encoding != TRANSFER_IDENTITY && !span_ieq(whole, value.value)) {
		/* "base64;foo", "base64 (comment)": GMime and others then decode nothing. */
		mime_note(m, ANOMALY_TRANSFER_ENCODING_AMBIGUOUS, field->raw);
	}
}

static bool has_name(const struct part *part, struct span name)
{
	for (uint32_t i = 0; i < part->names.n; i++)
		if (span_eq(part->names.v[i].text, name))
			return true;
	return false;
}

static void add_names(struct message *m, struct part *part, const struct field_value *value, struct span parameter, bool disposition)
{
	for (uint32_t i = 0; i < value->parameters.n; i++) {
		const struct parameter *p = &value->parameters.v[i];
		if (!span_eq(p->name, parameter) || p->value.n == 0 || has_name(part, p->value))
			continue;
		if (part->names.n >= LIMIT_PART_NAMES) {
			anomaly_add(&m->anomalies, m->arena, ANOMALY_PARAMETER_LIMIT, p->at);
			return;
		}
		*(struct part_name *)vec_push(m->arena, &part->names) =
		    (struct part_name){ .text = p->value, .reading = p->reading, .from_disposition = disposition, .at = p->at };
	}
}

static struct span extension(struct span name)
{
	name = span_trim(name);
	size_t dot = span_rfind_byte(name, '.');
	return dot == SPAN_NPOS ? span_none : span_skip(name, dot);
}

/* Names that differ only in spelling ("r?sum?.pdf" beside "résumé.pdf") are no disagreement; another extension is. */
static void note_names(struct message *m, const struct part *part)
{
	for (uint32_t i = 1; i < part->names.n; i++)
		if (!span_ieq(extension(part->names.v[0].text), extension(part->names.v[i].text))) {
			anomaly_add(&m->anomalies, m->arena, ANOMALY_NAME_AMBIGUOUS, part->names.v[i].at);
			return;
		}
}

void part_read_fields(struct message *m, uint16_t index, const struct part_fields *fields, bool digest)
{
	struct part *part = &m->parts.v[index];
	if (fields->type)
		field_value_parse(m->raw, fields->type, m->arena, &m->anomalies, &part->type);
	if (part->type.value.n == 0)
		part->type.value = digest ? SPAN("message/rfc822") : SPAN("text/plain");
	else
		part->type.value = mend_type(m, fields->type, part->type.value);
	if (fields->disposition)
		field_value_parse(m->raw, fields->disposition, m->arena, &m->anomalies, &part->disposition);
	if (fields->encoding)
		read_encoding(m, part, fields->encoding);
	part->kind = (uint8_t)kind_of(part->type.value);
	part->charset = field_value_get(&part->type, SPAN("charset"));
	if (span_starts(part->disposition.value, SPAN("attachment")))
		part->flags |= PART_ATTACHMENT;
	else if (span_eq(part->disposition.value, SPAN("inline")))
		part->flags |= PART_INLINE;
	if (part_is(part, "message/partial"))
		part->flags |= PART_PARTIAL;
	add_names(m, part, &part->disposition, SPAN("filename"), true);
	add_names(m, part, &part->type, SPAN("name"), false);
	/* Swapped by mistake or on purpose; some programs take what they find. */
	add_names(m, part, &part->disposition, SPAN("name"), true);
	add_names(m, part, &part->type, SPAN("filename"), false);
	if (part->names.n > 1)
		note_names(m, part);
}
