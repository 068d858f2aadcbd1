/* net/service_manager.c - see service_manager.h */
#include "net/service_manager.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void service_manager_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char text[512];
	struct timespec now;
	size_t n = path ? strlen(path) : 0;
	if (n < 2 || n >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(address.sun_path, path, n);
	if (path[0] == '@') /* of the abstract kind */
		address.sun_path[0] = '\0';
	clock_gettime(CLOCK_MONOTONIC, &now);
	/* a reload must say when it began (Type=notify-reload) */
	int length = snprintf(text, sizeof text, "%s\nMONOTONIC_USEC=%" PRIu64, state,
			      (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (length > 0)
		sendto(fd, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1, MSG_NOSIGNAL, (struct sockaddr *)&address,
		       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	close(fd);
}
