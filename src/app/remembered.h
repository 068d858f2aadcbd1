/* app/remembered.h - what a judged message is to count for in the hot state (state/tuples.h): who brought it, who vouched for it, to whom
 * one's own users write.
 *
 * Only what is proven is counted: the client's address, and names that authentication stands behind; a forger cannot lend himself a good
 * name, nor spoil somebody else's. */
#ifndef APP_REMEMBERED_H
#define APP_REMEMBERED_H

#include "app/pipeline.h"
#include "base/cursor.h"
#include "state/tuples.h"

struct remembered {
	enum tuple_kind kind;
	struct span key;
};
struct remembered_list {
	VEC(struct remembered) list;
	uint64_t by[TUPLE_COUNTERS]; /* is added to each; correspondents count one message whatever it says */
};

/* The key of TUPLE_SERVER on its way: address, own user, outside address. The worker cannot know whether they write to each other; the
 * keeper looks, and counts the address where they do. */
struct span remembered_server(struct span key, struct span *ret_correspondents);

/* Borrows the judgement; keys live in the arena. */
void remembered_of(const struct judgement *judgement, const struct pipeline *pipeline, struct arena *arena,
		   struct remembered_list *ret_list);
void remembered_put(const struct remembered_list *list, struct buf *out);
/* ERR_SYNTAX, through the cursor's overrun as well. */
int remembered_take(struct cursor *cursor, struct arena *arena, struct remembered_list *ret_list);

#endif
