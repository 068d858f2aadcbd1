/* session/envelope.h - the client and the envelope of a message, as header lines of a request tell them (rspamd's names, in HTTP and
 * RSPAMC).
 *
 * IP, Helo, Hostname, From, Rcpt (once for each recipient), Deliver-To, User (who is authenticated), Queue-Id. Bytes that make no sense are
 * as if they had not been said. Owner: the arena. */
#ifndef SESSION_ENVELOPE_H
#define SESSION_ENVELOPE_H

#include "session/handlers.h"

struct envelope {
	struct connection connection; /* recipients: after envelope_finish */
	VEC(struct span) recipients;
	struct span deliver_to, queue_id;
};

void envelope_note(struct envelope *envelope, struct arena *arena, struct span name, struct span value);
void envelope_finish(struct envelope *envelope, struct arena *arena);
/* "<a@example.org>" without its brackets, at most LIMIT_ENVELOPE_ADDRESS bytes, copied; never span_none. */
struct span envelope_address(struct arena *arena, struct span text);
/* A host name, or span_none where "unknown" or an address in brackets stands for it. Not copied. */
struct span envelope_host(struct span text);

#endif
