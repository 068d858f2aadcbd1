/* session/client_text.c - see client_text.h */
#include "session/client_text.h"

#include <stdlib.h>

/* As steep as the straight line from mark to reject. */
int32_t client_text_symbol_score(const struct outcome *outcome, int32_t weight)
{
	enum { MOST = 99999, USUAL = 6000 };
	int64_t width = (int64_t)outcome->thresholds.reject - outcome->thresholds.mark;
	int64_t score = (int64_t)weight * (CLIENT_REJECT - CLIENT_MARK) * 10 / (width > 0 ? width : USUAL);
	return (int32_t)(score < -MOST ? -MOST : score > MOST ? MOST : score);
}

void client_text_tenths(struct buf *out, int32_t tenths)
{
	buf_printf(out, "%s%d.%d", tenths < 0 ? "-" : "", abs(tenths) / 10, abs(tenths) % 10);
}

void client_text_hundredths(struct buf *out, int32_t hundredths)
{
	buf_printf(out, "%s%d.%02d", hundredths < 0 ? "-" : "", abs(hundredths) / 100, abs(hundredths) % 100);
}

void client_text_report(struct buf *out, const struct outcome *outcome)
{
	buf_put(out, outcome->why);
	buf_cstr(out, "\n\n pts  reason\n----- ----------------------------------------------------------------\n");
	for (uint32_t i = 0; i < outcome->symbols.n; i++) {
		const struct outcome_symbol *symbol = &outcome->symbols.v[i];
		int32_t hundredths = client_text_symbol_score(outcome, symbol->weight), tenths = hundredths / 10;
		buf_printf(out, "%s%2d.%d ", tenths < 0 ? "-" : " ", abs(tenths) / 10, abs(tenths) % 10);
		buf_put(out, symbol->says);
		buf_cstr(out, " (");
		buf_put(out, symbol->id);
		buf_cstr(out, ")\n");
	}
	for (uint32_t i = 0; i < outcome->unchecked.n; i++) {
		buf_cstr(out, "    ? ");
		buf_put(out, outcome->unchecked.v[i]);
		buf_byte(out, '\n');
	}
}
