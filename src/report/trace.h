/* report/trace.h - the way a message came, hop by hop: as a table for people and as JSON for programs. */
#ifndef REPORT_TRACE_H
#define REPORT_TRACE_H

#include "report/judgement.h"
#include "report/style.h"

void report_trace_json(const struct judgement *judgement, struct buf *out);
void report_trace(const struct judgement *judgement, const struct style *style, struct buf *out);

#endif
