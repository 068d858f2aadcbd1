/* app/evaluate_text.h - what `postern evaluate` says about a run: a table for people, one JSON object for programs. */
#ifndef APP_EVALUATE_TEXT_H
#define APP_EVALUATE_TEXT_H

#include "app/options.h"
#include "base/buf.h"
#include "learn/evaluation.h"

struct evaluate_report {
	const struct options *options;
	const struct evaluation *evaluation;
	/* of the walk; messages 0 when a run was read */
	uint64_t messages, failures, microseconds;
	size_t peak_bytes, model_bytes;
};

void evaluate_text(const struct evaluate_report *report, struct buf *out);
void evaluate_json(const struct evaluate_report *report, struct buf *out);

#endif
