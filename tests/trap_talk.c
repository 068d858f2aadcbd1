/* tests/trap_talk.c - the trap's dialogue over stdin and stdout, for the suite that holds it beside the real server.
 *
 *	trap_talk PERSONALITY HOST */
#include "base/limits.h"
#include "session/trap_dialogue.h"

#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const struct smtp_personality *personality = argc == 3 ? smtp_personality_find(span_cstr(argv[1])) : NULL;
	if (!personality)
		return 2;
	struct arena arena, words;
	struct trap_dialogue d;
	struct trap_dialogue_options options = { .personality = personality,
						 .host = span_cstr(argv[2]),
						 .date = SPAN("Sun, 22 Nov 2026 09:25:00 +0000"),
						 .kept_bytes = 1 << 20,
						 .tls = true,
						 .chance = 1 };
	struct buf out;
	static uint8_t in[1 << 16];
	size_t n = 0;
	arena_init(&arena);
	arena_init(&words);
	trap_dialogue_init(&d, &options, SPAN("127.0.0.1"), &arena);
	buf_init(&out, &words, 1 << 16);
	d.now = 1795348477000000;
	trap_dialogue_greet(&d, &out);
	for (enum trap_step step = TRAP_MORE; step != TRAP_OVER;) {
		size_t used = 0, at = 0;
		do {
			step = trap_dialogue_step(&d, span_of(in + at, n - at), &used, &out);
			at += used;
		} while (step != TRAP_OVER && (step != TRAP_MORE || used));
		memmove(in, in + at, n - at);
		n -= at;
		if (out.n && write(STDOUT_FILENO, out.p, out.n) != (ssize_t)out.n)
			break;
		arena_reset(&words);
		buf_init(&out, &words, 1 << 16);
		ssize_t got = step == TRAP_OVER ? 0 : read(STDIN_FILENO, in + n, sizeof in - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	arena_release(&arena);
	arena_release(&words);
	return 0;
}
