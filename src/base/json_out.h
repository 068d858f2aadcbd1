/* base/json_out.h - a streaming JSON writer (RFC 8259): no tree, no allocation but its buffer.
 *
 *	json_object(&j, NULL); json_text(&j, "file", name); json_array(&j, "hops"); ... json_close(&j); json_close(&j);
 *
 * Promises: commas and nesting come out right; strings are escaped; the output is one line.
 * key is NULL inside an array and at the top. Text is UTF-8; bytes that are not become \udcXX (as Python's
 * surrogateescape), so that the name of any file survives the round trip. */
#ifndef BASE_JSON_OUT_H
#define BASE_JSON_OUT_H

#include "base/buf.h"

enum { JSON_DEPTH_MAX = 64 };

struct json_out {
	struct buf *buf;
	int depth;
	bool comma[JSON_DEPTH_MAX];
	bool array[JSON_DEPTH_MAX];
};

void json_init(struct json_out *j, struct buf *buf);
void json_object(struct json_out *j, const char *key);
void json_array(struct json_out *j, const char *key);
void json_close(struct json_out *j);
void json_text(struct json_out *j, const char *key, struct span text);
/* span_none becomes null, anything else text. */
void json_text_or_null(struct json_out *j, const char *key, struct span text);
void json_cstr(struct json_out *j, const char *key, const char *text);
void json_int(struct json_out *j, const char *key, int64_t value);
/* value in thousandths, written with no more decimals than it needs: exact. */
void json_milli(struct json_out *j, const char *key, int64_t thousandths);
void json_double(struct json_out *j, const char *key, double value, int decimals);
void json_bool(struct json_out *j, const char *key, bool value);
void json_null(struct json_out *j, const char *key);

#endif
