/* tests/fuzz/fuzz_pdf.c - any bytes as what message/pdf.h reads. */
#include "message/pdf.h"
#include "tests/fuzz/attachment_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attachment_input in;
	attachment_input_begin(&in, data, size);
	pdf_examine(&in.work, span_of(data, size), span_none);
	attachment_input_end(&in);
	return 0;
}
