/* session/http_session.h - a connection of the HTTP door: rspamd's protocol for its clients, and postern's own under /api/.
 *
 * Who begins with a command of spamc is handed to the spamd session: rspamd's port is both, and Exim's variant=rspamd relies on it.
 * Judging is open to whoever reaches the socket. Learning, history, the reasons of kept decisions and figures need, on an untrusted socket,
 * the password of the settings ("Password: ..." as rspamc sends it, or "Authorization: Bearer ..." as Prometheus does).
 * Limits: bytes of the head (431) and of the body (413), the time for a request to arrive whole, the time between two requests. A body goes
 * into a spool as it comes. Owner: the doors. */
#ifndef SESSION_HTTP_SESSION_H
#define SESSION_HTTP_SESSION_H

#include "session/session.h"

extern const struct session_kind http_session_kind;

#endif
