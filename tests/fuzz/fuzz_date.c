/* tests/fuzz/fuzz_date.c - any bytes as a date. */
#include "message/date.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct date date;
	date_parse(span_of(data, size), &date);
	return 0;
}
