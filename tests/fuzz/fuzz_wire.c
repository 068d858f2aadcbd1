/* What a process that has read hostile mail may tell the others: any bytes are refused or read, and what was read is written the same. The
 * first byte says which record. */
#include "app/wire.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena arena;
	struct wire_job job;
	struct wire_judged judged;
	struct wire_keep keep;
	struct wire_settings settings;
	struct buf out;
	if (n == 0)
		return 0;
	struct span record = span_of(data + 1, n - 1);
	arena_init(&arena);
	buf_init(&out, &arena, SIZE_MAX);
	switch (data[0] % 4) {
	case 0:
		if (wire_job(record, &arena, &job) == 0)
			wire_put_job(&job, &out);
		break;
	case 1:
		if (wire_judged(record, &arena, &judged) == 0) {
			wire_put_judged(&judged, &out);
			if (wire_judged(buf_span(&out), &arena, &judged) != 0)
				abort();
		}
		break;
	case 2:
		if (wire_keep(record, &arena, &keep) == 0) {
			wire_put_keep(&keep, &out);
			if (wire_keep(buf_span(&out), &arena, &keep) != 0)
				abort();
		}
		break;
	default: wire_settings(record, &settings);
	}
	arena_release(&arena);
	return 0;
}
