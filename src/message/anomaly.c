/* message/anomaly.c - see anomaly.h */
#include "message/anomaly.h"
#include "base/limits.h"

static const struct {
	const char *id, *says;
} kinds[] = {
#define ANOMALY(symbol, id, says) { id, says },
#include "message/anomalies.def"
#undef ANOMALY
};

void anomaly_add(struct anomalies *anomalies, struct arena *arena, enum anomaly_kind kind, struct place at)
{
	if (++anomalies->count[kind] > LIMIT_ANOMALIES_SAME || anomalies->list.n >= LIMIT_ANOMALIES)
		return;
	struct anomaly *anomaly = vec_push(arena, &anomalies->list);
	anomaly->kind = kind;
	anomaly->at = at;
}

const char *anomaly_id(enum anomaly_kind kind) { return kinds[kind].id; }
const char *anomaly_says(enum anomaly_kind kind) { return kinds[kind].says; }
