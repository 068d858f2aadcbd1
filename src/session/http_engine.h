/* session/http_engine.h - requests of HTTP/1.0 and 1.1 as a server hears them (RFC 9112), one after the other on a connection.
 *
 * Not libevent's evhttp: that keeps a body in memory until it is whole, cannot tell how long a request has been coming in, and its
 * connections can be neither counted nor bounded.
 * Promises: pure; linear time. Strict where two readers could see two requests in the same bytes: a folded header line, a blank before the
 * colon, two lengths, a length beside chunks, a NUL are all BAD. status says with what to answer BAD, and why; then nothing goes on.
 * Owner: events borrow the bytes given. */
#ifndef SESSION_HTTP_ENGINE_H
#define SESSION_HTTP_ENGINE_H

#include "base/span.h"

enum http_method { HTTP_GET = 1, HTTP_HEAD = 2, HTTP_POST = 4 };

enum http_event_kind {
	HTTP_EVENT_REQUEST, /* text: the target, "/api/history?n=3" */
	HTTP_EVENT_HEADER,  /* name, text */
	HTTP_EVENT_HEAD,    /* all of the head is read */
	HTTP_EVENT_BODY,    /* text */
	HTTP_EVENT_END,     /* the request is whole; http_engine_next */
};

struct http_event {
	enum http_event_kind kind;
	struct span name, text;
};

enum http_state {
	HTTP_AT_REQUEST,
	HTTP_AT_HEADER,
	HTTP_AT_BODY,       /* of a known length */
	HTTP_AT_CHUNK_SIZE, /* RFC 9112 7.1 */
	HTTP_AT_CHUNK,
	HTTP_AT_CHUNK_END,
	HTTP_AT_TRAILER,
	HTTP_AT_END,
	HTTP_CLOSED,
};

struct http_engine {
	enum http_state state;
	size_t line_max;   /* of the whole head */
	size_t head, seen; /* bytes of the head so far; bytes of the line at hand that hold no end */
	enum http_method method;
	bool keep;    /* the client would send another */
	bool expects; /* "100-continue": it waits for a word before the body */
	bool chunked, has_length;
	uint64_t length; /* of the body; of the chunk */
	uint64_t got;
	int status; /* BAD */
	const char *why;
};

enum http_step { HTTP_MORE, HTTP_EVENT, HTTP_BAD };

void http_engine_init(struct http_engine *engine, size_t line_max);
enum http_step http_engine_step(struct http_engine *engine, struct span in, size_t *ret_used, struct http_event *ret_event);
/* After HTTP_EVENT_END: the next request of the connection. */
void http_engine_next(struct http_engine *engine);

#endif
