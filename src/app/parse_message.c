/* app/parse_message.c - the tree of a message's parts, and what a person sees of its HTML. */
#include "app/parse.h"
#include "base/json_out.h"
#include "message/content.h"
#include "report/json.h"

#include <openssl/evp.h>

static const char *const part_flag_names[] = { "attachment", "inline", "alternate", "uuencoded", "preamble", "partial", "cut" };
enum { PART_FLAGS = sizeof part_flag_names / sizeof *part_flag_names, SHA256_HEX = 64 };

static const char *kind_name(uint8_t kind)
{
	static const char *const names[] = { [PART_TEXT] = "text",
					     [PART_HTML] = "html",
					     [PART_MULTIPART] = "multipart",
					     [PART_MESSAGE] = "message",
					     [PART_OTHER] = "other" };
	return names[kind];
}

static const char *encoding_name(uint8_t encoding)
{
	static const char *const names[] = {
		[TRANSFER_IDENTITY] = "identity", [TRANSFER_BASE64] = "base64",   [TRANSFER_QUOTED_PRINTABLE] = "quoted-printable",
		[TRANSFER_UUENCODE] = "uuencode", [TRANSFER_GZIP64] = "x-gzip64", [TRANSFER_UNKNOWN] = "unknown",
	};
	return names[encoding];
}

static const char *reading_name(enum parameter_reading reading)
{
	static const char *const names[] = { [PARAMETER_PLAIN] = "plain",
					     [PARAMETER_RFC2231] = "rfc2231",
					     [PARAMETER_ENCODED_WORD] = "encoded-word",
					     [PARAMETER_LENIENT] = "lenient" };
	return names[reading];
}

static bool is_container(const struct part *part) { return part->kind == PART_MULTIPART || part->kind == PART_MESSAGE; }

static struct span sha256(struct span bytes, struct arena *arena)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	if (!EVP_Digest(bytes.p ? bytes.p : digest, bytes.n, digest, &n, EVP_sha256(), NULL))
		return span_none;
	char *text = arena_alloc(arena, SHA256_HEX);
	for (unsigned i = 0; i < n; i++) {
		text[2 * i] = hex[digest[i] >> 4];
		text[2 * i + 1] = hex[digest[i] & 15];
	}
	return span_of(text, 2 * n);
}

/* Parts in the order of the message; number, parent and depth give the tree. */
static void json_part(struct json_out *j, const struct message *message, const struct part *part)
{
	json_object(j, NULL);
	json_text(j, "part", part->number);
	json_text_or_null(j, "parent", part->parent == PART_NONE ? span_none : message->parts.v[part->parent].number);
	json_int(j, "depth", part->depth);
	json_cstr(j, "kind", kind_name(part->kind));
	json_text(j, "type", part->type.value);
	json_text_or_null(j, "charset", part->charset);
	json_text_or_null(j, "charset_used", part->charset_used);
	json_cstr(j, "encoding", encoding_name(part->encoding));
	json_array(j, "names");
	for (uint32_t i = 0; i < part->names.n; i++) {
		json_object(j, NULL);
		json_text(j, "name", part->names.v[i].text);
		json_cstr(j, "reading", reading_name(part->names.v[i].reading));
		json_cstr(j, "from", part->names.v[i].from_disposition ? "disposition" : "type");
		json_close(j);
	}
	json_close(j);
	json_array(j, "flags");
	for (size_t i = 0; i < PART_FLAGS; i++)
		if (part->flags & 1u << i)
			json_cstr(j, NULL, part_flag_names[i]);
	json_close(j);
	if (part->reading_of != PART_NONE)
		json_text(j, "reading_of", message->parts.v[part->reading_of].number);
	if (!is_container(part)) {
		const struct file_type *type = file_type_of(part->bytes);
		json_cstr(j, "true_type", type->name);
		json_cstr(j, "true_media", type->media);
		json_int(j, "bytes", (int64_t)part->bytes.n);
		json_text(j, "sha256", sha256(part->bytes, message->arena));
	}
	json_close(j);
}

static void json_anomalies(struct json_out *j, const struct message *message)
{
	json_array(j, "anomalies");
	for (uint32_t i = 0; i < message->anomalies.list.n; i++) {
		const struct anomaly *anomaly = &message->anomalies.list.v[i];
		json_object(j, NULL);
		json_cstr(j, "id", anomaly_id(anomaly->kind));
		json_cstr(j, "says", anomaly_says(anomaly->kind));
		json_array(j, "at");
		report_json_place(j, message, &anomaly->at);
		json_close(j);
		json_close(j);
	}
	json_close(j);
}

static void json_mime(const struct message *message, struct buf *out)
{
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	json_int(&j, "bytes", (int64_t)message->raw.n);
	json_array(&j, "parts");
	for (uint32_t i = 0; i < message->parts.n; i++)
		json_part(&j, message, &message->parts.v[i]);
	json_close(&j);
	json_anomalies(&j, message);
	json_close(&j);
	buf_byte(out, '\n');
}

static void text_part(const struct message *message, const struct part *part, struct buf *out)
{
	struct arena *arena = message->arena;
	buf_printf(out, "%*s%.*s  ", 2 * part->depth, "", SPAN_ARG(part->number));
	buf_put(out, style_safe(part->type.value, arena));
	if (part->charset.p) {
		buf_cstr(out, ", ");
		buf_put(out, style_safe(part->charset, arena));
	}
	if (!is_container(part)) {
		const struct file_type *type = file_type_of(part->bytes);
		buf_printf(out, ", %s, %zu bytes, truly %s", encoding_name(part->encoding), part->bytes.n, type->says);
	}
	for (size_t i = 0; i < PART_FLAGS; i++)
		if (part->flags & 1u << i)
			buf_printf(out, ", %s", part_flag_names[i]);
	if (part->reading_of != PART_NONE)
		buf_printf(out, " (another reading of %.*s)", SPAN_ARG(message->parts.v[part->reading_of].number));
	buf_byte(out, '\n');
	for (uint32_t i = 0; i < part->names.n; i++) {
		struct span name = style_safe(part->names.v[i].text, arena);
		buf_printf(out, "%*s  name  %.*s  (%s)\n", 2 * part->depth, "", SPAN_ARG(name), reading_name(part->names.v[i].reading));
	}
	if (!is_container(part)) {
		struct span digest = sha256(part->bytes, arena);
		buf_printf(out, "%*s  sha256  %.*s\n", 2 * part->depth, "", SPAN_ARG(digest));
	}
}

static void text_mime(const struct message *message, struct buf *out)
{
	for (uint32_t i = 0; i < message->parts.n; i++)
		text_part(message, &message->parts.v[i], out);
	for (uint32_t i = 0; i < message->anomalies.list.n; i++) {
		const struct anomaly *anomaly = &message->anomalies.list.v[i];
		buf_printf(out, "! %s (%s, bytes %u to %u)\n", anomaly_says(anomaly->kind), anomaly_id(anomaly->kind), anomaly->at.from,
			   anomaly->at.to);
	}
}

void parse_mime_message(struct span raw, bool json, struct arena *arena, struct buf *out)
{
	struct message message;
	struct content content;
	message_parse(raw, arena, &message);
	content_examine(&message, &content); /* it adds anomalies of its own */
	if (json)
		json_mime(&message, out);
	else
		text_mime(&message, out);
}
