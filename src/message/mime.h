/* message/mime.h - inside message/: how the tree of parts is grown. Other folders include message/message.h.
 *
 *	message.c    the whole message: mbox line, root, places
 *	mime.c       one entity after another: header, kind, children, other readings of its fields
 *	multipart.c  which boundary a multipart has, in every reading
 *	boundary.c   where the parts between the lines of one boundary begin and end
 *	part.c       what one part's fields say
 *	part_content.c  its content decoded
 *	part_footer.c   plain text behind base64
 *
 * Indexes, not pointers, name parts while the tree grows: the array moves. */
#ifndef MESSAGE_MIME_H
#define MESSAGE_MIME_H

#include "message/message.h"

/* A line that begins with "--": a delimiter of some multipart perhaps. */
struct boundary_line {
	uint32_t at;   /* offset of the first '-' */
	uint32_t head; /* the four bytes after "--" (0 beyond the end): most lines differ here already */
};

/* Bytes in which entities are looked for: the message, or the decoded content of one of its parts. */
struct mime_source {
	struct span bytes;
	VEC(struct boundary_line) lines;    /* found once, by boundary_index */
	VEC(struct boundary_line) cr_lines; /* those behind a bare CR: delimiters for programs that end a line there */
	uint16_t part;                      /* whose decoded content it is; PART_NONE for the message itself */
};

/* Where an entity stands in the tree. */
struct mime_position {
	struct mime_source *source;
	uint16_t parent; /* or PART_NONE */
	uint16_t depth;
	struct span number;
	uint16_t flags;      /* enum part_flags to begin with */
	uint16_t reading_of; /* or PART_NONE */
	bool digest;         /* its default type is message/rfc822 (RFC 2046 5.1.5) */
};

/* Parses bytes (header and body) as one entity and all that is inside, and links it behind its parent's children. */
void mime_entity(struct message *message, struct span bytes, const struct mime_position *position);
/* A new part there, linked; PART_NONE (and an anomaly) when a limit forbids. */
uint16_t mime_add_part(struct message *message, const struct mime_position *position, struct span where);
/* The position of child number n of a part, or of the n-th other reading of it ("1.2~1"). */
struct mime_position mime_child_of(struct message *message, uint16_t parent, unsigned n, struct mime_source *source);
struct mime_position mime_reading_of(struct message *message, uint16_t of, struct mime_source *source);
/* May another reading be followed? Not inside another reading (that would multiply), nor beyond the budget of steps; said when not. */
bool mime_may_reread(struct message *message, uint16_t index);
/* Notes an anomaly over bytes of the message, or of a part's content. */
void mime_note(struct message *message, enum anomaly_kind kind, struct span where);

/* The children of a multipart, in every reading of its boundary. */
void multipart_parse(struct message *message, uint16_t index, struct mime_source *source);

/* Fields of a part; NULL stands for an absent one. */
struct part_fields {
	const struct header *type, *encoding, *disposition;
};
/* Sets kind, encoding, flags, names, charset from the fields. */
void part_read_fields(struct message *message, uint16_t index, const struct part_fields *fields, bool digest);
/* Sets bytes, text, charset_used from raw_body; finds uuencoded files inside text. */
void part_decode(struct message *message, uint16_t index, struct mime_source *source);
/* Where in its raw body plain text begins behind base64 with those facts, SPAN_NPOS when there is none; takes the rubbish that base64 makes
 * of it off the bytes of a text. */
size_t part_footer(struct message *message, uint16_t index, const struct transfer_facts *facts);
/* Only undoes the transfer encoding; false (and an anomaly) when the budget of decoded bytes is spent. */
bool part_undo_transfer(struct message *message, uint16_t index);

void boundary_index(struct message *message, struct mime_source *source);

/* What lies between delimiter lines. */
struct boundary_piece {
	struct span bytes;
	bool after_close; /* behind a closing delimiter, with more delimiters to come */
};
enum boundary_match {
	BOUNDARY_EXACT,  /* nothing but blanks may follow the boundary in its line, as most programs have it */
	BOUNDARY_PREFIX, /* anything may (RFC 2046 5.1.1: it is sufficient that the boundary appear in its entirety following the line end)
			  */
};
struct boundary_split {
	VEC(struct boundary_piece) pieces;
	struct span first; /* the first delimiter line, span_none when there is none */
	bool terminated;   /* a closing delimiter was seen */
	bool again;        /* delimiters follow the closing one */
	struct span like;  /* first line that begins with the boundary and goes on otherwise, or span_none */
};
/* Splits body (which lies in source) at the delimiter lines of boundary; false when there is none. */
bool boundary_split_body(struct message *message, const struct mime_source *source, struct span body, struct span boundary,
			 enum boundary_match match, struct boundary_split *ret_split);
/* The text of the first line of body that begins with "--" and is no closing delimiter, without the dashes: what programs that find no
 * boundary parameter take for one. span_none when there is none. */
struct span boundary_guess(const struct mime_source *source, struct span body);

#endif
