/* session/proxy_protocol.h - the line or header by which a load balancer says for whom it connects (HAProxy's PROXY protocol, version 1 and
 * 2).
 *
 * Promises: pure; never takes a byte of what follows; bounded. Whether to believe it is the caller's question. */
#ifndef SESSION_PROXY_PROTOCOL_H
#define SESSION_PROXY_PROTOCOL_H

#include "base/ip.h"

enum { PROXY_PROTOCOL_MAX = 16 + 65535 };

enum proxy_protocol_step { PROXY_PROTOCOL_MORE, PROXY_PROTOCOL_READ, PROXY_PROTOCOL_BAD };

struct proxy_protocol {
	bool has_ip; /* false: the balancer speaks for itself (LOCAL, UNKNOWN), or for something that is not the internet */
	struct ip ip;
	uint16_t port;
};

enum proxy_protocol_step proxy_protocol_read(struct span in, size_t *ret_used, struct proxy_protocol *ret_client);

#endif
