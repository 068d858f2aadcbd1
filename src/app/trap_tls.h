/* app/trap_tls.h - the certificate of the false open relay: one of its own, or the settings'.
 *
 * Its own is made at the first start and kept as "trap.pem" (certificate and key, mode 0600) in the data folder, so that it stays the same
 * whoever looks again. Never the one of tls_certificate: it would tell whose trap this is. Owner: the trap's process, before its sandbox.
 */
#ifndef APP_TRAP_TLS_H
#define APP_TRAP_TLS_H

#include "base/arena.h"
#include "base/err.h"

struct ssl_ctx_st;

/* Of that name: read from the folder, or made and written there; folder NULL: only made. *ret_error says why there is none (ERR_IO,
 * ERR_SYNTAX), or why it could not be kept (ERR_OK); span_none: all is well. */
int trap_tls_own(const char *folder, struct span name, struct arena *arena, struct ssl_ctx_st **ret_tls, struct span *ret_error);

#endif
