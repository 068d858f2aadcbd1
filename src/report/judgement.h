/* report/judgement.h - one judged message with everything the decision rested on: what all reports read.
 *
 * Owner: whoever ran the pipeline; everything borrows the message's arena and dies with it. */
#ifndef REPORT_JUDGEMENT_H
#define REPORT_JUDGEMENT_H

#include "message/content.h"
#include "message/path.h"
#include "verdict/verdict.h"

struct judgement {
	struct span file;  /* as the user named it; bytes, not necessarily UTF-8 */
	uint32_t n;        /* number of the message in an mbox, from 1; 0 when the file is one message */
	const char *label; /* "ham" or "spam" as an index says; NULL when nobody said */
	const struct message *message;
	const struct content *content;
	const struct path *path;
	struct evidence_set evidence;
	struct verdict verdict;
	struct span origin_network;      /* who runs the origin's address today, as facts/network.h writes it; span_none: not known */
	VEC(struct span) correspondents; /* of outgoing mail: to whom it goes, the envelope's recipients, or else those of To and Cc */
	int64_t reference_time;
	uint64_t microseconds;
};

#endif
