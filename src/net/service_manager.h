/* net/service_manager.h - tells systemd how the service is (sd_notify(3)): one datagram to the socket that NOTIFY_SOCKET names. */
#ifndef NET_SERVICE_MANAGER_H
#define NET_SERVICE_MANAGER_H

/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=words", lines of them. Does nothing where no manager listens. */
void service_manager_notify(const char *state);

#endif
