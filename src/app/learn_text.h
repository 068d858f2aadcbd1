/* app/learn_text.h - what `postern learn` tells: what a run learned or took back, and what was learned so far. As text and as JSON. */
#ifndef APP_LEARN_TEXT_H
#define APP_LEARN_TEXT_H

#include "base/buf.h"
#include "learn/bound.h"
#include "state/weights.h"

struct learn_totals {
	bool forget;                            /* what the run did: took back, or learned */
	uint64_t done[2], known[2], changed[2]; /* by enum weights_label, that of the message now; when forgetting, what it had been */
	uint64_t never, failures;               /* not learned, so that nothing could be taken back; not read */
};

/* A line: "12 learned as spam, 3 known already, 1 could not be read". */
void learn_text_totals(const struct learn_totals *totals, struct buf *out);
void learn_json_totals(const struct learn_totals *totals, struct buf *out);

struct learn_status {
	const char *path;
	bool prior;                    /* the settings want it */
	double reject_loss;            /* the share of good mail that `reject` may lose */
	struct bound bound;            /* what was learned promises of it */
	uint64_t bytes;                /* of the file, without its journal; 0: nothing was learned yet */
	struct weights_status weights; /* all zero, and no times, then */
};

void learn_text_status(const struct learn_status *status, struct buf *out);
void learn_json_status(const struct learn_status *status, struct buf *out);

void learn_text_merged(const struct weights_merged *merged, struct buf *out);
void learn_json_merged(const struct weights_merged *merged, struct buf *out);

#endif
