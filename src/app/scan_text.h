/* app/scan_text.h - the lines and the summary that `postern scan` writes for people. */
#ifndef APP_SCAN_TEXT_H
#define APP_SCAN_TEXT_H

#include "app/batch.h"

/* One line: verdict, probability, file, the strongest reason in words. */
void scan_text_line(const struct judgement *judgement, const struct style *style, struct buf *out);
/* On stdout: how many messages got which verdict, and how fast. */
void scan_text_summary(const struct batch_totals *totals, uint64_t microseconds, const struct style *style);

#endif
