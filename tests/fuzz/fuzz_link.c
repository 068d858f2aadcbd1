/* Links in plain text and inside other links. */
#include "base/limits.h"
#include "message/link.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	static bool ready;
	struct links links = { 0 };
	struct anomalies anomalies = { 0 };
	if (!ready)
		arena_init(&arena);
	ready = true;
	arena_reset(&arena);
	links_from_text(span_of(data, size), 0, PLACE_TEXT, &arena, &anomalies, &links);
	if (links.list.n > LIMIT_LINKS)
		abort();
	for (uint32_t i = 0; i < links.list.n; i++) {
		const struct link *link = &links.list.v[i];
		if (link->at.from > link->at.to || link->at.to > size || (link->inside != LINK_NONE && link->inside >= i))
			abort();
	}
	return 0;
}
