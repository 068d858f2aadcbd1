/* session/trap_session.h - the false open relay at a door: session/trap_dialogue with a socket, and the time that a real server takes.
 *
 * What is caught is told by handlers->caught. Nothing is delivered: there is no code here that could. STARTTLS is offered where the
 * settings of the doors have a certificate for it. */
#ifndef SESSION_TRAP_SESSION_H
#define SESSION_TRAP_SESSION_H

#include "session/session.h"

extern const struct session_kind trap_session_kind;

#endif
