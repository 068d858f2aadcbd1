/* tests/fuzz/fuzz_path.c - any bytes as a header section: hops, trust, clues, origin. */
#include "message/path.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct path_settings unset;
	static const struct connection none;
	static struct arena arena;
	struct message message;
	struct content content;
	struct path path;
	arena_reset(&arena);
	message_parse(span_of(data, size), &arena, &message);
	content_examine(&message, &content);
	path_examine(&message, &content, &unset, &none, &path);
	if (path.boundary > path.hops.n || (path.origin.has_ip && path.origin.confidence > 1000))
		abort();
	for (uint32_t i = 0; i < path.hops.n; i++)
		if (path.hops.v[i].verdict == HOP_FALSE && i <= path.boundary)
			abort(); /* what a trusted machine wrote is never false */
	return 0;
}
