/* session/policy_engine.h - Postfix's policy delegation protocol (SMTPD_POLICY_README): one question a recipient, as lines of name=value up
 * to an empty one.
 *
 * Pure: it takes bytes and tells what it read; the answer is policy_answer. Unknown names are passed over, as the protocol wants it; a line
 * without "=" or a question that is too long is BAD.
 * Promises: one byte at a time gives the same as all at once; what is told lives until the next question begins. */
#ifndef SESSION_POLICY_ENGINE_H
#define SESSION_POLICY_ENGINE_H

#include "base/buf.h"
#include "gate/visit.h"

enum { POLICY_BYTES = 8192 }; /* of one question; Postfix's hold some 700 */

enum policy_state { POLICY_CONNECT, POLICY_HELO, POLICY_MAIL, POLICY_RCPT, POLICY_DATA, POLICY_OTHER };

struct policy_question {
	enum policy_state state; /* protocol_state */
	struct span address, port, own, helo, protocol, sender, recipient, user, tls_protocol, tls_cipher;
};

/* The next question of the bytes: its length with the empty line, 0: not whole yet, ERR_SYNTAX, ERR_LIMIT. Borrows the bytes. */
int policy_question_read(struct span bytes, struct policy_question *ret_question);
/* "action=DUNNO", "action=450 4.7.1 text", each with the empty line. A client that would be closed on is put off: the connection is
 * Postfix's (421 has it hang up). */
void policy_answer(const struct gate_reply *reply, struct buf *out);

#endif
