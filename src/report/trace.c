/* report/trace.c - see trace.h */
#include "report/trace.h"

void report_trace_json(const struct judgement *judgement, struct buf *out) { (void)judgement; (void)out; }
void report_trace(const struct judgement *judgement, const struct style *style, struct buf *out) { (void)judgement; (void)style; (void)out; }
