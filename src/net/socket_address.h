/* net/socket_address.h - an address of the settings as the kernel takes it. */
#ifndef NET_SOCKET_ADDRESS_H
#define NET_SOCKET_ADDRESS_H

#include "config/settings.h"

#include <sys/socket.h>

/* How long it is; 0: the path is longer than a socket's may be. */
socklen_t socket_address(const struct settings_address *from, struct sockaddr_storage *ret_address);
/* The other way, of an address of the internet; false: it is of another family. */
bool socket_address_ip(const struct sockaddr_storage *from, struct ip *ret_ip, uint16_t *ret_port);

#endif
