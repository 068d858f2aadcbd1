/* session/policy_session.h - the door for Postfix's check_policy_service: each question is a visit of its own, told what the gate says.
 *
 *	smtpd_recipient_restrictions = ..., check_policy_service inet:127.0.0.1:11335
 *
 * Nothing that needs the connection itself can be tested here: no greet delay, no manners, no limits of connections. Where nobody answers
 *in time Postfix decides; where we do not know we say DUNNO, so mail flows. */
#ifndef SESSION_POLICY_SESSION_H
#define SESSION_POLICY_SESSION_H

#include "session/session.h"

extern const struct session_kind policy_session_kind;

#endif
