/* session/milter_session.h - one connection of a mail server that speaks the milter protocol: messages in, judgements out.
 *
 * The message is put together as it is on the wire, byte for byte; the envelope and the client become a struct connection; the judgement is
 * asked for at the end of the message and answered as an outcome. While it is slow the mail server is told that work goes on.
 * What cannot be judged is deferred, or passed with a header that says so, as the settings have it; what is too large is passed.
 * Owner: the doors. */
#ifndef SESSION_MILTER_SESSION_H
#define SESSION_MILTER_SESSION_H

#include "session/session.h"

extern const struct session_kind milter_session_kind;

#endif
