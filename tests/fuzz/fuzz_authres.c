/* tests/fuzz/fuzz_authres.c - any bytes as Authentication-Results and as Received-SPF; then as what a sender says in ours.
 *
 * What is read lies within the limits; what we write is always read back as exactly the results that were written. */
#include "auth/authres.h"
#include "base/limits.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static struct arena arena;

static void read_both(struct span text)
{
	struct authres results;
	struct received_spf spf;
	if (authres_parse(text, &arena, &results) == 0) {
		if (results.authserv_id.n == 0 || results.methods.n > LIMIT_AUTHRES_METHODS)
			abort();
		for (uint32_t i = 0; i < results.methods.n; i++)
			if (results.methods.v[i].method.n == 0 || results.methods.v[i].properties.n > LIMIT_AUTHRES_METHODS)
				abort();
	}
	if (received_spf_parse(text, &arena, &spf) == 0 && spf.result.n < 4)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of(data, size), one = span_first(text, size / 2), other = span_skip(text, size / 2);
	struct authres results;
	arena_reset(&arena);
	read_both(text);
	struct authentication a = { .has_client = true, .has_message = true, .client = { .helo = one, .mail_from = other } };
	a.mail_from.result = a.helo.result = SPF_FAIL;
	a.mail_from.problem = one;
	a.dmarc = (struct dmarc){ .result = DMARC_FAIL, .domain = other, .problem = text };
	*(struct dkim_signature *)vec_push(&arena, &a.dkim.list) =
	    (struct dkim_signature){ .domain = one, .selector = other, .b = text, .result = DKIM_FAIL };
	struct span written = authres_write(&a, SPAN("; "), &arena), id = authres_value(text, &arena);
	if (span_find_byte(written, '\n', 0) != SPAN_NPOS || span_find_byte(written, 0, 0) != SPAN_NPOS)
		abort();
	/* an id with "=" in it, as a name that is read for one must not have, stays ours to avoid */
	if (size == 0 || span_find_byte(text, '=', 0) != SPAN_NPOS)
		id = SPAN("me.example");
	if (authres_parse(arena_printf(&arena, "%.*s; %.*s", SPAN_ARG(id), SPAN_ARG(written)), &arena, &results) != 0)
		abort();
	if (!authres_claims(SPAN("Authentication-Results"), arena_printf(&arena, "%.*s; %.*s", SPAN_ARG(id), SPAN_ARG(written)),
			    results.authserv_id, &arena))
		abort();
	authres_claims(SPAN("Authentication-Results"), text, SPAN("me"), &arena);
	if (results.methods.n != 2u + (one.n > 0) + (other.n > 0))
		abort();
	for (uint32_t i = 0; i < results.methods.n; i++)
		if (!span_eq(results.methods.v[i].result, SPAN("fail")))
			abort();
	return 0;
}
