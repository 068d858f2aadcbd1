/* session/smtp_content.h - the bytes of a message behind DATA or in chunks: where they end, and whether another server would see another
 * end.
 *
 * A message ends with CR LF . CR LF and with nothing else (RFC 5321 section 4.1.1.4). Servers that also take LF . LF and its kin let one
 * client's bytes be several messages for the next server ("SMTP smuggling", 2023), so such bytes are told and never silently passed on.
 * Promises: pure; linear; the same text and faults however the bytes are cut. Owner: the text borrows the bytes given. */
#ifndef SESSION_SMTP_CONTENT_H
#define SESSION_SMTP_CONTENT_H

#include "base/span.h"

enum smtp_fault {
	SMTP_BARE_LF = 1 << 0,
	SMTP_BARE_CR = 1 << 1,
	SMTP_NUL_DOT = 1 << 2, /* a line of NULs and dots: its end for a server that throws NULs away */
};

struct smtp_content {
	bool middle;     /* of a line; false: CR LF or nothing stands before */
	bool cr;         /* the last byte was CR */
	uint8_t shape;   /* of the line so far, for SMTP_NUL_DOT */
	uint32_t faults; /* of all of the message so far */
};

enum smtp_content_step { SMTP_CONTENT_MORE, SMTP_CONTENT_TEXT, SMTP_CONTENT_END };

void smtp_content_init(struct smtp_content *content);
/* Behind DATA: *ret_text has the doubled dots single, its lines end as they came; the last line end is part of it. MORE: up to two bytes
 * wait for others. */
enum smtp_content_step smtp_content_step(struct smtp_content *content, struct span in, size_t *ret_used, struct span *ret_text);
/* A piece of a chunk, which has no end of its own. */
void smtp_content_chunk(struct smtp_content *content, struct span piece);
/* The last chunk is over: a CR without LF may stand at its end. */
void smtp_content_chunks_end(struct smtp_content *content);

#endif
