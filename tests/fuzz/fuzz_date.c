/* tests/fuzz/fuzz_date.c - any bytes as a date. */
#include "tests/fuzz/fuzz.h"
#include "message/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct date date;
	date_parse(span_of(data, size), &date);
	return 0;
}
