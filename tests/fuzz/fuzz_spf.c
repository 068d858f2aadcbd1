/* tests/fuzz/fuzz_spf.c - a line with address, HELO and MAIL FROM, then the answers in the order in which they are asked
 * (tests/auth_fuzz.h).
 *
 * However the records are made: it ends, within the look-ups of RFC 7208 4.6.4, and what is to be shown is printable. */
#include "auth/spf.h"
#include "base/ascii.h"
#include "base/limits.h"
#include "tests/auth_fuzz.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct span lines = span_of(data, size), first, address, helo, sender = SPAN("");
	arena_reset(&arena);
	if (size == 0 || !span_split(&lines, '\n', &first) || !span_split(&first, ' ', &address) || !span_split(&first, ' ', &helo))
		return 0;
	if (first.p)
		sender = first;
	struct spf_query query = { .sender = sender, .helo = helo, .domain = span_skip(sender, span_rfind_byte(sender, '@') + 1) };
	if (!ip_parse(address, &query.ip))
		query.ip = ip_from_v4(0xc0000201);
	struct answers answers = { 0 };
	struct spf spf;
	unsigned rounds = 0;
	for (;;) {
		struct questions questions = { .arena = &arena };
		if (spf_check(&query, &answers, &questions, &arena, &spf) == AUTH_DONE)
			break;
		if (!fuzz_answer(&lines, &questions, &answers, &arena) || ++rounds > LIMIT_ROUNDS)
			abort();
	}
	if (answers.list.n > 1 + 10 + 100 + 11 + 1) /* the client's names for %{p}, and the explanation, are not counted as terms */
		abort();
	for (size_t i = 0; i < spf.explanation.n; i++)
		if (!ascii_is_print(spf.explanation.p[i]))
			abort();
	if (spf.explanation.n > LIMIT_SPF_EXPLANATION)
		abort();
	if ((spf.result == SPF_PERMERROR || spf.result == SPF_TEMPERROR) != (spf.problem.n > 0))
		abort();
	return 0;
}
