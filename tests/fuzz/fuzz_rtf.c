/* tests/fuzz/fuzz_rtf.c - any bytes as what message/rtf.h reads. */
#include "message/rtf.h"
#include "tests/fuzz/attachment_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attachment_input in;
	attachment_input_begin(&in, data, size);
	rtf_examine(&in.work, span_of(data, size), span_none);
	attachment_input_end(&in);
	return 0;
}
