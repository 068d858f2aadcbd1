/* message/header.h - the fields of a header section, exactly as they stand (RFC 5322 2.2, 3.6).
 *
 * Promises: zero-copy; every byte of the section belongs to one field or to one recorded anomaly; LF, CRLF and
 * mixed line ends are read alike; a field's raw range includes its name, folds and last line end (DKIM needs them).
 * Does not: decode anything; header_unfolded and header_text do that on demand.
 * Owner: spans borrow the message bytes; unfolded and decoded text lives in the arena. */
#ifndef MESSAGE_HEADER_H
#define MESSAGE_HEADER_H

#include "message/anomaly.h"

/* Fields that the rest of the program asks for by number. */
enum header_id {
#define HEADER(symbol, name, flags) HEADER_##symbol,
#include "message/headers.def"
#undef HEADER
	HEADER_IDS,
	HEADER_OTHER = HEADER_IDS
};

enum { HEADER_ONCE = 1 }; /* may occur once only (RFC 5322 3.6) */

struct header {
	struct span name;  /* as written, without the colon and blanks before it */
	struct span value; /* after the colon, folds included, without the last line end */
	struct span raw;   /* the whole field, last line end included */
	uint16_t id;       /* enum header_id; HEADER_OTHER when not in the table */
	bool has_fold;
	uint32_t next_same; /* index of the next field with the same id, or HEADER_NONE */
};

#define HEADER_NONE UINT32_MAX

struct headers {
	VEC(struct header) list;                              /* in the order of the message, top first */
	uint32_t first[HEADER_IDS + 1], last[HEADER_IDS + 1]; /* indexes into list, or HEADER_NONE */
};

/* Reads fields from the start of bytes up to and including the first empty line. *ret_consumed is where the body begins.
 * message is the whole message, so that places can be computed; total counts fields over all parts of the message. */
void headers_parse(struct span message, struct span bytes, struct arena *arena, struct anomalies *anomalies, uint32_t *total,
		   struct headers *ret_headers, size_t *ret_consumed);

/* The first field with that id, or NULL; and the next one with the same id. */
static inline const struct header *header_first(const struct headers *headers, enum header_id id)
{
	return headers->first[id] == HEADER_NONE ? NULL : &headers->list.v[headers->first[id]];
}
static inline const struct header *header_next(const struct headers *headers, const struct header *header)
{
	return header->next_same == HEADER_NONE ? NULL : &headers->list.v[header->next_same];
}
/* The first field of any name, case-insensitive; NULL when absent. */
const struct header *header_named(const struct headers *headers, struct span name);

/* The value without folds (RFC 5322 2.2.3: CRLF before blanks vanishes), trimmed, at most LIMIT_HEADER_VALUE bytes.
 * Zero-copy when the field is one line. */
struct span header_unfolded(const struct header *header, struct arena *arena);
/* The value as a person sees it: unfolded, encoded words decoded, raw 8-bit taken as UTF-8 or else Windows-1252; UTF-8. */
struct span header_text(const struct header *header, struct arena *arena);
/* The place of a field (its whole line or lines). */
struct place header_place(struct span message, const struct header *header);
/* "Message-ID": the canonical spelling of a known field. */
const char *header_id_name(enum header_id id);

#endif
