/* tests/fuzz/fuzz_mime.c - whole messages: header, tree, every reading, decoded content. Spans must stay readable, work linear. */
#include "message/message.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static volatile unsigned sink;

static void touch(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		sink += s.p[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct message m;
	arena_reset(&arena);
	message_parse(span_of(data, size), &arena, &m);
	if (m.parts.n == 0 || m.steps > 400 * (uint64_t)size + 4096)
		abort();
	for (uint32_t i = 0; i < m.parts.n; i++) {
		const struct part *part = &m.parts.v[i];
		touch(part->bytes);
		touch(part->text);
		touch(part->number);
		for (uint32_t k = 0; k < part->names.n; k++)
			touch(part->names.v[k].text);
		for (uint32_t k = 0; k < part->headers.list.n && k < 100; k++)
			touch(header_text(&part->headers.list.v[k], &arena));
	}
	return 0;
}
