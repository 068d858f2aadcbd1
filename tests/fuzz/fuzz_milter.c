/* tests/fuzz/fuzz_milter.c - the milter engine under arbitrary bytes in pieces of any size: the same events as from the whole at once,
 * every event within the bytes, every step forward. */
#include "session/milter_engine.h"
#include "tests/fuzz/engine_sum.h"
#include "tests/fuzz/fuzz.h"

/* A sum of all events, so that two readings can be compared. */
struct reading {
	uint64_t sum;
	uint32_t events, state;
};

static void put(void *context, struct span bytes) { sum_number(&((struct reading *)context)->sum, bytes.n); }

static void on_event(struct reading *r, struct milter_engine *e, struct span bytes, const struct milter_event *event)
{
	struct span rest = event->text, name, value;
	r->events++;
	sum_number(&r->sum, event->kind + (event->wants_reply ? 100u : 0));
	sum_span(&r->sum, bytes, event->name);
	sum_span(&r->sum, bytes, event->text);
	if (event->kind == MILTER_MACRO)
		while (milter_macro_next(&rest, &name, &value))
			sum_number(&r->sum, name.n + value.n);
	if (event->kind == MILTER_HEADER)
		milter_engine_put_header(e, event, put, r);
	if (event->kind == MILTER_END)
		milter_engine_answered(e);
}

static struct reading read_in_pieces(struct span bytes, size_t piece)
{
	struct milter_engine engine;
	struct reading r = { 0 };
	size_t from = 0, have = 0;
	enum milter_step step = MILTER_MORE;
	milter_engine_init(&engine);
	while (step != MILTER_BAD && have < bytes.n) {
		have = bytes.n - have < piece ? bytes.n : have + piece;
		for (unsigned still = 0;;) {
			struct milter_event event;
			size_t used = 0;
			step = milter_engine_step(&engine, span_slice(bytes, from, have), &used, &event);
			if (step == MILTER_MORE && engine.need <= have - from)
				abort();
			if (step != MILTER_EVENT)
				break;
			/* At most the end of a message costs a step without progress. */
			still = used ? 0 : still + 1;
			if (still > 1 || used > have - from)
				abort();
			on_event(&r, &engine, bytes, &event);
			from += used;
		}
	}
	r.state = engine.state;
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct span bytes = span_of(data + 1, size - 1);
	struct reading whole = read_in_pieces(bytes, SIZE_MAX), pieces = read_in_pieces(bytes, data[0] % 64u + 1);
	if (whole.sum != pieces.sum || whole.events != pieces.events || whole.state != pieces.state)
		abort();
	return 0;
}
