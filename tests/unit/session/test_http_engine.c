/* session/http_engine: requests in any pieces, several on a connection, and everything that two readers could read differently. */
#include "base/buf.h"
#include "session/http_engine.h"
#include "tests/engine_test.h"

struct run {
	struct http_engine engine;
	struct engine_test told; /* target, name=text; # after the head, the body, . at the end, !status for BAD */
};

static void on_event(struct run *run, const struct http_event *event)
{
	if (event->kind == HTTP_EVENT_HEADER)
		engine_test_add_header(&run->told, event->name, event->text);
	else
		engine_test_add(&run->told, event->text);
	if (event->kind == HTTP_EVENT_REQUEST)
		engine_test_add(&run->told, SPAN(";"));
	if (event->kind == HTTP_EVENT_HEAD)
		engine_test_add(&run->told, SPAN("#"));
	if (event->kind == HTTP_EVENT_END) {
		engine_test_add(&run->told, run->engine.keep ? SPAN(".") : SPAN(",")); /* , is the last */
		http_engine_next(&run->engine);
	}
}

static void feed(struct run *run, struct span bytes, size_t piece)
{
	size_t from = 0, have = 0;
	http_engine_init(&run->engine, 1000);
	while (have < bytes.n) {
		have = bytes.n - have < piece ? bytes.n : have + piece;
		for (;;) {
			struct http_event event;
			size_t used;
			enum http_step step = http_engine_step(&run->engine, span_slice(bytes, from, have), &used, &event);
			from += used;
			if (step == HTTP_BAD) {
				char text[20];
				snprintf(text, sizeof text, "!%d", run->engine.status);
				engine_test_add(&run->told, span_cstr(text));
				assert_non_null(run->engine.why);
				return;
			}
			if (step == HTTP_EVENT)
				on_event(run, &event);
			else if (used == 0)
				break;
		}
	}
}

static void tell(struct engine_test *told, struct span bytes, size_t piece)
{
	struct run run = { 0 };
	feed(&run, bytes, piece);
	*told = run.told;
}

static const struct engine_test_case cases[] = {
	{ "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n", "/ping;Host=x;#." },
	{ "GET /ping HTTP/1.0\n\n", "/ping;#," },
	{ "HEAD /a?b=c%20d HTTP/1.1\r\nConnection: close\r\n\r\n", "/a?b=c%20d;#," },
	{ "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "/;#." },
	{ "POST /c HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "/c;#hello." },
	{ "POST /c HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "/c;#." },
	{ "POST /c HTTP/1.1\r\n\r\n", "/c;#." },
	{ "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\nyou\r\n0\r\n\r\n", "/c;#helloyou." },
	{ "POST /c HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\nA \r\n0123456789\r\n00\r\nTrailer: x\r\n\r\n", "/c;#0123456789." },
	{ "POST /c HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET /d HTTP/1.1\r\n\r\n\r\nGET /e HTTP/1.0\r\n\r\n", "/c;#hi./d;#./e;#," },
	{ "GET / HTTP/1.1\r\nA: b:c \r\nEmpty:\r\n\r\n", "/;A=b:c;Empty=;#." },
	/* not yet whole */
	{ "GET / HTTP/1.1\r\nA: b", "/;" },
	{ "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhell", "/;#hell" },
	/* wrong */
	{ "hello\r\n", "!400" },
	{ "GET /\r\n", "!400" },
	{ "GET http://x/ HTTP/1.1\r\n", "!400" },
	{ "GET  / HTTP/1.1\r\n", "!400" },
	{ "GET / HTTP/1.1 \r\n", "!505" },
	{ "GET / HTTP/2.0\r\n", "!505" },
	{ "PUT / HTTP/1.1\r\n", "!501" },
	{ "get / HTTP/1.1\r\n", "!501" },
	{ "CHECK SPAMC/1.5\r\n", "!400" },
	{ "GET / HTTP/1.1\r\nno colon\r\n", "/;!400" },
	{ "GET / HTTP/1.1\r\n: x\r\n", "/;!400" },
	{ "GET / HTTP/1.1\r\nA : x\r\n", "/;!400" },
	{ "GET / HTTP/1.1\r\nA: x\r\n folded: y\r\n", "/;A=x;!400" },
	{ "GET / HTTP/1.1\r\nA: x\ry\r\n", "/;!400" },
	{ "POST / HTTP/1.1\r\nContent-Length: 5, 5\r\n", "/;!400" },
	{ "POST / HTTP/1.1\r\nContent-Length: +5\r\n", "/;!400" },
	{ "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n", "/;!400" },
	{ "POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n", "/;!400" },
	{ "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n", "/;!400" },
	{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "/;!400" },
	{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "/;!400" },
	{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "/;#!400" },
	{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "/;#!400" },
	{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5x\r\n", "/;#!400" },
	{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n", "/;#!413" },
	{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n", "/;#he!400" },
};

static void all_cases(void **state)
{
	(void)state;
	engine_test_cases(cases, COUNT(cases), tell);
	struct run run = { 0 };
	feed(&run, SPAN("GET / HTTP/1.1\r\nA: \0\r\n\r\n"), 3);
	assert_string_equal(run.told.events, "/;!400");
}

static void what_is_kept(void **state)
{
	struct http_event event;
	struct http_engine engine;
	size_t used;
	struct span bytes = SPAN("POST /c HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
	(void)state;
	http_engine_init(&engine, 1000);
	assert_int_equal(http_engine_step(&engine, bytes, &used, &event), HTTP_EVENT);
	assert_int_equal(http_engine_step(&engine, span_skip(bytes, used), &used, &event), HTTP_EVENT);
	assert_int_equal(event.kind, HTTP_EVENT_HEAD);
	assert_true(engine.expects);
	assert_int_equal(engine.length, 5);
	assert_int_equal(engine.method, HTTP_POST);
}

static void endless_heads(void **state)
{
	static const char *const lines[] = { "x", "A: b\r\n", "\r\n" }; /* one line, many, and none */
	struct arena arena;
	struct buf in;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct run run = { 0 };
		buf_init(&in, &arena, 100000);
		if (i < 2)
			buf_cstr(&in, "GET / HTTP/1.1\r\n");
		while (in.n < 1100)
			buf_cstr(&in, lines[i]);
		feed(&run, buf_span(&in), 7);
		assert_int_equal(run.engine.status, 431);
	}
	/* Chunks of one byte are no head. */
	struct run run = { 0 };
	buf_init(&in, &arena, 100000);
	buf_cstr(&in, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 1000; i++)
		buf_cstr(&in, "1\r\nx\r\n");
	buf_cstr(&in, "0\r\n\r\n");
	feed(&run, buf_span(&in), 7);
	assert_int_equal(run.told.n, 1000 + 4);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_cases), cmocka_unit_test(what_is_kept), cmocka_unit_test(endless_heads) };
	return cmocka_run_group_tests_name("session/http_engine", tests, NULL, NULL);
}
