/* learn/view.h - a message as the model reads it: three texts, each from one side of it.
 *
 *	RAW     the bytes as sent: the beginning of the header, the machine that handed it over, the beginning of the body
 *	TEXT    subject and visible text, decoded, in lower case, what is invisible left out
 *	FIELDS  facts, a line each, "key:value": addresses, header fields, parts, links, attachments, the evidence of the checks (not what
 *others answered that day)
 *
 * What delivery added is in none of them (learn/delivered.h). Base64 and the bytes of attachments are in RAW only as far as its beginning
 * reaches, and never in TEXT.
 * Promises: at most VIEW_RAW_BYTES and so on each, linear cost; every byte knows the place in the message it came from.
 * Owner: the message's arena. */
#ifndef LEARN_VIEW_H
#define LEARN_VIEW_H

#include "base/buf.h"
#include "message/path.h"
#include "verdict/evidence.h"

/* Modern mail carries three thousand bytes in headers alone, so header and body have a share each. What FIELDS and TEXT hold as well need
 * not be read far: 3,000 bytes of each cost half as many features again and ranked no stream better (docs/learning.md). */
enum {
	VIEW_HEADER_BYTES = 1500, /* of RAW */
	VIEW_BODY_BYTES = 500,    /* of RAW */
	VIEW_TEXT_BYTES = 4000,
	VIEW_FIELDS_BYTES = 16384,
	VIEW_LINKS = 50, /* in FIELDS */
};

/* Bytes from at on, up to the next piece, stand at place (from there on, one for one, when exact). */
struct view_piece {
	uint32_t at;
	bool exact;
	struct place place;
};

struct view {
	struct buf text;
	VEC(struct view_piece) pieces;
};

struct views {
	struct view raw, text, fields;
};

struct view_source {
	const struct message *message;
	const struct content *content;
	const struct path *path;
	const struct evidence_set *evidence; /* of the checks; NULL: none */
};

/* raw: whether RAW is wanted; else it is empty. */
void views_build(const struct view_source *source, bool raw, struct arena *arena, struct views *ret_views);
/* The place of bytes [from, to) of a view. */
struct place view_place(const struct view *view, uint32_t from, uint32_t to);

#endif
