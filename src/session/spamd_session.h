/* session/spamd_session.h - one request of spamc, or of Exim: a message in, a verdict, a report or the marked message out; or a lesson.
 *
 * TELL changes what is learned, and the protocol has no password: it is heard on a trusted socket only. What cannot be judged is answered
 * with a temporary failure (75), and spamc does what its own options say: by default it passes the message on unchanged.
 * Owner: the doors. */
#ifndef SESSION_SPAMD_SESSION_H
#define SESSION_SPAMD_SESSION_H

#include "session/session.h"

extern const struct session_kind spamd_session_kind;

#endif
