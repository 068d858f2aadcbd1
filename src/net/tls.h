/* net/tls.h - what is needed to speak TLS: certificates and keys, read from their text, for nobody who speaks TLS may open files. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/arena.h"
#include "base/err.h"

struct ssl_ctx_st;

/* Before a sandbox closes: what the library reads of the system, it reads now. */
void tls_prepare(void);
/* certificate: PEM, those of the authorities behind the first. ERR_SYNTAX: *ret_error says what is wrong. TLS 1.2 at least. */
int tls_server_new(struct span certificate, struct span key, struct arena *arena, struct ssl_ctx_st **ret_tls, struct span *ret_error);
/* For a client. authorities: PEM, whose word on the other side is believed, or its own; empty: it is not looked at. ERR_SYNTAX likewise. */
int tls_client_new(struct span authorities, struct arena *arena, struct ssl_ctx_st **ret_tls, struct span *ret_error);
void tls_free(struct ssl_ctx_st *tls); /* NULL allowed */

#endif
