/* tests/fuzz/fuzz_spamd.c - the spamd engine under arbitrary bytes in pieces of any size: the same events as from the whole at once (pieces
 * of a body apart), every event within the bytes, every step forward; and it is known from its beginning. */
#include "base/limits.h"
#include "session/spamd_engine.h"
#include "tests/fuzz/engine_sum.h"
#include "tests/fuzz/fuzz.h"

struct reading {
	uint64_t sum, body;
	uint32_t events, state;
};

static void on_event(struct reading *r, struct span bytes, const struct spamd_event *event)
{
	if (event->kind == SPAMD_BODY) {
		if (event->text.n == 0 || !span_within(bytes, event->text))
			abort();
		r->body += event->text.n;
		return;
	}
	r->events++;
	sum_number(&r->sum, event->kind);
	if (event->kind == SPAMD_HEADER) {
		sum_span(&r->sum, bytes, event->name);
		sum_span(&r->sum, bytes, event->text);
	}
}

static struct reading read_in_pieces(struct span bytes, size_t piece)
{
	struct spamd_engine engine;
	struct reading r = { 0 };
	size_t from = 0, have = 0;
	enum spamd_step step = SPAMD_MORE;
	spamd_engine_init(&engine, 1024);
	for (bool done = false; step != SPAMD_BAD && !done;) {
		have = bytes.n - have < piece ? bytes.n : have + piece;
		done = have == bytes.n;
		do {
			struct spamd_event event;
			size_t used = 0;
			step = spamd_engine_step(&engine, span_slice(bytes, from, have), done, &used, &event);
			if (step == SPAMD_BAD)
				break;
			if (used > have - from)
				abort();
			from += used;
			if (step == SPAMD_EVENT)
				on_event(&r, bytes, &event);
			if (step == SPAMD_EVENT && event.kind == SPAMD_END)
				done = true;
		} while (step == SPAMD_EVENT && engine.state != SPAMD_CLOSED);
	}
	r.state = engine.state;
	if (engine.state != SPAMD_CLOSED)
		abort(); /* a request is whole or wrong once its client has sent all */
	return r;
}

/* What was told of a beginning is told of every longer one, and told soon. */
static void recognise(struct span bytes)
{
	enum spamd_step told = SPAMD_MORE;
	for (size_t n = 0; n <= bytes.n && n <= 2 * LIMIT_SPAMD_BEGINNING; n++) {
		enum spamd_step step = spamd_engine_recognise(span_first(bytes, n));
		if ((told != SPAMD_MORE && step != told) || (step == SPAMD_MORE && n >= LIMIT_SPAMD_BEGINNING))
			abort();
		told = step;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct span bytes = span_of(data + 1, size - 1);
	struct reading whole = read_in_pieces(bytes, SIZE_MAX), pieces = read_in_pieces(bytes, data[0] % 64u + 1);
	recognise(bytes);
	if (whole.sum != pieces.sum || whole.events != pieces.events || whole.body != pieces.body)
		abort();
	return 0;
}
