/* tests/fuzz/fuzz_policy.c - any bytes as questions of Postfix's policy protocol: every span within the bytes, every step forward. */
#include "session/policy_engine.h"
#include "tests/fuzz/engine_sum.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_of(data, size);
	struct policy_question q;
	uint64_t sum = 0;
	for (int n; (n = policy_question_read(rest, &q)) > 0; rest = span_skip(rest, (size_t)n)) {
		const struct span members[] = { q.address, q.port,      q.own,  q.helo,         q.protocol,
						q.sender,  q.recipient, q.user, q.tls_protocol, q.tls_cipher };
		if ((size_t)n > rest.n || n > POLICY_BYTES)
			abort();
		for (size_t i = 0; i < sizeof members / sizeof *members; i++)
			sum_span(&sum, rest, members[i]);
	}
	return 0;
}
