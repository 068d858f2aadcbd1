/* tests/fuzz/fuzz_tag_list.c - any bytes as a tag list: names are names, each once, and everything lies in the text. */
#include "auth/tag_list.h"
#include "base/limits.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct tag_list tags;
	struct span text = span_of(data, size);
	arena_reset(&arena);
	if (tag_list_parse(text, &arena, &tags) != 0)
		return 0;
	if (tags.list.n == 0 || tags.list.n > LIMIT_TAGS)
		abort();
	for (uint32_t i = 0; i < tags.list.n; i++) {
		const struct tag *tag = &tags.list.v[i];
		if (tag->name.n == 0 || !span_within(text, tag->name) || (tag->value.n && !span_within(text, tag->value)))
			abort();
		for (uint32_t other = 0; other < i; other++)
			if (span_eq(tags.list.v[other].name, tag->name))
				abort();
	}
	if (tag_list_compact(&tags, "b", &arena).n > tag_list_find(&tags, "b").n)
		abort();
	return 0;
}
