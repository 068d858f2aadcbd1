/* app/mbox.h - splits a mailbox file into its messages (RFC 4155, and what mail programs really write).
 *
 * A message begins at a line "From SENDER DATE" with a date as the C library's asctime writes it, after an empty line or before a header
 * field. The line belongs to the message, the empty line before the next one to the mailbox.
 * Promises: reads in pieces, so a mailbox of any size and a pipe will do; keeps at most LIMIT_MESSAGE_BYTES + 1 bytes of one message, so
 * that a longer one is seen to be too long; linear time; how the bytes come in pieces changes nothing. Owner: the reader's buffer, until
 * mbox_release. */
#ifndef APP_MBOX_H
#define APP_MBOX_H

#include "base/span.h"

#include <sys/types.h>

struct mbox {
	ssize_t (*read)(void *context, void *bytes, size_t n); /* as read(2) */
	void *context;
	uint8_t *buf;
	size_t n, cap;
	size_t at;    /* where the current message begins */
	size_t seen;  /* up to here there is no separator */
	bool end;     /* read said 0 */
	size_t limit; /* LIMIT_MESSAGE_BYTES; tests make it smaller */
};

/* head: bytes that were read already. */
void mbox_init(struct mbox *mbox, struct span head, ssize_t (*read)(void *context, void *bytes, size_t n), void *context);
void mbox_release(struct mbox *mbox);
/* 1 and the next message, good until the next call; 0 at the end; ERR_IO (errno). */
int mbox_next(struct mbox *mbox, struct span *ret_message);
/* Does text begin with a separator line? */
bool mbox_is_separator(struct span text);

#endif
