/* message/anomaly.h - what is odd about the form of a message, and where.
 *
 * Parsers record anomalies; the check `structure` weighs them. An anomaly is a fact, not an accusation: honest
 * software produces many of them. All kinds stand in anomalies.def. */
#ifndef MESSAGE_ANOMALY_H
#define MESSAGE_ANOMALY_H

#include "base/place.h"
#include "base/vec.h"

enum anomaly_kind {
#define ANOMALY(symbol, id, says) ANOMALY_##symbol,
#include "message/anomalies.def"
#undef ANOMALY
	ANOMALY_KINDS
};

struct anomaly {
	enum anomaly_kind kind;
	struct place at;
};

struct anomalies {
	VEC(struct anomaly) list;
	uint32_t count[ANOMALY_KINDS]; /* all that were seen; the list keeps LIMIT_ANOMALIES_SAME of a kind */
};

/* Records one; beyond the limits only the count grows. */
void anomaly_add(struct anomalies *anomalies, struct arena *arena, enum anomaly_kind kind, struct place at);
const char *anomaly_id(enum anomaly_kind kind);   /* "mime.boundary_missing" */
const char *anomaly_says(enum anomaly_kind kind); /* one sentence for people */

#endif
