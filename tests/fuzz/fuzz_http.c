/* tests/fuzz/fuzz_http.c - the HTTP engine under arbitrary bytes in pieces of any size: the same requests as from the whole at once (pieces
 * of a body apart), every event within the bytes, every step forward. */
#include "session/http_engine.h"
#include "tests/fuzz/engine_sum.h"
#include "tests/fuzz/fuzz.h"

struct reading {
	uint64_t sum, body;
	uint32_t events;
	int status;
};

static void on_event(struct reading *r, struct http_engine *e, struct span bytes, const struct http_event *event)
{
	if (event->kind == HTTP_EVENT_BODY) {
		if (event->text.n == 0 || !span_within(bytes, event->text))
			abort();
		r->body += event->text.n;
		return;
	}
	r->events++;
	sum_number(&r->sum, event->kind + (e->keep ? 10u : 0));
	sum_span(&r->sum, bytes, event->name);
	sum_span(&r->sum, bytes, event->text);
	if (event->kind == HTTP_EVENT_END)
		http_engine_next(e);
}

static struct reading read_in_pieces(struct span bytes, size_t piece)
{
	struct http_engine engine;
	struct reading r = { 0 };
	size_t from = 0, have = 0;
	enum http_step step = HTTP_MORE;
	http_engine_init(&engine, 1024);
	while (step != HTTP_BAD && have < bytes.n) {
		have = bytes.n - have < piece ? bytes.n : have + piece;
		for (unsigned still = 0;;) {
			struct http_event event;
			size_t used;
			step = http_engine_step(&engine, span_slice(bytes, from, have), &used, &event);
			if (used > have - from)
				abort();
			if (step == HTTP_BAD || (step == HTTP_MORE && used == 0))
				break;
			/* only the end of a request uses nothing */
			still = used ? 0 : still + 1;
			if (still > 1)
				abort();
			if (step == HTTP_EVENT)
				on_event(&r, &engine, bytes, &event);
			from += used;
		}
	}
	r.status = engine.status;
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct span bytes = span_of(data + 1, size - 1);
	struct reading whole = read_in_pieces(bytes, SIZE_MAX), pieces = read_in_pieces(bytes, data[0] % 64u + 1);
	if (whole.sum != pieces.sum || whole.events != pieces.events || whole.body != pieces.body || whole.status != pieces.status)
		abort();
	return 0;
}
