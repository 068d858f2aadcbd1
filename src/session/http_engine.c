/* session/http_engine.c - see http_engine.h */
#include "session/http_engine.h"
#include "base/ascii.h"

void http_engine_init(struct http_engine *e, size_t line_max) { *e = (struct http_engine){ .line_max = line_max }; }
void http_engine_next(struct http_engine *e) { http_engine_init(e, e->line_max); }

static enum http_step bad(struct http_engine *e, int status, const char *why)
{
	e->state = HTTP_CLOSED;
	e->status = status;
	e->why = why;
	return HTTP_BAD;
}

static enum http_step event(struct http_event *ret_event, enum http_event_kind kind, struct span name, struct span text)
{
	*ret_event = (struct http_event){ kind, name, text };
	return HTTP_EVENT;
}

/* "POST /checkv2 HTTP/1.1" */
static enum http_step on_request(struct http_engine *e, struct span line, struct http_event *ret_event)
{
	static const struct {
		struct span name;
		enum http_method method;
	} methods[] = { { SPAN_INIT("GET"), HTTP_GET }, { SPAN_INIT("HEAD"), HTTP_HEAD }, { SPAN_INIT("POST"), HTTP_POST } };
	struct span method, target;
	if (line.n == 0)
		return HTTP_MORE; /* RFC 9112 2.2: some clients end a body with one line end too many */
	if (!span_split(&line, ' ', &method) || !span_split(&line, ' ', &target) || target.n == 0 || target.p[0] != '/')
		return bad(e, 400, "no request of HTTP");
	bool one_one = span_eq(line, SPAN("HTTP/1.1"));
	if (!one_one && !span_eq(line, SPAN("HTTP/1.0")))
		return span_starts(line, SPAN("HTTP/")) ? bad(e, 505, "only HTTP/1.0 and 1.1 are spoken here")
							: bad(e, 400, "no request of HTTP");
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (span_eq(method, methods[i].name))
			e->method = methods[i].method;
	if (!e->method)
		return bad(e, 501, "of methods only GET, HEAD and POST are known here");
	e->keep = one_one;
	e->state = HTTP_AT_HEADER;
	return event(ret_event, HTTP_EVENT_REQUEST, span_none, target);
}

static const char *on_length(struct http_engine *e, struct span value)
{
	if (e->has_length || !span_to_uint(value, UINT32_MAX, &e->length))
		return "a length of the body that is none, or a second one";
	e->has_length = true;
	return NULL;
}

static const char *on_coding(struct http_engine *e, struct span value)
{
	if (e->chunked || !span_ieq(value, SPAN("chunked")))
		return "of transfer codings only chunked is known here";
	e->chunked = true;
	return NULL;
}

static const char *on_connection(struct http_engine *e, struct span value)
{
	if (span_ihas(value, SPAN("close")))
		e->keep = false;
	else if (span_ihas(value, SPAN("keep-alive")))
		e->keep = true;
	return NULL;
}

static const char *on_expect(struct http_engine *e, struct span value)
{
	e->expects = span_ieq(value, SPAN("100-continue"));
	return NULL;
}

static const struct {
	struct span name;
	const char *(*read)(struct http_engine *e, struct span value);
} headers[] = {
	{ SPAN_INIT("Content-Length"), on_length },
	{ SPAN_INIT("Transfer-Encoding"), on_coding },
	{ SPAN_INIT("Connection"), on_connection },
	{ SPAN_INIT("Expect"), on_expect },
};

static enum http_step end_of_head(struct http_engine *e, struct http_event *ret_event)
{
	if (e->chunked && e->has_length)
		return bad(e, 400, "a length beside chunks");
	e->state = e->chunked ? HTTP_AT_CHUNK_SIZE : e->length ? HTTP_AT_BODY : HTTP_AT_END;
	return event(ret_event, HTTP_EVENT_HEAD, span_none, span_none);
}

static enum http_step on_header(struct http_engine *e, struct span line, struct http_event *ret_event)
{
	if (line.n == 0)
		return end_of_head(e, ret_event);
	size_t colon = span_find_byte(line, ':', 0);
	if (colon == SPAN_NPOS || colon == 0 || ascii_is_space(line.p[0]) || ascii_is_space(line.p[colon - 1]))
		return bad(e, 400, "a malformed header line");
	struct span name = span_first(line, colon), value = span_trim(span_skip(line, colon + 1));
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		if (span_ieq(name, headers[i].name)) {
			const char *wrong = headers[i].read(e, value);
			return wrong ? bad(e, 400, wrong) : HTTP_MORE;
		}
	return event(ret_event, HTTP_EVENT_HEADER, name, value);
}

/* "1a3;extension" */
static enum http_step on_chunk_size(struct http_engine *e, struct span line, struct http_event *ret_event)
{
	size_t i = 0;
	(void)ret_event;
	e->length = e->got = 0;
	for (int digit; i < line.n && (digit = ascii_hex(line.p[i])) >= 0; i++) {
		if (e->length > UINT32_MAX >> 4)
			return bad(e, 413, "the message is too large");
		e->length = e->length << 4 | (unsigned)digit;
	}
	if (i == 0 || (i < line.n && line.p[i] != ';' && !ascii_is_space(line.p[i])))
		return bad(e, 400, "a malformed chunk");
	e->state = e->length ? HTTP_AT_CHUNK : HTTP_AT_TRAILER;
	return HTTP_MORE;
}

static enum http_step on_chunk_end(struct http_engine *e, struct span line, struct http_event *ret_event)
{
	(void)ret_event;
	if (line.n)
		return bad(e, 400, "a malformed chunk");
	e->state = HTTP_AT_CHUNK_SIZE;
	return HTTP_MORE;
}

static enum http_step on_trailer(struct http_engine *e, struct span line, struct http_event *ret_event)
{
	(void)ret_event;
	if (line.n == 0)
		e->state = HTTP_AT_END;
	return HTTP_MORE;
}

/* What a line is, by state; NULL: the state is none of lines. */
static enum http_step (*const on_line[])(struct http_engine *e, struct span line, struct http_event *ret_event) = {
	[HTTP_AT_REQUEST] = on_request,     [HTTP_AT_HEADER] = on_header,   [HTTP_AT_CHUNK_SIZE] = on_chunk_size,
	[HTTP_AT_CHUNK_END] = on_chunk_end, [HTTP_AT_TRAILER] = on_trailer, [HTTP_CLOSED] = NULL,
};

/* One line. MORE with something used: go on. */
static enum http_step take_line(struct http_engine *e, struct span in, size_t *ret_used, struct http_event *ret_event)
{
	size_t end = span_find_byte(in, '\n', e->seen);
	if (e->head + (end == SPAN_NPOS ? in.n : end) > e->line_max)
		return bad(e, 431, "a header that is too long");
	if (end == SPAN_NPOS) {
		e->seen = in.n;
		return HTTP_MORE;
	}
	struct span line = span_first(in, end > 0 && in.p[end - 1] == '\r' ? end - 1 : end);
	if (span_find_byte(line, 0, 0) != SPAN_NPOS || span_find_byte(line, '\r', 0) != SPAN_NPOS)
		return bad(e, 400, "a header with a byte that is not allowed there");
	bool part_of_chunk = e->state == HTTP_AT_CHUNK_SIZE || e->state == HTTP_AT_CHUNK_END;
	*ret_used += end + 1;
	e->head = part_of_chunk ? 0 : e->head + end + 1;
	e->seen = 0;
	return on_line[e->state](e, line, ret_event);
}

static enum http_step take_body(struct http_engine *e, struct span in, size_t *ret_used, struct http_event *ret_event)
{
	if (in.n == 0)
		return HTTP_MORE;
	if (in.n > e->length - e->got)
		in = span_first(in, (size_t)(e->length - e->got));
	*ret_used += in.n;
	e->got += in.n;
	if (e->got == e->length)
		e->state = e->chunked ? HTTP_AT_CHUNK_END : HTTP_AT_END;
	return event(ret_event, HTTP_EVENT_BODY, span_none, in);
}

enum http_step http_engine_step(struct http_engine *e, struct span in, size_t *ret_used, struct http_event *ret_event)
{
	enum http_step step = HTTP_MORE;
	*ret_used = 0;
	for (size_t before = SIZE_MAX; step == HTTP_MORE && before != *ret_used;) {
		struct span rest = span_skip(in, *ret_used);
		before = *ret_used;
		if (e->state == HTTP_CLOSED)
			return HTTP_BAD;
		if (e->state == HTTP_AT_END) {
			e->state = HTTP_CLOSED;
			return event(ret_event, HTTP_EVENT_END, span_none, span_none);
		}
		step = on_line[e->state] ? take_line(e, rest, ret_used, ret_event) : take_body(e, rest, ret_used, ret_event);
	}
	return step;
}
