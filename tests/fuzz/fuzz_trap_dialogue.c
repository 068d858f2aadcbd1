/* tests/fuzz/fuzz_trap_dialogue.c - any conversation with the trap: replies are whole lines, and what was caught is bounded. */
#include "session/trap_dialogue.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

enum { KEPT = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena, words;
	static bool ready;
	if (!ready) {
		arena_init(&arena);
		arena_init(&words);
		ready = true;
	}
	struct trap_dialogue d;
	const char *const names[] = { "postfix", "exim", "exchange" };
	struct trap_dialogue_options options = { .personality = smtp_personality_find(span_cstr(names[size / 2 % 3])),
						 .host = SPAN("mx.example.org"),
						 .message_bytes = 4096,
						 .kept_bytes = KEPT,
						 .tls = size & 1 };
	struct buf out;
	arena_reset(&arena);
	arena_reset(&words);
	buf_init(&out, &words, 1 << 20);
	trap_dialogue_init(&d, &options, SPAN("192.0.2.9"), &arena);
	trap_dialogue_greet(&d, &out);
	struct span in = span_of(data, size);
	for (enum trap_step step = TRAP_SAID; step != TRAP_OVER;) {
		size_t used = 0;
		step = trap_dialogue_step(&d, in, &used, &out);
		if (used > in.n || d.message.n > KEPT || (step == TRAP_MESSAGE && d.caught.message.n > KEPT))
			abort();
		in = span_skip(in, used);
		if (step == TRAP_SECURE)
			trap_dialogue_secured(&d);
		if (step == TRAP_MORE && used == 0)
			break;
	}
	if (out.n < 2 || (!out.full && (out.p[out.n - 1] != '\n' || out.p[out.n - 2] != '\r')))
		abort();
	return 0;
}
