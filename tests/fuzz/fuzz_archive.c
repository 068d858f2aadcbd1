/* tests/fuzz/fuzz_archive.c - any bytes as an archive: ZIP by our reader, the rest by libarchive, nested ones as well. */
#include "tests/fuzz/attachment_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attachment_input in;
	struct attachment *a = attachment_input_begin(&in, data, size);
	attachment_examine(&in.work, span_of(data, size), a->by_content, SPAN("name.gz"), 0);
	attachment_input_end(&in);
	return 0;
}
