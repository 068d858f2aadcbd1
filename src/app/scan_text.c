/* app/scan_text.c - see scan_text.h */
#include "app/scan_text.h"

#include <inttypes.h>

void scan_text_line(const struct judgement *judgement, const struct style *style, struct buf *out)
{
	(void)style;
	buf_printf(out, "%-10s %3.0f %%  %.*s\n", verdict_action_name(judgement->verdict.action), judgement->verdict.probability * 100, SPAN_ARG(judgement->file));
}

void scan_text_summary(const struct batch_totals *totals, uint64_t microseconds, const struct style *style)
{
	(void)style;
	printf("%" PRIu64 " messages in %.2f s\n", totals->messages, (double)microseconds / 1e6);
}
