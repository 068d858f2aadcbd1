/* tests/fuzz/fuzz_arc.c - any message: its chain judged with a key that the seeds are sealed with; and a chain that we seal is as good as
 * it was. */
#include "base/buf.h"
#include "tests/fuzz/auth_input.h"
#include "tests/fuzz/fuzz.h"

static void check_sealing(const struct message *message, const struct arc *arc, struct arena *arena)
{
	struct dkim_signing signing = { .key = auth_input_key(),
					.domain = SPAN("example.org"),
					.selector = SPAN("k"),
					.header = DKIM_RELAXED,
					.body = DKIM_RELAXED,
					.now = AUTH_INPUT_NOW };
	struct span fields;
	struct message sealed;
	if (!auth_input_may_sign(message) || arc_seal(message, arc, &signing, SPAN("mx.example.org"), SPAN("spf=pass"), arena, &fields))
		return;
	struct buf whole;
	buf_init(&whole, arena, fields.n + message->raw.n);
	buf_put(&whole, fields);
	buf_put(&whole, message->raw);
	message_parse(buf_span(&whole), arena, &sealed);
	struct arc after = auth_input_validate(&sealed, SPAN(AUTH_INPUT_RECORD), arena);
	if (after.cv != (arc->cv == ARC_FAIL ? ARC_FAIL : ARC_PASS) || after.highest != arc->highest + 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct message message;
	arena_init(&arena);
	message_parse(span_of(data, size), &arena, &message);
	struct arc arc = auth_input_validate(&message, SPAN(AUTH_INPUT_RECORD), &arena);
	for (uint32_t i = 0; i < arc.sets.n; i++)
		if (arc.sets.v[i].instance != i + 1 || !arc.sets.v[i].results || !arc.sets.v[i].signature || !arc.sets.v[i].seal)
			abort();
	if ((arc.cv == ARC_PASS) != (arc.problem.p == NULL && arc.sets.n))
		abort();
	check_sealing(&message, &arc, &arena);
	arena_release(&arena);
	return 0;
}
