/* app/trap_role.h - the process that is the false open relay: its listeners, and a channel to the keeper to which it tells what it caught.
 *
 * It can let clients in and answer them; it has no way to make a socket, connect to anybody or open a file (SANDBOX_ACCEPT). */
#ifndef APP_TRAP_ROLE_H
#define APP_TRAP_ROLE_H

/* fd: the channel to master, on which the settings come first. The exit status of the process. */
int trap_main(int fd);

#endif
