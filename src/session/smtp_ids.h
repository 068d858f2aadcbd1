/* session/smtp_ids.h - names of messages in the form that a server gives them, for a trap that has no queue.
 *
 * Promises: pure; what a real name holds of time, process and file is there, so that two taken one after the other look like it. */
#ifndef SESSION_SMTP_IDS_H
#define SESSION_SMTP_IDS_H

#include "base/buf.h"

struct smtp_id_seed {
	uint64_t now;                 /* microseconds since 1970 */
	uint64_t chance;              /* of the conversation */
	uint32_t n;                   /* of the message in it */
	uint64_t bytes;               /* of the message */
	struct span host, message_id; /* with its brackets; may be empty */
};

typedef void smtp_id_put(const struct smtp_id_seed *seed, struct buf *out);

void smtp_id_postfix(const struct smtp_id_seed *seed, struct buf *out);  /* "4B2A71C0A3": microseconds and the queue file's number */
void smtp_id_exim(const struct smtp_id_seed *seed, struct buf *out);     /* "1xV69V-0006Aj-1N": second, process, fraction of a second */
void smtp_id_exchange(const struct smtp_id_seed *seed, struct buf *out); /* "<c89b...@mx> [InternalId=51110, Hostname=mx] 1464 bytes in
									  * 0.225, 6.333 KB/sec" */

#endif
