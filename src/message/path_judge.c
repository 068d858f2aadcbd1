/* message/path_judge.c - see path_judge.h */
#include "message/path_judge.h"

void path_judge(const struct message *message, const struct content *content, struct path *path)
{
	(void)content;
	for (uint32_t i = 0; i < path->hops.n; i++) {
		struct hop *hop = &path->hops.v[i];
		*(uint8_t *)vec_push(message->arena, &hop->reasons) = hop->verdict == HOP_TRUE ? HOP_REASON_WRITTEN_BY_US : HOP_REASON_BELOW_BOUNDARY;
	}
	if (path->boundary < path->hops.n) {
		const struct hop *hop = &path->hops.v[path->boundary];
		path->origin = (struct origin){ .has_ip = true, .ip = hop->received.ip, .hop = hop->n, .confidence = 500, .role = ORIGIN_UNKNOWN };
	}
}
