/* session/smtp_session.h - the door for SMTP and LMTP: a proxy between a client and a mail server, which asks before each step and judges
 * before the last.
 *
 * What the client is told is true at once: a recipient is accepted when the mail server behind us (the next hop) has accepted it, a message
 * when the next hop has taken it. Nothing is queued here; so whatever dies in between, the client still has its message and comes again.
 * Clients: settings (session_smtp) name who may speak the PROXY protocol, XCLIENT and XFORWARD to us. */
#ifndef SESSION_SMTP_SESSION_H
#define SESSION_SMTP_SESSION_H

#include "session/session.h"

extern const struct session_kind smtp_session_kind, lmtp_session_kind;

#endif
