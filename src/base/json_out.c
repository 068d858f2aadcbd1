/* base/json_out.c - see json_out.h */
#include "base/json_out.h"
#include "base/utf8.h"

#include <stdlib.h>

void json_init(struct json_out *j, struct buf *buf)
{
	memset(j, 0, sizeof *j);
	j->buf = buf;
}

static void quoted(struct json_out *j, struct span s)
{
	static const char hex[] = "0123456789abcdef";
	buf_byte(j->buf, '"');
	size_t done = 0;
	for (size_t i = 0; i < s.n;) {
		uint8_t c = s.p[i];
		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			i++;
			continue;
		}
		uint32_t character;
		size_t n = utf8_decode(s, i, &character);
		if (n > 1) {
			i += n;
			continue;
		}
		buf_put(j->buf, span_slice(s, done, i));
		i++;
		done = i;
		if (c == '"' || c == '\\') {
			buf_byte(j->buf, '\\');
			buf_byte(j->buf, c);
		} else if (c == '\n') {
			buf_cstr(j->buf, "\\n");
		} else if (c == '\t') {
			buf_cstr(j->buf, "\\t");
		} else {
			const uint8_t escape[] = {
				'\\', 'u', c < 0x80 ? '0' : 'd', c < 0x80 ? '0' : 'c', (uint8_t)hex[c >> 4], (uint8_t)hex[c & 15]
			};
			buf_put(j->buf, span_of(escape, sizeof escape));
		}
	}
	buf_put(j->buf, span_slice(s, done, s.n));
	buf_byte(j->buf, '"');
}

static void begin(struct json_out *j, const char *key)
{
	if (j->comma[j->depth])
		buf_byte(j->buf, ',');
	j->comma[j->depth] = true;
	if (key) {
		quoted(j, span_cstr(key));
		buf_byte(j->buf, ':');
	}
}

static void open_level(struct json_out *j, const char *key, bool array)
{
	begin(j, key);
	if (j->depth + 1 >= JSON_DEPTH_MAX)
		abort(); /* our own nesting is fixed by the code, never by input */
	buf_byte(j->buf, array ? '[' : '{');
	j->depth++;
	j->comma[j->depth] = false;
	j->array[j->depth] = array;
}

void json_object(struct json_out *j, const char *key) { open_level(j, key, false); }
void json_array(struct json_out *j, const char *key) { open_level(j, key, true); }

void json_close(struct json_out *j)
{
	buf_byte(j->buf, j->array[j->depth] ? ']' : '}');
	j->depth--;
}

void json_text(struct json_out *j, const char *key, struct span text)
{
	begin(j, key);
	quoted(j, text);
}

void json_text_or_null(struct json_out *j, const char *key, struct span text)
{
	if (text.p)
		json_text(j, key, text);
	else
		json_null(j, key);
}

void json_cstr(struct json_out *j, const char *key, const char *text) { json_text_or_null(j, key, text ? span_cstr(text) : span_none); }

void json_int(struct json_out *j, const char *key, int64_t value)
{
	begin(j, key);
	if (value < 0)
		buf_byte(j->buf, '-');
	buf_number(j->buf, value < 0 ? -(uint64_t)value : (uint64_t)value, 1);
}

void json_milli(struct json_out *j, const char *key, int64_t v)
{
	begin(j, key);
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
	if (v < 0)
		buf_byte(j->buf, '-');
	buf_number(j->buf, u / 1000, 1);
	unsigned part = (unsigned)(u % 1000);
	unsigned decimals = 3;
	for (; part && part % 10 == 0; part /= 10)
		decimals--;
	if (part) {
		buf_byte(j->buf, '.');
		buf_number(j->buf, part, decimals);
	}
}

void json_double(struct json_out *j, const char *key, double value, int decimals)
{
	begin(j, key);
	buf_printf(j->buf, "%.*f", decimals, value);
}

void json_bool(struct json_out *j, const char *key, bool value)
{
	begin(j, key);
	buf_cstr(j->buf, value ? "true" : "false");
}

void json_null(struct json_out *j, const char *key)
{
	begin(j, key);
	buf_cstr(j->buf, "null");
}
