/* tests/fuzz/fuzz_dkim.c - a line that is a key record, then any message: verified with that key; and what we sign of it verifies.
 *
 * Canonical bodies must be their own canonical form. */
#include "base/buf.h"
#include "tests/fuzz/auth_input.h"
#include "tests/fuzz/fuzz.h"

static void gather(void *taker, const uint8_t *p, size_t n) { buf_put(taker, span_of(p, n)); }

static struct span canonical_of(enum dkim_canonical form, struct span body, struct arena *arena)
{
	struct canonical canonical;
	struct buf out;
	buf_init(&out, arena, 2 * body.n + 2);
	canonical_init(&canonical, gather, &out);
	canonical_body(&canonical, form, body);
	canonical_finish(&canonical);
	if (out.full)
		abort();
	return buf_span(&out);
}

static void check_canonical(struct span body, struct arena *arena)
{
	for (enum dkim_canonical form = DKIM_SIMPLE; form <= DKIM_RELAXED; form++) {
		struct span once = canonical_of(form, body, arena);
		if (!span_eq(once, canonical_of(form, once, arena)))
			abort();
	}
}

static void check_signing(const struct message *message, struct arena *arena)
{
	struct dkim_signing signing = { .key = auth_input_key(),
					.domain = SPAN("example.org"),
					.selector = SPAN("k"),
					.header = message->raw.n & 1,
					.body = message->raw.n >> 1 & 1,
					.now = AUTH_INPUT_NOW };
	struct span field;
	struct message signed_message;
	if (!auth_input_may_sign(message) || dkim_sign(message, &signing, arena, &field))
		return;
	struct buf whole;
	buf_init(&whole, arena, field.n + message->raw.n);
	buf_put(&whole, field);
	buf_put(&whole, message->raw);
	message_parse(buf_span(&whole), arena, &signed_message);
	struct dkim dkim = auth_input_verify(&signed_message, SPAN(AUTH_INPUT_RECORD), arena);
	if (dkim.list.n == 0 || dkim.list.v[0].result != DKIM_PASS)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span message_text = span_of(data, size), record;
	struct arena arena;
	struct message message;
	arena_init(&arena);
	if (span_split(&message_text, '\n', &record) && message_text.p) {
		message_parse(message_text, &arena, &message);
		auth_input_verify(&message, record, &arena);
		check_canonical(message_root(&message)->raw_body, &arena);
		check_signing(&message, &arena);
	}
	arena_release(&arena);
	return 0;
}
