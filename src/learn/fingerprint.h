/* learn/fingerprint.h - one number for one message, however it reached us: by it a message is known that was learned before.
 *
 * Over what the sender sent: a message seen while it arrives, its copy in a Maildir and that in an mbox have the same fingerprint, with
 * whatever settings. So what delivery adds is left out (learn/delivered.h), and Received lines, seals and signatures altogether; names of
 * fields are compared without case, values without surrounding blanks, lines without CR and without the > that mailboxes put before
 * From, the end without empty lines.
 * It tells messages apart, it does not prove anything: who wants to can make two messages with the same one (XXH3, not cryptographic).
 * Promises: pure; linear; the same on every machine. */
#ifndef LEARN_FINGERPRINT_H
#define LEARN_FINGERPRINT_H

#include "message/message.h"

struct fingerprint {
	uint8_t b[16];
};

void fingerprint_take(const struct message *message, struct fingerprint *ret_fingerprint);

#endif
