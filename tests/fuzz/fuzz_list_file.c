/* tests/fuzz/fuzz_list_file.c - a first line as key, the rest as a list of one's own. */
#include "facts/list_file.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct list_file *file;
	struct span rest = span_of(data, size), key, entry, error;
	uint32_t line;
	arena_init(&arena);
	span_split(&rest, '\n', &key);
	if (list_file_parse(rest, "list", &arena, &file, &error) == 0) {
		if (list_file_has(file, key, &arena, &entry, &line) && (line == 0 || entry.n > rest.n))
			abort();
		list_file_free(file);
	}
	arena_release(&arena);
	return 0;
}
