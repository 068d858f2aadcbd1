/* message/mime.h - inside message/: how the tree of parts is grown. Other folders include message/message.h.
 *
 *	message.c  the whole message: mbox line, root, places
 *	mime.c     one entity after another: header, kind, children
 *	boundary.c where the parts of a multipart begin and end
 *	part.c     what one part's fields say, and its content decoded
 *
 * Indexes, not pointers, name parts while the tree grows: the array moves. */
#ifndef MESSAGE_MIME_H
#define MESSAGE_MIME_H

#include "message/message.h"

/* Where an entity stands in the tree. */
struct mime_position {
	uint16_t parent; /* or PART_NONE */
	uint16_t depth;
	struct span number;
	uint16_t flags;      /* enum part_flags to begin with */
	uint16_t reading_of; /* or PART_NONE */
	bool digest;         /* its default type is message/rfc822 (RFC 2046 5.1.5) */
};

/* Parses bytes (header and body) as one entity and all that is inside; returns its index, PART_NONE when a limit forbids. */
uint16_t mime_entity(struct message *message, struct span bytes, const struct mime_position *position);

/* Notes an anomaly over bytes of the message. */
void mime_note(struct message *message, enum anomaly_kind kind, struct span where);

/* Reads Content-Type, -Disposition and -Transfer-Encoding of a part whose headers are parsed: kind, flags, names, encoding, charset. */
void part_read_fields(struct message *message, uint16_t index, bool digest);
/* Decodes the content of a leaf: bytes, text, charset_used. */
void part_decode(struct message *message, uint16_t index);

/* Lines that begin with "--", each a delimiter of some multipart perhaps: found once for the whole message. */
struct boundary_line {
	uint32_t at;   /* offset in the message of the first '-' */
	uint32_t head; /* the four bytes after "--" (0 beyond the end): most lines differ here already */
};
struct boundary_lines {
	VEC(struct boundary_line) list;
};
void boundary_index(struct message *message, struct boundary_lines *ret_lines);

/* One part of a multipart: [from, to) in the body. */
struct boundary_piece {
	struct span bytes;
};
struct boundary_split {
	VEC(struct boundary_piece) pieces;
	struct span preamble, epilogue;
	bool terminated;
};
/* Splits body at the delimiter lines of boundary (exact lines, RFC 2046 5.1.1); false when there is none. */
bool boundary_split_body(struct message *message, const struct boundary_lines *lines, struct span body, struct span boundary,
			 struct boundary_split *ret_split);

#endif
