/* tests/fuzz/fuzz_filetype.c - the type of any bytes, and of any name: each byte counts once, whatever they hold. */
#include "tests/fuzz/fuzz.h"

#include "message/filetype.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span s = span_of(data, size);
	const struct file_type *type = file_type_of(s), *named = file_type_named(s);
	struct span extension = file_extension(s);
	if (!type || (extension.n && !span_within(s, extension)) || file_type_danger(named) > 100)
		__builtin_trap();
	return 0;
}
