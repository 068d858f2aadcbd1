/* tests/fuzz/fuzz_spf_macro.c - a line with MAIL FROM, HELO and the client's name, then a macro-string and an SPF record of the same bytes.
 *
 * What is valid expands to no more than its ceiling, a name to at most 253 bytes or none; a record that is read has terms within it. */
#include "auth/spf_macro.h"
#include "auth/spf_mechanism.h"
#include "base/limits.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static struct arena arena;

static void expand(struct span text, const struct spf_macro_values *values)
{
	struct buf out;
	bool macro;
	if (spf_macro_valid(text, SPF_MACRO_EXPLANATION, &macro)) {
		buf_init(&out, &arena, LIMIT_SPF_EXPLANATION);
		spf_macro_expand(text, values, &out);
		if (out.n > LIMIT_SPF_EXPLANATION)
			abort();
	}
	if (spf_macro_valid(text, SPF_MACRO_RECORD, &macro)) {
		struct span name = spf_macro_expand_domain(text, values, &arena);
		if (name.n > 253 && span_find_byte(name, '.', 0) != SPAN_NPOS)
			abort();
		spf_macro_wants_name(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of(data, size), first, sender, helo = SPAN(""), name = SPAN(""), problem;
	struct spf_record record;
	arena_reset(&arena);
	if (size == 0 || !span_split(&text, '\n', &first) || !span_split(&first, ' ', &sender))
		return 0;
	if (span_split(&first, ' ', &helo) && first.p)
		name = first;
	if (!text.p)
		text = SPAN("");
	struct spf_query query = { .sender = sender, .helo = helo };
	if (size & 1)
		memset(query.ip.b, 0x2a, 16);
	else
		query.ip = ip_from_v4(0xc0000201);
	struct spf_macro_values values = { .query = &query, .domain = helo, .validated = name };
	expand(text, &values);
	if (spf_record_parse(text, &arena, &record, &problem) == 0) {
		for (uint32_t i = 0; i < record.terms.n; i++)
			if (!span_within(text, record.terms.v[i].text) || record.terms.v[i].bits > 128 || record.terms.v[i].bits6 > 128)
				abort();
	} else if (problem.n == 0) {
		abort();
	}
	return 0;
}
