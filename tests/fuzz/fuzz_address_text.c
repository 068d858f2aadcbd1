/* tests/fuzz/fuzz_address_text.c - a first byte as format, the rest as a list; what it makes is a sound set. */
#include "facts/address_text.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static bool visit(void *context, const struct ip_net *net, uint16_t class)
{
	uint64_t *left = context;
	(void)class;
	if (net->bits > 128)
		abort();
	return --*left > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct address_set *set;
	struct span error, bytes;
	char why[ADDRESS_WHY_MAX];
	uint64_t left = 10000;
	if (size == 0)
		return 0;
	struct address_text_source source = { span_of(data + 1, size - 1), "list", data[0] % ADDRESS_TEXT_FORMATS, SPAN("block") };
	struct address_build *build = address_build_new();
	arena_init(&arena);
	if (address_text_read(&source, build, &arena, &error) == 0) {
		if (address_build_added(build) > 256 * size || address_build_finish(build, 0, &bytes) < 0 ||
		    address_set_read(bytes, "list", why, &set) < 0)
			abort();
		address_set_each(set, visit, &left);
		address_set_close(set);
	} else if (error.n == 0) {
		abort();
	}
	arena_release(&arena);
	address_build_free(build);
	return 0;
}
