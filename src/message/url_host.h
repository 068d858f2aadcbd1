/* message/url_host.h - the host of a URL (WHATWG URL 3.5, host parsing and serialising).
 *
 * Promises: pure, linear, the same failures and the same serialised host as the standard.
 * Does not: look anything up, or find the host inside a URL (message/url.c does). */
#ifndef MESSAGE_URL_HOST_H
#define MESSAGE_URL_HOST_H

#include "base/buf.h"
#include "message/url.h"

struct url_host_facts {
	enum url_host kind;
	struct ip ip;   /* URL_HOST_IPV4, URL_HOST_IPV6 */
	uint32_t flags; /* enum url_flags */
};

/* Parses text as the host of a special (http, https, ftp, ws, wss, file) or other URL and appends it, serialised, to out.
 * 0 or ERR_SYNTAX; what stands in out after a failure means nothing. */
int url_host_parse(struct span text, bool special, struct buf *out, struct url_host_facts *ret_facts);

#endif
