/* net/tls_certificate.h - a certificate that a server signs itself, as mail servers have that nobody bought one for.
 *
 * Promises: an RSA key of 2048 bits; the name as common name and as DNS name; good from the day before for ten years: what Debian's
 * ssl-cert makes, which is why it tells nothing of us. Pure but for chance. */
#ifndef NET_TLS_CERTIFICATE_H
#define NET_TLS_CERTIFICATE_H

#include "base/arena.h"
#include "base/err.h"

/* Both in PEM. now: seconds since 1970. ERR_IO: there is no chance to be had. */
int tls_certificate_make(struct span name, int64_t now, struct arena *arena, struct span *ret_certificate, struct span *ret_key);
/* Is it one of that name, good at that time? */
bool tls_certificate_serves(struct span certificate, struct span name, int64_t now);

#endif
