/* net/socket_address.c - see socket_address.h */
#include "net/socket_address.h"

#include <netinet/in.h>
#include <sys/un.h>

socklen_t socket_address(const struct settings_address *from, struct sockaddr_storage *ret)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(from->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(from->port) };
	memset(ret, 0, sizeof *ret);
	if (from->path.p) {
		if (from->path.n >= sizeof un.sun_path)
			return 0;
		memcpy(un.sun_path, from->path.p, from->path.n);
		memcpy(ret, &un, sizeof un);
		return sizeof un;
	}
	if (ip_is_v4(&from->ip)) {
		v4.sin_addr.s_addr = htonl(ip_v4(&from->ip));
		memcpy(ret, &v4, sizeof v4);
		return sizeof v4;
	}
	memcpy(&v6.sin6_addr, from->ip.b, sizeof from->ip.b);
	memcpy(ret, &v6, sizeof v6);
	return sizeof v6;
}

bool socket_address_ip(const struct sockaddr_storage *from, struct ip *ret_ip, uint16_t *ret_port)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	if (from->ss_family == AF_INET) {
		memcpy(&v4, from, sizeof v4);
		*ret_ip = ip_from_v4(ntohl(v4.sin_addr.s_addr));
		*ret_port = ntohs(v4.sin_port);
		return true;
	}
	if (from->ss_family != AF_INET6)
		return false;
	memcpy(&v6, from, sizeof v6);
	memcpy(ret_ip->b, &v6.sin6_addr, sizeof ret_ip->b);
	*ret_port = ntohs(v6.sin6_port);
	return true;
}
