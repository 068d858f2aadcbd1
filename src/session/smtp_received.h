/* session/smtp_received.h - the trace line of a message that came by SMTP (RFC 5321 section 4.4). Pure. */
#ifndef SESSION_SMTP_RECEIVED_H
#define SESSION_SMTP_RECEIVED_H

#include "base/buf.h"
#include "base/ip.h"

struct smtp_received {
	struct span helo; /* as the client said it: what a trace line could not hold is left out */
	bool has_ip;
	struct ip ip;
	struct span host; /* ours */
	bool lmtp, esmtp, tls, authenticated;
	int64_t time; /* seconds since 1970 */
};

/* Folded, its CRLF included. */
void smtp_received_put(const struct smtp_received *received, struct buf *out);
/* "Sun, 22 Nov 2026 09:25:00 +0000" (RFC 5322 section 3.3). */
void smtp_received_date(int64_t time, struct buf *out);

#endif
