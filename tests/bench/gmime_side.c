/* tests/bench/gmime_side.c - the peer: GMime parses the same messages; see bench.h */
#include "bench.h"

#include <gmime/gmime.h>

void gmime_side_init(void) { g_mime_init(); }

static void take(struct decoded *d, const char *bytes, size_t n)
{
	XXH3_64bits_update(d->hash, bytes, n);
	d->bytes += n;
}

static void take_headers(GMimeObject *object, struct decoded *d)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		const char *value = g_mime_header_get_value(g_mime_header_list_get_header_at(list, i));
		if (value)
			take(d, value, strlen(value));
		d->fields++;
	}
}

static void walk(GMimeObject *object, struct decoded *d, int depth)
{
	if (depth > 50)
		return;
	take_headers(object, d);
	if (GMIME_IS_MULTIPART(object)) {
		for (int i = 0; i < g_mime_multipart_get_count((GMimeMultipart *)object); i++)
			walk(g_mime_multipart_get_part((GMimeMultipart *)object, i), d, depth + 1);
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *message = g_mime_message_part_get_message((GMimeMessagePart *)object);
		if (message) {
			take_headers((GMimeObject *)message, d);
			if (g_mime_message_get_mime_part(message))
				walk(g_mime_message_get_mime_part(message), d, depth + 1);
		}
	} else if (GMIME_IS_TEXT_PART(object)) {
		char *text = g_mime_text_part_get_text((GMimeTextPart *)object);
		if (text)
			take(d, text, strlen(text));
		g_free(text);
		d->leaves++;
	} else if (GMIME_IS_PART(object)) {
		GMimeDataWrapper *content = g_mime_part_get_content((GMimePart *)object);
		if (content) {
			GMimeStream *memory = g_mime_stream_mem_new();
			g_mime_data_wrapper_write_to_stream(content, memory);
			GByteArray *bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)memory);
			take(d, (const char *)bytes->data, bytes->len);
			g_object_unref(memory);
		}
		d->leaves++;
	}
}

void gmime_side_parse(const uint8_t *bytes, size_t n, struct decoded *d)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer((const char *)bytes, n);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	if (message) {
		take_headers((GMimeObject *)message, d);
		if (g_mime_message_get_mime_part(message))
			walk(g_mime_message_get_mime_part(message), d, 0);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
}
