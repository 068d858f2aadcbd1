/* tests/fuzz/fuzz_clue.c - any bytes as a Message-ID, a boundary and a Thread-Index. */
#include "message/clue.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void inside(struct span input, struct span part)
{
	if (part.n && !span_within(input, part))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = span_of(data, size), text;
	struct clue_message_id id;
	struct clue_thread_index thread;
	uint64_t filetime;
	if (clue_message_id(input, &id)) {
		inside(input, id.time_text);
		inside(input, id.ip_text);
	}
	if (clue_boundary(input, &filetime, &text))
		inside(input, text);
	if (clue_thread_index(input, &thread) && thread.bytes > size)
		abort();
	return 0;
}
