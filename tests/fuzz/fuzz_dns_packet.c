/* DNS answers: read as every type; what comes out is whole, and names hold nothing that is not printable. */
#include "tests/fuzz/fuzz.h"

#include "base/limits.h"
#include "net/dns_packet.h"

#include <stdlib.h>

static void check(const struct answer *answer)
{
	if ((answer->status == ANSWER_OK) != (answer->records.n > 0) || answer->records.n > LIMIT_RECORDS)
		abort();
	if (answer->question.type == QUESTION_TXT)
		return;
	for (uint32_t i = 0; i < answer->records.n; i++) {
		struct span record = answer->records.v[i];
		for (size_t k = 0; k < record.n; k++)
			if (record.p[k] < ' ' || record.p[k] > '~')
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	arena_init(&arena);
	for (int type = 0; type < QUESTION_LIST; type++) {
		struct answer answer = { .question = { (enum question_type)type, SPAN("a.example") } };
		dns_packet_read(span_of(data, size), &arena, &answer);
		check(&answer);
	}
	arena_release(&arena);
	return 0;
}
