/* message/transfer.h - base64, quoted-printable and uuencode as hostile senders write them (RFC 2045 6.7, 6.8).
 *
 * Promises: nothing that some mail program would see is lost: base64 goes on after padding, junk is skipped (and counted), malformed
 * quoted-printable stays as it is. Linear time; output at most input + 4 bytes. */
#ifndef MESSAGE_TRANSFER_H
#define MESSAGE_TRANSFER_H

#include "base/arena.h"

enum transfer_encoding {
	TRANSFER_IDENTITY, /* 7bit, 8bit, binary, or nothing said */
	TRANSFER_BASE64,
	TRANSFER_QUOTED_PRINTABLE,
	TRANSFER_UUENCODE,
	TRANSFER_GZIP64, /* x-gzip64: base64 of a gzip stream; listed, not unpacked */
	TRANSFER_UNKNOWN,
};

struct transfer_facts {
	uint32_t junk;          /* characters outside the alphabet, line ends and blanks not counted */
	uint32_t after_padding; /* offset in the encoded text where data went on after '=', 0 when it did not */
	uint32_t bad_escapes;   /* quoted-printable: '=' without two hex digits or a line end */
	uint32_t first_bad;     /* offset of the first of any of these */
	uint32_t first_blank;   /* base64: offset of the first blank between two letters or digits, 0 when there is none */
	uint32_t dropped_bits;  /* base64: length is no multiple of four characters */
};

/* All return the decoded bytes in the arena. */
struct span base64_decode(struct span encoded, struct arena *arena, struct transfer_facts *ret_facts);
/* header: RFC 2047 "Q", where '_' is a blank. */
struct span quoted_printable_decode(struct span encoded, bool header, struct arena *arena, struct transfer_facts *ret_facts);
/* One "begin MODE NAME" block that starts at or after from; false when there is none. ret_after is where the text goes on. */
bool uuencode_find(struct span text, size_t from, struct arena *arena, struct span *ret_name, struct span *ret_bytes, size_t *ret_begin,
		   size_t *ret_after, struct transfer_facts *ret_facts);

#endif
