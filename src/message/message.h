/* message/message.h - one message as every mail program would show it (RFC 5322, 2045-2049, 2231, 2047, 6532).
 *
 * message_parse reads the bytes once: header, tree of parts, decoded content, text in UTF-8. The raw bytes stay untouched and
 * every raw range exact. Where programs disagree about what a message contains, each reading that some program shows becomes
 * a part of its own (PART_ALTERNATE), so that whatever a person may see is judged, and the disagreement is an anomaly.
 * Another reading of a part is the last child of that part (PART_ALTERNATE, reading_of); what stands inside it has the flag too. So a leaf
 * may have children: other readings, and files found inside its text (PART_UUENCODED). Promises: never fails: anything is a message, if
 * only a body of unknown form. Linear cost, one arena. Owner: spans borrow raw or live in the arena; both must outlive the struct. */
#ifndef MESSAGE_MESSAGE_H
#define MESSAGE_MESSAGE_H

#include "message/header.h"
#include "message/parameter.h"
#include "message/transfer.h"

#define PART_NONE UINT16_MAX

enum part_kind {
	PART_TEXT,      /* text/plain and text/anything but HTML: shown as it is */
	PART_HTML,      /* text/html, application/xhtml+xml */
	PART_MULTIPART, /* has children, no content of its own */
	PART_MESSAGE,   /* message/rfc822, message/global: one child, whose headers are that message's */
	PART_OTHER,     /* everything else */
};

enum part_flags {
	PART_ATTACHMENT = 1 << 0, /* Content-Disposition: attachment, or a type no program shows in line */
	PART_INLINE = 1 << 1,     /* Content-Disposition: inline */
	PART_ALTERNATE = 1 << 2,  /* another reading of bytes that an earlier part (reading_of) covers */
	PART_UUENCODED = 1 << 3,  /* found inside a text part (reading_of) */
	PART_PARTIAL = 1 << 5,    /* message/partial */
	PART_CUT = 1 << 6,        /* a limit ended it early */
};

struct part_name {
	struct span text; /* UTF-8, as shown */
	enum parameter_reading reading;
	bool from_disposition; /* filename= of Content-Disposition, else name= of Content-Type (or uuencode's begin line) */
	struct place at;
};

struct part {
	uint16_t index, parent, first_child, last_child, next_sibling, reading_of; /* indexes into message.parts, or PART_NONE */
	uint16_t depth;
	uint16_t flags;     /* enum part_flags */
	uint8_t kind;       /* enum part_kind */
	uint8_t encoding;   /* enum transfer_encoding */
	struct span number; /* "1.2"; the root is "1" when it is a leaf, "0" when it has children; an embedded message counts as IMAP does;
			       "1.2~1" is another reading of "1.2" */
	struct headers headers;
	struct field_value type, disposition; /* parsed Content-Type ("text/plain" when absent) and Content-Disposition */
	struct span charset;                  /* the label, or span_none */
	struct span boundary;                 /* the reading that was used, or span_none */
	VEC(struct part_name) names;          /* every name in every reading, most shown first; none twice */
	struct span raw_header, raw_body;     /* exact, in the message (in cr_lines for what only that reading shows) */
	struct span bytes;                    /* after transfer decoding; same as raw_body when nothing was encoded */
	struct span text;                     /* PART_TEXT and PART_HTML: bytes in UTF-8 (HTML source for PART_HTML); else span_none */
	struct span charset_used;
};

struct message {
	struct span raw;           /* everything, the mbox line included */
	struct span envelope_line; /* "From someone Thu Jan  1 ..." of an mbox, without its line end, or span_none */
	VEC(struct part) parts;    /* [0] is the root: its headers are the message's */
	struct anomalies anomalies;
	uint32_t header_count; /* of all parts */
	size_t decoded_bytes;  /* of all parts and readings, after transfer decoding: held under LIMIT_DECODED_BYTES */
	uint64_t steps;        /* bytes and lines looked at to find the parts: tests hold it linear */
	uint64_t reread_steps; /* those of other readings; beyond a multiple of the size no more are followed */
	unsigned readings;     /* other readings so far */
	struct span
	    cr_lines; /* raw with every bare CR made a line end, where that is another reading; same offsets as raw. Else span_none */
	struct arena *arena;
};

/* raw: LF, CRLF or mixed line ends, NUL bytes and all, at most LIMIT_MESSAGE_BYTES (the rest is cut and recorded). */
void message_parse(struct span raw, struct arena *arena, struct message *ret_message);

static inline const struct part *message_root(const struct message *message) { return &message->parts.v[0]; }
static inline const struct headers *message_headers(const struct message *message) { return &message->parts.v[0].headers; }
/* The value of the message's own first field of that id: unfolded, or as text; span_none when absent. */
struct span message_field(const struct message *message, enum header_id id);
struct span message_field_text(const struct message *message, enum header_id id);
/* A place covering inner, which must lie in the raw bytes. */
struct place message_place(const struct message *message, struct span inner);
/* True when the part's media type is type ("application/zip"), case ignored. */
bool part_is(const struct part *part, const char *type);
/* The name most clients show, or span_none. */
static inline struct span part_name_shown(const struct part *part) { return part->names.n ? part->names.v[0].text : span_none; }

#endif
