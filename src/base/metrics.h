/* base/metrics.h - what the service counts: the table in metrics.def, told as Prometheus reads it and as JSON.
 *
 *	metrics_add(&metrics, METRIC_MESSAGES, 1, (struct metrics_at){ DOOR_MILTER, VERDICT_REJECT, DISPOSITION_REJECT });
 *	metrics_add(&metrics, METRIC_CASES_DROPPED, 1, METRICS_PLAIN);
 *	metrics_observe(&metrics, METRIC_JUDGE_SECONDS, microseconds, METRICS_PLAIN);
 *
 * Promises: no allocation but at the beginning; a place that the labels do not have counts nowhere.
 * Owner: the arena given to metrics_init. One thread. */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include "base/buf.h"

enum metric {
#define LABELS(symbol, name, values)
#define METRIC(symbol, name, type, help, a, b, c) METRIC_##symbol,
#include "base/metrics.def"
#undef METRIC
#undef LABELS
	METRICS
};

struct metrics_at {
	unsigned a, b, c; /* of each label, in the order of the table */
};
#define METRICS_PLAIN ((struct metrics_at){ 0, 0, 0 })

struct metrics {
	uint64_t *cells;
	size_t n;
};

void metrics_init(struct metrics *metrics, struct arena *arena);
void metrics_add(struct metrics *metrics, enum metric counter, uint64_t n, struct metrics_at at);
void metrics_set(struct metrics *metrics, enum metric gauge, uint64_t value, struct metrics_at at);
void metrics_observe(struct metrics *metrics, enum metric histogram, uint64_t microseconds, struct metrics_at at);
/* Of a histogram: how many were observed. */
uint64_t metrics_get(const struct metrics *metrics, enum metric metric, struct metrics_at at);
/* Prometheus' text format, version 0.0.4. */
void metrics_put_text(const struct metrics *metrics, struct buf *out);
/* {"postern_messages_total":[{"door":"milter",...,"value":3}],...} */
void metrics_put_json(const struct metrics *metrics, struct buf *out);

#endif
