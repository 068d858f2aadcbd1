/* auth/tag_list.h - "tag=value; tag=value", as DKIM signatures and keys, ARC sets and DMARC records are written (RFC 6376 3.2).
 *
 * Zero-copy; at most LIMIT_TAGS tags; a tag that comes twice, or a list that is not of that form, is refused. */
#ifndef AUTH_TAG_LIST_H
#define AUTH_TAG_LIST_H

#include "base/vec.h"

struct tag {
	struct span name;  /* case as written: tags are case-sensitive */
	struct span value; /* trimmed; folds and blanks inside are still there */
};

struct tag_list {
	VEC(struct tag) list; /* in the order written */
};

/* 0, ERR_SYNTAX or ERR_LIMIT. */
int tag_list_parse(struct span text, struct arena *arena, struct tag_list *ret_tags);
/* The value, or span_none when there is no such tag. */
struct span tag_list_find(const struct tag_list *tags, const char *name);
/* The value without any white space: base64, numbers, names. */
struct span tag_list_compact(const struct tag_list *tags, const char *name, struct arena *arena);

#endif
