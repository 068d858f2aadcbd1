/* app/front.h - the process that talks to the world: doors and DNS; it reads protocols, never mail.
 *
 * Messages go to workers (app/pool.h), what is to be remembered to the keeper (app/keeping.h). It opens no files. */
#ifndef APP_FRONT_H
#define APP_FRONT_H

/* fd: the channel to master, on which the settings come first. The exit status of the process. */
int front_main(int fd);

#endif
