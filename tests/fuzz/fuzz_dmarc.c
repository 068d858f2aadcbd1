/* tests/fuzz/fuzz_dmarc.c - a line with the domains that SPF and DKIM vouch for, a line for each DNS answer (tests/auth_fuzz.h), an empty
 * line, then the message.
 *
 * A pass is for the one domain that is shown, and by a domain that stands in the same tree; it never takes more questions than allowed. */
#include "auth/dmarc_author.h"
#include "auth/dmarc_tree.h"
#include "base/limits.h"
#include "tests/auth_fuzz.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void check(const struct dmarc *d, const struct content *content)
{
	if ((d->result == DMARC_TEMPERROR || d->result == DMARC_PERMERROR) && d->problem.n == 0)
		abort();
	if (d->result != DMARC_PASS)
		return;
	if (!dmarc_author_is_domain(d->domain) || !dmarc_author_is_domain(d->aligned_by) || content->from.list.n == 0)
		abort();
	if (!dmarc_tree_within(d->domain, d->organisational) || !dmarc_tree_within(d->aligned_by, d->organisational))
		abort();
	for (uint32_t i = 0; i < content->from.list.n; i++)
		if (!span_ieq(content->from.list.v[i].domain, d->domain))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct span all = span_of(data, size), domains, spf_domain, dkim_domain = span_none;
	size_t gap = size ? span_find(all, SPAN("\n\n"), 0) : SPAN_NPOS;
	static bool warm;
	if (!warm)
		content_warm_up();
	warm = true;
	arena_reset(&arena);
	if (gap == SPAN_NPOS)
		return 0;
	struct span lines = span_first(all, gap);
	struct message message;
	struct content content;
	message_parse(span_skip(all, gap + 2), &arena, &message);
	content_examine(&message, &content);
	span_split(&lines, '\n', &domains);
	span_split(&domains, ' ', &spf_domain);
	dkim_domain = domains;
	struct spf spf = { .result = SPF_PASS, .domain = spf_domain };
	struct dkim dkim = { .left_out = 0 };
	*(struct dkim_signature *)vec_push(&arena, &dkim.list) = (struct dkim_signature){ .domain = dkim_domain, .result = DKIM_PASS };
	struct dmarc_source source = { .mail_from = &spf, .dkim = &dkim };
	source.author = dmarc_author(&message, &content, &arena, &source.author_problem);
	struct answers answers = { 0 };
	struct dmarc dmarc;
	for (unsigned round = 0;; round++) {
		struct questions questions = { .arena = &arena };
		if (dmarc_judge(&source, &answers, &questions, &arena, &dmarc) == AUTH_DONE)
			break;
		if (!fuzz_answer(&lines, &questions, &answers, &arena) || round > LIMIT_ROUNDS)
			abort();
	}
	if (answers.list.n > 3 * 8 + 1)
		abort();
	check(&dmarc, &content);
	return 0;
}
