/* net/tls.h - what a server needs to speak TLS: its certificate and key, read from their text, for nobody who speaks TLS may open files. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/arena.h"
#include "base/err.h"

struct ssl_ctx_st;

/* Before a sandbox closes: what the library reads of the system, it reads now. */
void tls_prepare(void);
/* certificate: PEM, those of the authorities behind the first. ERR_SYNTAX: *ret_error says what is wrong. TLS 1.2 at least. */
int tls_server_new(struct span certificate, struct span key, struct arena *arena, struct ssl_ctx_st **ret_tls, struct span *ret_error);
void tls_server_free(struct ssl_ctx_st *tls); /* NULL allowed */

#endif
