/* message/path_judge.h - is a Received line believable, and where did the message begin?
 *
 * Part of path.c: called once, after hops are gathered and trust is walked. */
#ifndef MESSAGE_PATH_JUDGE_H
#define MESSAGE_PATH_JUDGE_H

#include "message/path.h"

/* Do two host names belong to one operator? Registrable domains, and the several that one large provider uses for its servers. */
bool path_same_operator(struct span host_a, struct span host_b);
/* Gives reasons to every hop, FALSE to those that contradict themselves or what is proven, and names path->origin. */
void path_judge(const struct message *message, const struct content *content, struct path *path);

#endif
